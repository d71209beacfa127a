"""Clipboards that cannot be saved, are taken over, or are read by others."""

import pytest

from fake_board import USERS, FakeBoard, plain
from fakes import FakeHost
from insertion.harness import EDITOR, OTHER, Bench
from mica import paths
from mica.bench.paste import MANAGER_PID
from mica.errors import InsertionError
from mica.host.ports import Piece, Snapshot
from mica.insertion.borrowed_clipboard import Borrowed
from mica.insertion.clipboard_guard import TRIES
from mica.insertion.insert_job import FLAT, HELD, Report
from mica.insertion.method import ELSEWHERE, LATE, NOT_TAKEN, UNSURE
from mica.insertion.options import Manner
from mica.insertion.paste import TELL_S, UNREAD_S
from mica.insertion.queue import (
    MAYBE_TAKEN_OVER,
    NOT_LEFT,
    RESTORED,
    TAKEN_OVER,
    TYPED,
    UNSAVED,
    Insertion,
)
from mica.library.store import Status

SAVED_IN_PART = Snapshot(USERS.pieces, ("image/png",))
NOT_SAVED = (Snapshot(left_out=("text/plain",)), SAVED_IN_PART)
NOT_TAKEN_YET = Report(7, Status.WRITTEN, NOT_TAKEN, is_over=False)


class Boarded(Bench):
    """On a clipboard that others read and take over; its window reads nothing yet."""

    def __init__(self, held: Snapshot = USERS) -> None:
        self.fake = FakeHost()
        self.board = FakeBoard(held)
        self.fake.clipboard = self.board  # type: ignore[assignment]
        self.fake.paster.clipboard = self  # type: ignore[assignment]
        self.insertion = Insertion(self.fake.host())
        self.now_s, self.reads = 0.0, 0

    @property
    def published(self) -> list[str]:
        return self.board.published

    def reads_now(self) -> None:
        self.board.read()

    def taken_over(self, text: str) -> None:
        self.board.read(by_stranger=True)
        self.board.hold(plain(text), MANAGER_PID)


@pytest.fixture
def bench() -> Boarded:
    return Boarded()


@pytest.mark.parametrize("held", NOT_SAVED)
def test_a_clipboard_that_cannot_be_saved_has_the_text_typed(held: Snapshot) -> None:
    bench = Boarded(held)
    bench.insert("hello", manner=Manner(submits=True))
    assert bench.run(3.0) == [Report(7, Status.UNKNOWN, UNSURE)]
    assert bench.fake.typist.typed == ["hello"]
    assert bench.fake.paster.submitted == [EDITOR]
    assert (bench.board.held, bench.board.changes) == (held, 0)


@pytest.mark.parametrize("held", NOT_SAVED)
def test_where_it_cannot_be_typed_either_it_is_in_the_history(held: Snapshot) -> None:
    bench = Boarded(held)
    bench.fake.typist.refuses = InsertionError("No keys.")
    bench.insert("hello")
    assert bench.run(3.0) == [Report(7, Status.WRITTEN, f"No keys. {NOT_LEFT}")]
    assert (bench.board.held, bench.board.changes) == (held, 0)


@pytest.mark.parametrize("held", NOT_SAVED)
def test_no_text_is_left_on_a_clipboard_that_cannot_be_saved(held: Snapshot) -> None:
    bench = Boarded(held)
    bench.insert("hello", OTHER)
    bench.fake.paster.is_ready = True
    assert bench.run(3.0) == [Report(7, Status.WRITTEN, f"{ELSEWHERE} {NOT_LEFT}")]
    bench.fake.paster.is_ready = False
    bench.insert("hello")
    assert bench.run(3.0) == [Report(7, Status.WRITTEN, f"{HELD} {NOT_LEFT}")]
    assert (bench.board.held, bench.board.changes) == (held, 0)


def test_what_the_user_does_not_want_back_is_not_saved() -> None:
    bench = Boarded(NOT_SAVED[0])
    bench.insert("hello", manner=Manner(restores=False))
    bench.run(0.02)
    bench.reads_now()
    assert bench.run(1.0) == [Report(7, Status.INSERTED)]
    assert bench.board.held == plain("hello")


def test_what_a_copy_of_the_users_takes_the_place_of_can_be_had_back(
    bench: Boarded,
) -> None:
    bench.insertion.copy("hello", "Copied.")
    [report] = bench.run(0.1)
    assert (report.status, report.message) == (Status.WRITTEN, "Copied.")
    assert bench.board.held == plain("hello")
    bench.insertion.restore_clipboard()
    assert [report.message for report in bench.run(0.1)] == [RESTORED]
    assert bench.board.held == USERS


def test_what_it_cannot_have_back_is_said() -> None:
    bench = Boarded(SAVED_IN_PART)
    bench.insertion.copy("hello", "Copied.")
    assert [report.message for report in bench.run(0.1)] == [f"Copied. {UNSAVED}"]
    assert bench.board.held == plain("hello")
    bench.board.held = NOT_SAVED[0]
    bench.insertion.restore_clipboard()
    assert [report.message for report in bench.run(0.1)] == [f"{RESTORED} {UNSAVED}"]


def test_a_window_that_takes_nothing_is_told_within_two_seconds(
    bench: Boarded,
) -> None:
    bench.insert("hello")
    assert TELL_S < 2.0
    assert bench.run(TELL_S - 0.1) == [] and bench.insertion.working
    assert bench.run(0.2) == [NOT_TAKEN_YET]
    assert bench.insertion.busy and not bench.insertion.working
    assert not bench.insertion.holds(7)  # the user may ask for it again
    assert bench.run(UNREAD_S) == [Report(None, Status.WRITTEN)]
    assert bench.board.held == USERS


def test_a_window_that_takes_it_late_has_it_once_and_that_is_said(
    bench: Boarded,
) -> None:
    bench.insert("hello", manner=Manner(submits=True))
    assert bench.run(5.0) == [NOT_TAKEN_YET]
    bench.reads_now()
    assert bench.run(1.0) == [Report(7, Status.INSERTED, LATE)]
    assert bench.fake.paster.submitted == [EDITOR]
    assert bench.board.held == USERS


def test_who_asks_for_something_else_then_does_not_wait(bench: Boarded) -> None:
    bench.insert("one")
    bench.run(2.0)
    bench.insert("two")
    assert bench.run(0.03) == [Report(None, Status.WRITTEN)]
    assert bench.pasted() == ["one", "two"]
    bench.reads_now()
    assert bench.run(0.5) == [Report(7, Status.INSERTED)]
    assert bench.board.held == USERS


def test_what_is_read_just_then_is_no_longer_given_up(bench: Boarded) -> None:
    bench.insert("one")
    bench.run(2.0)
    bench.reads_now()
    bench.insert("two")
    assert bench.run(0.3) == [Report(7, Status.INSERTED, LATE)]


def test_what_was_read_a_moment_before_is_no_longer_given_up(bench: Boarded) -> None:
    bench.insert("one")
    bench.run(2.0)
    bench.reads_now()
    bench.run(0.01)
    bench.insert("two")
    assert bench.run(0.3) == [Report(7, Status.INSERTED, LATE)]


def test_a_text_that_was_not_taken_can_be_copied_at_once(bench: Boarded) -> None:
    bench.insert("hello")
    bench.run(2.0)
    bench.insertion.copy("hello", "Copied.")
    bench.run(0.1)
    assert bench.board.held == plain("hello")
    bench.run(UNREAD_S)
    assert bench.board.held == plain("hello")
    assert USERS in bench.insertion.set_aside


def test_reads_of_strangers_are_no_receipt(bench: Boarded) -> None:
    bench.insert("hello")
    bench.run(0.1)
    bench.board.read(by_stranger=True)
    doubt = Report(7, Status.UNKNOWN, UNSURE, is_over=False)
    assert bench.run(2.0) == [doubt]
    assert bench.run(UNREAD_S) == [Report(None, Status.UNKNOWN)]


def test_what_is_known_only_later_is_said_again(bench: Boarded) -> None:
    bench.insert("hello")
    assert bench.run(2.0) == [NOT_TAKEN_YET]
    bench.board.read(by_stranger=True)
    assert bench.run(UNREAD_S) == [Report(7, Status.UNKNOWN, UNSURE)]


@pytest.mark.parametrize("held", NOT_SAVED)
def test_line_ends_that_are_lost_are_said(held: Snapshot) -> None:
    bench = Boarded(held)
    bench.insert("one\ntwo")
    assert bench.run(3.0) == [Report(7, Status.UNKNOWN, f"{UNSURE} {FLAT}")]
    assert "".join(bench.fake.typist.typed) == "one two"


def test_where_a_manager_is_quicker_than_the_window_the_next_texts_are_typed(
    bench: Boarded,
) -> None:
    bench.insert("one")
    bench.run(0.01)
    bench.taken_over("one")
    doubt = Report(7, Status.UNKNOWN, UNSURE, is_over=False)
    assert bench.run(2.0) == [doubt]
    for count in range(TYPED):
        bench.insert("two")
        assert bench.run(2.0)[-1] == Report(7, Status.UNKNOWN, UNSURE)
        assert len(bench.fake.typist.typed) == count + 1
        assert bench.board.held == USERS
    bench.insert("three")  # it may be gone
    bench.run(0.1)
    assert bench.board.ours == " three"
    bench.reads_now()
    assert bench.run(1.0)[-1] == Report(7, Status.INSERTED)
    assert len(bench.fake.typist.typed) == TYPED


def test_where_a_manager_puts_back_what_was_there_the_next_text_is_typed(
    bench: Boarded,
) -> None:
    bench.insert("one")
    bench.run(0.01)
    bench.board.hold(USERS)
    assert bench.run(2.0) == [Report(7, Status.UNKNOWN, UNSURE, is_over=False)]
    bench.insert("two")
    bench.run(2.0)
    assert len(bench.fake.typist.typed) == 1
    assert bench.board.held == USERS


def test_a_manager_that_is_late_does_not_cost_the_users_copy(bench: Boarded) -> None:
    bench.insert("one")
    bench.run(0.02)
    bench.reads_now()
    assert bench.run(0.5) == [Report(7, Status.INSERTED)]
    assert bench.insertion.watching and not bench.insertion.busy
    bench.taken_over("one")
    assert bench.run(0.1) == []
    assert bench.board.held == USERS
    bench.run(6.0)
    assert not bench.insertion.watching


@pytest.mark.parametrize("asks", ["another text", "undo"])
def test_what_a_late_manager_did_is_put_right_before_the_next_text(
    bench: Boarded, asks: str
) -> None:
    bench.insert("one")
    bench.run(0.02)
    bench.reads_now()
    bench.run(0.5)
    bench.fake.paster.is_ready = False
    if asks == "undo":
        bench.insertion.take_back()
    else:
        bench.insert("two")
    bench.run(0.1)
    bench.taken_over("one")
    bench.run(0.1)
    assert bench.board.held == USERS
    bench.fake.paster.is_ready = True
    bench.run(0.05)
    bench.reads_now()
    bench.run(6.0)
    assert bench.board.held == USERS


def test_a_manager_that_never_stops_is_said_and_the_copy_can_be_had_back(
    bench: Boarded,
) -> None:
    bench.insert("one")
    bench.run(0.02)
    bench.reads_now()
    bench.run(0.5)
    reports = []
    for _ in range(TRIES + 1):
        bench.taken_over("one")
        reports += bench.run(0.1)
    assert reports == [Report(None, Status.WRITTEN, TAKEN_OVER)]
    assert bench.board.held == plain("one")
    assert bench.insertion.set_aside == (USERS,)


def test_where_nobody_knows_who_put_the_text_there_that_is_said(
    bench: Boarded,
) -> None:
    bench.insert("one")
    bench.run(0.02)
    bench.reads_now()
    bench.run(0.5)
    bench.board.users_copy("one")
    bench.fake.hotkeys.others = 1
    assert bench.run(0.1) == [Report(None, Status.WRITTEN, MAYBE_TAKEN_OVER)]
    bench.insertion.restore_clipboard()
    bench.run(0.1)
    assert bench.board.held == USERS


def test_what_the_user_wants_on_the_clipboard_is_not_taken_for_a_managers(
    bench: Boarded,
) -> None:
    bench.insert("one")
    bench.run(0.02)
    bench.reads_now()
    bench.run(0.5)
    bench.insertion.copy("one", "Copied.")
    bench.run(1.0)
    assert bench.board.held == plain("one")


def test_what_is_borrowed_is_on_disk_for_as_long(bench: Boarded) -> None:
    file = paths.borrowed_file()
    bench.insertion = Insertion(bench.fake.host(), Borrowed(file))
    bench.insert("one")
    bench.run(0.05)
    assert file.exists()
    bench.reads_now()
    bench.run(0.5)
    assert not file.exists()
    bench.insert("two")
    bench.run(0.05)
    bench.board.users_copy("newer")
    bench.run(UNREAD_S)
    assert not file.exists() and bench.board.held == plain("newer")
    bench.insert("three")
    bench.run(0.05)
    assert file.exists()
    bench.insertion.abandon()
    assert not file.exists()


def test_a_secret_is_not(bench: Boarded) -> None:
    file = paths.borrowed_file()
    bench.insertion = Insertion(bench.fake.host(), Borrowed(file))
    hint = Piece(0, "x-kde-passwordManagerHint", b"secret")
    bench.board.held = Snapshot((*USERS.pieces, hint))
    bench.insert("one")
    bench.run(0.05)
    assert bench.board.held == plain("one") and not file.exists()


def test_what_is_asked_of_the_clipboard_twice_comes_in_turn(bench: Boarded) -> None:
    bench.insertion.copy("one", "One copied.")
    bench.insertion.copy("two", "Two copied.")
    said = [report.message for report in bench.run(0.1)]
    assert said == ["One copied.", "Two copied."]
    assert bench.board.held == plain("two")
