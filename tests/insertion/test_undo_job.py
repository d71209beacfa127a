from collections.abc import Callable

import pytest

from fake_board import TARGET, USERS, FakeBoard
from fake_editor import FakeEditor
from fakes import FakeHost
from insertion.harness import Steps
from mica.errors import InsertionError
from mica.host.ports import Target
from mica.insertion import undo_job as said
from mica.insertion.insert_job import Report, Words
from mica.insertion.paste import MODIFIERS_S
from mica.insertion.queue import NOT_REPLACED, RESTORED
from mica.insertion.undo import LONGEST, Taken
from mica.library.store import Status


class Bench(Steps):
    """An insertion into a field that does what keys say; 10 ms a tick."""

    def __init__(self, text: str = "") -> None:
        self.field = FakeEditor(FakeBoard(), text)
        fake = FakeHost()
        fake.paster = fake.caret = fake.focus = self.field  # type: ignore[assignment]
        fake.clipboard = self.field.board  # type: ignore[assignment]
        self.hotkeys = fake.hotkeys
        super().__init__(fake.host())

    def inserted(self, *texts: str, target: Target = TARGET) -> None:
        self.field.target = target
        for number, text in enumerate(texts, 1):
            self.insertion.add(Words(number, text, target))
            assert self.run() == [Report(number, Status.INSERTED)]

    def undone(self) -> Report:
        self.insertion.take_back()
        [report] = self.run(6.0)
        return report

    def made_raw(self, *keywords: str) -> Report:
        self.insertion.make_raw(keywords)
        [report] = self.run(10.0)
        return report


def unchanged(taken: Taken) -> Report:
    return Report(None, Status.WRITTEN, f"{said.WHY[taken]} {said.UNCHANGED}")


def test_the_newest_insertion_goes_then_the_one_before_it() -> None:
    bench = Bench("Dear all, ")
    bench.inserted("Ask the manager.", "I have time.")
    assert bench.field.text == "Dear all, Ask the manager. I have time."
    assert bench.undone() == Report(2, Status.WRITTEN, said.UNDONE)
    assert bench.field.text == "Dear all, Ask the manager."
    assert bench.undone() == Report(1, Status.WRITTEN, said.UNDONE)
    assert bench.field.text == "Dear all, "
    assert bench.undone() == Report(None, Status.WRITTEN, said.NOTHING)
    assert bench.field.board.held == USERS


def test_after_it_the_next_dictation_goes_on_from_what_is_left() -> None:
    bench = Bench()
    bench.inserted("Ask the manager.", "Wrong.")
    bench.undone()
    bench.inserted("I have.")
    assert bench.field.text == "Ask the manager. I have."


def test_its_words_alone_take_its_place() -> None:
    bench = Bench()
    bench.inserted("One.", "Tell Jonathan. Then Pebble, please!")
    assert bench.made_raw("Pebble") == Report(2, Status.INSERTED)
    assert bench.field.text == "One. tell Jonathan then Pebble please"
    assert bench.field.board.held == USERS
    assert bench.made_raw() == Report(None, Status.WRITTEN, said.RAW)
    assert bench.undone() == Report(2, Status.WRITTEN, said.UNDONE)
    assert bench.field.text == "One."


def test_its_words_do_not_follow_the_user_into_another_window() -> None:
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.insertion.make_raw(())
    until(bench, lambda: bench.field.asked == 1)
    until(bench, lambda: bench.field.board.held == USERS)  # it is found to be ours
    bench.field.target = Target(9, 9, "Other")
    [report] = bench.run(6.0)
    assert report.status is Status.COPIED
    assert report.message is not None and "You switched windows" in report.message
    assert bench.field.text == "Ask the manager."


def test_a_changed_text_stays_and_it_is_said() -> None:
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.field.put(" Now")
    assert bench.undone() == unchanged(Taken.ANOTHER)
    assert bench.made_raw() == unchanged(Taken.ANOTHER)
    assert bench.field.text == "Ask the manager. Now"
    assert bench.field.board.held == USERS


def test_a_program_that_does_not_copy_is_left_alone() -> None:
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.field.copies = False
    bench.insertion.take_back()
    [report] = bench.run(6.0)
    assert report.message == f"{said.WHY[Taken.UNKNOWN]} {said.REPLACED}"
    bench.field.board.users_copy("late")
    bench.insertion.restore_clipboard()
    bench.run()
    assert bench.field.board.held == USERS


def test_keys_that_cannot_be_sent_are_said() -> None:
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.field.why = InsertionError("No keys.")
    assert bench.undone() == Report(None, Status.WRITTEN, f"No keys. {said.UNCHANGED}")


def test_in_another_window_nothing_is_touched() -> None:
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.field.target = Target(9, 9, "Other")
    report = bench.undone()
    assert report.message is not None and "You switched windows" in report.message
    assert bench.field.selection == "" and bench.field.asked == 0


def test_what_a_copy_meanwhile_took_the_place_of_can_be_had_back() -> None:
    bench = went_on_in_a_slow_window()
    copied = bench.field.board.held
    [report] = bench.run(6.0)
    assert report.message == f"{said.WHY[Taken.LEFT]} {said.REPLACED}"
    assert (report.replaced, bench.field.board.held) == ((USERS, copied), copied)
    bench.inserted("One.")  # another insertion does not cost it
    for back in (USERS, copied, USERS):
        bench.insertion.restore_clipboard()
        assert bench.run() == [Report(None, Status.WRITTEN, RESTORED)]
        assert bench.field.board.held == back


def test_where_nothing_was_set_aside_nothing_is_restored() -> None:
    bench = Bench()
    bench.insertion.restore_clipboard()
    assert bench.run() == [Report(None, Status.WRITTEN, NOT_REPLACED)]
    assert bench.field.board.changes == 0


def test_who_leaves_meanwhile_can_have_it_back_afterwards() -> None:
    bench = went_on_in_a_slow_window()
    copied = bench.field.board.held
    bench.insertion.abandon()
    assert bench.insertion.set_aside == (USERS,)
    assert bench.field.board.held == copied


def test_quitting_right_after_asking_for_the_clipboard_gives_it() -> None:
    bench = went_on_in_a_slow_window()
    bench.insertion.abandon()
    bench.insertion.add(Words(2, "Two.", TARGET))
    bench.insertion.restore_clipboard()
    bench.insertion.abandon()
    assert bench.field.board.held == USERS


def went_on_in_a_slow_window() -> Bench:
    """Its text had changed, and it copies when the user types already."""
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.field.put(" Now")
    bench.field.late = True
    bench.insertion.take_back()
    until(bench, lambda: bench.field.asked == 1)
    bench.hotkeys.others = 1
    bench.field.finish_copy()
    return bench


def test_a_terminal_gives_nothing_back() -> None:
    bench = Bench()
    bench.inserted("ls", target=Target(1, 2, "XTerm"))
    assert bench.undone() == Report(None, Status.WRITTEN, said.TERMINAL)
    assert bench.field.selection == ""


def test_what_is_too_long_for_keys_is_said() -> None:
    bench = Bench()
    bench.inserted("word " * (LONGEST // 5 + 1))
    assert bench.undone() == Report(None, Status.WRITTEN, said.LONG)


def test_a_held_modifier_is_waited_for() -> None:
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.field.is_ready = False
    bench.insertion.take_back()
    assert bench.run(5.0, speaking=True) == []
    assert bench.run(MODIFIERS_S - 0.1) == []
    assert bench.run(0.2) == [unchanged(Taken.REFUSED)]
    bench.insertion.take_back()
    bench.run(0.5)
    bench.field.is_ready = True
    assert [report.message for report in bench.run()] == [said.UNDONE]


def test_undo_waits_for_what_is_on_its_way() -> None:
    bench = Bench()
    bench.insertion.add(Words(1, "One.", TARGET))
    bench.insertion.take_back()
    reports = bench.run(2.0)
    assert [report.status for report in reports] == [Status.INSERTED, Status.WRITTEN]
    assert bench.field.text == ""


@pytest.mark.parametrize(
    ("fails", "status", "text"),
    [
        ("reader", Status.WRITTEN, "Ask the manager."),
        ("keys", Status.COPIED, "Ask the manager."),
        ("modifier", Status.COPIED, "Ask the manager."),
    ],
)
def test_words_that_cannot_take_its_place_are_not_lost(
    fails: str, status: Status, text: str
) -> None:
    class Failing(FakeEditor):
        def chord(self, target: Target) -> None:
            if fails == "keys":
                raise InsertionError("No keys.")

    bench = Bench()
    bench.inserted("Ask the manager.")
    field = bench.field
    field.__class__ = Failing
    bench.insertion.make_raw(())
    if fails == "modifier":
        until(bench, lambda: field.selection == text and field.board.changes > 3)
        field.is_ready = False
    report, *ends = bench.run(10.0)
    assert (report.utterance, report.status) == (1, status)
    assert report.message is not None
    assert ends == ([Report(None, status)] if fails == "reader" else [])
    assert field.text == text
    copied = b"ask the manager" if status is Status.COPIED else b"theirs"
    assert field.board.held.pieces[0].data == copied


class Deaf(FakeEditor):
    """It is through with the keys that paste, and reads nothing."""

    def chord(self, target: Target) -> None:
        """Nothing is put there."""


@pytest.mark.parametrize("reads", ["nobody", "a stranger", "late"])
def test_words_that_cannot_take_its_place_are_not_waited_for(reads: str) -> None:
    bench = Bench()
    bench.inserted("Ask the manager.")
    bench.field.__class__ = Deaf
    bench.insertion.make_raw(())
    told = bench.run(4.0)
    assert [report.is_over for report in told] == [False]
    if reads != "nobody":
        bench.field.board.read(by_stranger=reads == "a stranger")
    bench.run(0.01)
    bench.insertion.copy("else", "Copied.")
    ends = bench.run(1.0)
    assert [report.message for report in ends if report.message][-1] == "Copied."
    assert bench.field.board.held.pieces[0].data == b"else"
    assert (ends[0].status is Status.INSERTED) == (reads == "late")


def until(bench: Bench, so: Callable[[], bool]) -> None:
    for _ in range(100):
        if so():
            return
        bench.run(0.01)
    raise AssertionError("it never happened")


@pytest.mark.parametrize("raw", [True, False])
def test_when_the_app_quits_the_clipboard_is_put_back(raw: bool) -> None:
    for ticks in range(1, 12):
        bench = Bench()
        bench.inserted("Ask the manager.")
        if raw:
            bench.insertion.make_raw(())
        else:
            bench.insertion.take_back()
        bench.run(ticks / 100)
        bench.insertion.abandon()
        assert bench.field.board.held == USERS
        assert not bench.insertion.busy


def test_quitting_before_it_began_changes_nothing() -> None:
    bench = Bench()
    bench.insertion.take_back()
    bench.insertion.abandon()
    assert bench.run() == [] and bench.field.board.changes == 0
