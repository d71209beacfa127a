"""Clipboards that cannot be saved, are taken over, or are read by others."""

import pytest

from insertion.harness import EDITOR, OTHER, Harness
from mica import paths
from mica.bench.paste import MANAGER_PID
from mica.errors import InsertionError
from mica.host.values import Piece, Snapshot
from mica.insertion import strings
from mica.insertion.borrowed_clipboard import BorrowedClipboard
from mica.insertion.clipboard_guard import TRIES
from mica.insertion.options import InsertOptions
from mica.insertion.paste import REPORT_S
from mica.insertion.queue import TYPED, InsertionQueue
from mica.insertion.request import InsertReport
from mica.insertion.timing import UNREAD_S
from mica.library.store import EntryStatus
from support.fake_paste import USERS, CountingClipboard, text_snapshot
from support.fakes import FakeHost

SAVED_IN_PART = Snapshot(USERS.pieces, ("image/png",))
NOT_SAVED = (Snapshot(left_out=("text/plain",)), SAVED_IN_PART)
NOT_READ_YET = InsertReport(7, EntryStatus.WRITTEN, strings.NOT_INSERTED, is_over=False)


class Boarded(Harness):
    """Insertion with a clipboard that other programs read and take over; the target
    window has not read anything yet."""

    def __init__(self, held: Snapshot = USERS) -> None:
        self.fake = FakeHost()
        self.clipboard = CountingClipboard(held)
        self.fake.clipboard = self.clipboard  # type: ignore[assignment]
        self.fake.paster.clipboard = self  # type: ignore[assignment]
        self.insertion = InsertionQueue(self.fake.host())
        self.now_s, self.reads = 0.0, 0

    @property
    def published(self) -> list[str]:
        return self.clipboard.published

    def reads_now(self) -> None:
        self.clipboard.read()

    def manager_claims(self, text: str) -> None:
        self.clipboard.read(by_another=True)
        self.clipboard.hold(text_snapshot(text), MANAGER_PID)


@pytest.fixture
def harness() -> Boarded:
    return Boarded()


@pytest.mark.parametrize("held", NOT_SAVED)
def test_a_clipboard_that_cannot_be_saved_has_the_text_typed(held: Snapshot) -> None:
    harness = Boarded(held)
    harness.insert("hello", options=InsertOptions(submits=True))
    assert harness.run(3.0) == [
        InsertReport(7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED)
    ]
    assert harness.fake.typist.typed == ["hello"]
    assert harness.fake.paster.submitted == [EDITOR]
    assert (harness.clipboard.held, harness.clipboard.changes) == (held, 0)


@pytest.mark.parametrize("held", NOT_SAVED)
def test_text_that_can_be_neither_pasted_nor_typed_stays_in_the_library(
    held: Snapshot,
) -> None:
    harness = Boarded(held)
    harness.fake.typist.refuses = InsertionError("No keys.")
    harness.insert("hello")
    assert harness.run(3.0) == [
        InsertReport(7, EntryStatus.WRITTEN, f"No keys. {strings.CLIPBOARD_IN_USE}")
    ]
    assert (harness.clipboard.held, harness.clipboard.changes) == (held, 0)


@pytest.mark.parametrize("held", NOT_SAVED)
def test_no_text_is_left_on_a_clipboard_that_cannot_be_saved(held: Snapshot) -> None:
    harness = Boarded(held)
    harness.insert("hello", OTHER)
    harness.fake.paster.is_ready = True
    assert harness.run(3.0) == [
        InsertReport(
            7,
            EntryStatus.WRITTEN,
            f"{strings.WINDOW_SWITCHED} {strings.CLIPBOARD_IN_USE}",
        )
    ]
    harness.fake.paster.is_ready = False
    harness.insert("hello")
    assert harness.run(3.0) == [
        InsertReport(
            7,
            EntryStatus.WRITTEN,
            f"{strings.MODIFIER_HELD} {strings.CLIPBOARD_IN_USE}",
        )
    ]
    assert (harness.clipboard.held, harness.clipboard.changes) == (held, 0)


def test_clipboard_that_is_not_restored_is_not_saved() -> None:
    harness = Boarded(NOT_SAVED[0])
    harness.insert("hello", options=InsertOptions(restores=False))
    harness.run(0.02)
    harness.reads_now()
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.clipboard.held == text_snapshot("hello")


def test_copy_command_sets_the_old_clipboard_aside(
    harness: Boarded,
) -> None:
    harness.insertion.copy("hello", "Copied.")
    [report] = harness.run(0.1)
    assert (report.status, report.message) == (EntryStatus.WRITTEN, "Copied.")
    assert harness.clipboard.held == text_snapshot("hello")
    harness.insertion.restore_clipboard()
    assert [report.message for report in harness.run(0.1)] == [strings.RESTORED]
    assert harness.clipboard.held == USERS


def test_copy_command_reports_what_could_not_be_saved() -> None:
    harness = Boarded(SAVED_IN_PART)
    harness.insertion.copy("hello", "Copied.")
    assert [report.message for report in harness.run(0.1)] == [
        f"Copied. {strings.NOT_SAVED}"
    ]
    assert harness.clipboard.held == text_snapshot("hello")
    harness.clipboard.held = NOT_SAVED[0]
    harness.insertion.restore_clipboard()
    assert [report.message for report in harness.run(0.1)] == [
        f"{strings.RESTORED} {strings.NOT_SAVED}"
    ]


def test_unread_text_is_reported_within_two_seconds(
    harness: Boarded,
) -> None:
    harness.insert("hello")
    assert REPORT_S < 2.0
    assert harness.run(REPORT_S - 0.1) == [] and harness.insertion.working
    assert harness.run(0.2) == [NOT_READ_YET]
    assert harness.insertion.busy and not harness.insertion.working
    assert not harness.insertion.is_inserting(7)  # the user may request it again
    assert harness.run(UNREAD_S) == [InsertReport(None, EntryStatus.WRITTEN)]
    assert harness.clipboard.held == USERS


def test_late_read_is_reported_as_inserted_once(
    harness: Boarded,
) -> None:
    harness.insert("hello", options=InsertOptions(submits=True))
    assert harness.run(5.0) == [NOT_READ_YET]
    harness.reads_now()
    assert harness.run(1.0) == [
        InsertReport(7, EntryStatus.INSERTED, strings.INSERTED_LATE)
    ]
    assert harness.fake.paster.submitted == [EDITOR]
    assert harness.clipboard.held == USERS


def test_next_request_ends_the_wait_for_an_unread_text(harness: Boarded) -> None:
    harness.insert("one")
    harness.run(2.0)
    harness.insert("two")
    assert harness.run(0.03) == [InsertReport(None, EntryStatus.WRITTEN)]
    assert harness.pasted() == ["one", "two"]
    harness.reads_now()
    assert harness.run(0.5) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.clipboard.held == USERS


def test_read_at_the_moment_of_the_next_request_counts(harness: Boarded) -> None:
    harness.insert("one")
    harness.run(2.0)
    harness.reads_now()
    harness.insert("two")
    assert harness.run(0.3) == [
        InsertReport(7, EntryStatus.INSERTED, strings.INSERTED_LATE)
    ]


def test_read_just_before_the_next_request_counts(harness: Boarded) -> None:
    harness.insert("one")
    harness.run(2.0)
    harness.reads_now()
    harness.run(0.01)
    harness.insert("two")
    assert harness.run(0.3) == [
        InsertReport(7, EntryStatus.INSERTED, strings.INSERTED_LATE)
    ]


def test_a_text_that_was_not_taken_can_be_copied_at_once(harness: Boarded) -> None:
    harness.insert("hello")
    harness.run(2.0)
    harness.insertion.copy("hello", "Copied.")
    harness.run(0.1)
    assert harness.clipboard.held == text_snapshot("hello")
    harness.run(UNREAD_S)
    assert harness.clipboard.held == text_snapshot("hello")
    assert USERS in harness.insertion.clipboard.saved_copies


def test_foreign_reads_are_not_a_receipt(harness: Boarded) -> None:
    harness.insert("hello")
    harness.run(0.1)
    harness.clipboard.read(by_another=True)
    unconfirmed = InsertReport(
        7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED, is_over=False
    )
    assert harness.run(2.0) == [unconfirmed]
    assert harness.run(UNREAD_S) == [InsertReport(None, EntryStatus.UNKNOWN)]


def test_changed_result_is_reported_again(harness: Boarded) -> None:
    harness.insert("hello")
    assert harness.run(2.0) == [NOT_READ_YET]
    harness.clipboard.read(by_another=True)
    assert harness.run(UNREAD_S) == [
        InsertReport(7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED)
    ]


@pytest.mark.parametrize("held", NOT_SAVED)
def test_lost_line_breaks_are_reported(held: Snapshot) -> None:
    harness = Boarded(held)
    harness.insert("one\ntwo")
    assert harness.run(3.0) == [
        InsertReport(
            7,
            EntryStatus.UNKNOWN,
            f"{strings.NOT_CONFIRMED} {strings.LINE_BREAKS_LOST}",
        )
    ]
    assert "".join(harness.fake.typist.typed) == "one two"


def test_next_texts_are_typed_after_a_manager_was_quicker_than_the_window(
    harness: Boarded,
) -> None:
    harness.insert("one")
    harness.run(0.01)
    harness.manager_claims("one")
    unconfirmed = InsertReport(
        7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED, is_over=False
    )
    assert harness.run(2.0) == [unconfirmed]
    for count in range(TYPED):
        harness.insert("two")
        assert harness.run(2.0)[-1] == InsertReport(
            7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED
        )
        assert len(harness.fake.typist.typed) == count + 1
        assert harness.clipboard.held == USERS
    harness.insert("three")  # the clipboard may be gone
    harness.run(0.1)
    assert harness.clipboard.ours == " three"
    harness.reads_now()
    assert harness.run(1.0)[-1] == InsertReport(7, EntryStatus.INSERTED)
    assert len(harness.fake.typist.typed) == TYPED


def test_next_text_is_typed_after_a_manager_restored_the_clipboard(
    harness: Boarded,
) -> None:
    harness.insert("one")
    harness.run(0.01)
    harness.clipboard.hold(USERS)
    assert harness.run(2.0) == [
        InsertReport(7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED, is_over=False)
    ]
    harness.insert("two")
    harness.run(2.0)
    assert len(harness.fake.typist.typed) == 1
    assert harness.clipboard.held == USERS


def test_late_manager_does_not_lose_the_user_copy(harness: Boarded) -> None:
    harness.insert("one")
    harness.run(0.02)
    harness.reads_now()
    assert harness.run(0.5) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.insertion.clipboard.is_watched and not harness.insertion.busy
    harness.manager_claims("one")
    assert harness.run(0.1) == []
    assert harness.clipboard.held == USERS
    harness.run(6.0)
    assert not harness.insertion.clipboard.is_watched


@pytest.mark.parametrize("action", ["another text", "undo"])
def test_late_takeover_is_undone_before_the_next_text(
    harness: Boarded, action: str
) -> None:
    harness.insert("one")
    harness.run(0.02)
    harness.reads_now()
    harness.run(0.5)
    harness.fake.paster.is_ready = False
    if action == "undo":
        harness.insertion.undo()
    else:
        harness.insert("two")
    harness.run(0.1)
    harness.manager_claims("one")
    harness.run(0.1)
    assert harness.clipboard.held == USERS
    harness.fake.paster.is_ready = True
    harness.run(0.05)
    harness.reads_now()
    harness.run(6.0)
    assert harness.clipboard.held == USERS


def test_endless_takeover_is_reported_and_the_copy_set_aside(
    harness: Boarded,
) -> None:
    harness.insert("one")
    harness.run(0.02)
    harness.reads_now()
    harness.run(0.5)
    reports = []
    for _ in range(TRIES + 1):
        harness.manager_claims("one")
        reports += harness.run(0.1)
    assert reports == [InsertReport(None, EntryStatus.WRITTEN, strings.TAKEN_OVER)]
    assert harness.clipboard.held == text_snapshot("one")
    assert harness.insertion.clipboard.saved_copies == (USERS,)


def test_takeover_by_an_unknown_owner_is_reported(
    harness: Boarded,
) -> None:
    harness.insert("one")
    harness.run(0.02)
    harness.reads_now()
    harness.run(0.5)
    harness.clipboard.users_copy("one")
    harness.fake.hotkeys.others = 1
    assert harness.run(0.1) == [
        InsertReport(None, EntryStatus.WRITTEN, strings.MAYBE_TAKEN_OVER)
    ]
    harness.insertion.restore_clipboard()
    harness.run(0.1)
    assert harness.clipboard.held == USERS


def test_requested_copy_is_not_mistaken_for_a_takeover(
    harness: Boarded,
) -> None:
    harness.insert("one")
    harness.run(0.02)
    harness.reads_now()
    harness.run(0.5)
    harness.insertion.copy("one", "Copied.")
    harness.run(1.0)
    assert harness.clipboard.held == text_snapshot("one")


def test_borrowed_clipboard_is_on_disk_during_the_paste(harness: Boarded) -> None:
    file = paths.borrowed_file()
    harness.insertion = InsertionQueue(harness.fake.host(), BorrowedClipboard(file))
    harness.insert("one")
    harness.run(0.05)
    assert file.exists()
    harness.reads_now()
    harness.run(0.5)
    assert not file.exists()
    harness.insert("two")
    harness.run(0.05)
    harness.clipboard.users_copy("newer")
    harness.run(UNREAD_S)
    assert not file.exists() and harness.clipboard.held == text_snapshot("newer")
    harness.insert("three")
    harness.run(0.05)
    assert file.exists()
    harness.insertion.cancel()
    assert not file.exists()


def test_borrowed_secret_is_not_on_disk(harness: Boarded) -> None:
    file = paths.borrowed_file()
    harness.insertion = InsertionQueue(harness.fake.host(), BorrowedClipboard(file))
    hint = Piece(0, "x-kde-passwordManagerHint", b"secret")
    harness.clipboard.held = Snapshot((*USERS.pieces, hint))
    harness.insert("one")
    harness.run(0.05)
    assert harness.clipboard.held == text_snapshot("one") and not file.exists()


def test_clipboard_requests_run_in_order(harness: Boarded) -> None:
    harness.insertion.copy("one", "One copied.")
    harness.insertion.copy("two", "Two copied.")
    lines = [report.message for report in harness.run(0.1)]
    assert lines == ["One copied.", "Two copied."]
    assert harness.clipboard.held == text_snapshot("two")
