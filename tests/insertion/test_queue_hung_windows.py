"""While a window hangs on keys of ours, no text lies where it will paste it."""

import pytest

from fake_board import FakeBoard, plain
from fake_editor import FakeEditor
from insertion.harness import EDITOR, OTHER, Bench
from mica.errors import InsertionError
from mica.host.ports import Answered, Snapshot, Target
from mica.insertion.insert_job import HANGS, Report
from mica.insertion.method import ELSEWHERE, KEPT, NOT_TAKEN, UNSURE
from mica.insertion.paste import ASK_S, UNREAD_S
from mica.insertion.queue import RESTORED, WITHDRAWN, Insertion
from mica.insertion.undo import COPIES_S, Taken
from mica.insertion.undo_job import OWED, REPLACED, UNCHANGED, UNDONE, WHY
from mica.library.store import Status


class Hanging(Bench):
    """Its window hangs from the start; it answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs, self.asked = True, list[float]()
        self.fake.paster.is_read = False
        self.fake.ask = self.ask

    def ask(self, target: Target) -> Answered:
        self.asked.append(self.now_s)
        return lambda: not self.hangs or target == OTHER

    def given_up(self, text: str = "lost") -> Report:
        """Said early where the window answers; the end of it is not said again."""
        self.insert(text)
        report, *ends = self.run(UNREAD_S + 0.1)
        assert ends == ([] if report.is_over else [Report(None, Status.WRITTEN)])
        return report

    def elsewhere(self, text: str) -> list[Report]:
        """A text for another window, which is quick."""
        self.fake.focus.target = OTHER
        self.fake.paster.is_read = True
        self.insert(text, OTHER)
        return self.run(2.0)


@pytest.fixture
def bench() -> Hanging:
    return Hanging()


def test_it_is_asked_once_after_a_while(bench: Hanging) -> None:
    assert bench.given_up() == Report(7, Status.WRITTEN, NOT_TAKEN)
    [at_s] = bench.asked
    assert at_s == pytest.approx(ASK_S, abs=0.02)


def test_a_window_that_takes_its_text_is_not_asked(bench: Hanging) -> None:
    assert bench.elsewhere("quick") == [Report(7, Status.INSERTED)]
    assert bench.asked == []


def test_texts_for_others_are_typed_until_it_has_answered(bench: Hanging) -> None:
    bench.given_up()
    assert bench.elsewhere("one") == [Report(7, Status.UNKNOWN, UNSURE)]
    bench.elsewhere("two")
    assert bench.fake.typist.typed == ["one", " two"]
    bench.hangs = False
    bench.elsewhere("three")
    assert bench.pasted() == ["lost", " three"]


def test_the_window_itself_gets_none_until_it_answers(bench: Hanging) -> None:
    bench.given_up()
    bench.insert("again")
    assert bench.run(2.0) == [Report(7, Status.WRITTEN, f"{HANGS} {KEPT}")]
    assert (bench.pasted(), bench.fake.typist.typed) == (["lost"], [])
    bench.hangs = False
    bench.fake.paster.is_read = True
    bench.insert("again")
    assert bench.run(2.0) == [Report(7, Status.INSERTED)]


def test_a_window_that_answers_is_pasted_into_as_ever(bench: Hanging) -> None:
    """No text field had the keyboard: letters would have been its shortcuts."""
    bench.hangs = False
    bench.given_up()
    bench.fake.paster.is_read = True
    bench.insert("again")
    assert bench.run(2.0) == [Report(7, Status.INSERTED)]
    assert (bench.pasted(), bench.fake.typist.typed) == (["lost", "again"], [])


def test_what_cannot_be_inserted_is_in_the_history_alone(bench: Hanging) -> None:
    before = bench.fake.clipboard.held
    bench.given_up()
    bench.insert("late", OTHER)
    assert bench.run(1.0) == [Report(7, Status.WRITTEN, f"{ELSEWHERE} {KEPT}")]
    assert bench.fake.clipboard.held == before
    bench.hangs = False
    bench.insert("later", OTHER)
    [report] = bench.run(1.0)
    assert report.status is Status.COPIED
    assert bench.fake.clipboard.held == plain("later")


def test_what_was_left_on_the_clipboard_is_withdrawn(bench: Hanging) -> None:
    before = bench.fake.clipboard.held
    bench.insert("left", OTHER)
    bench.run(1.0)
    assert bench.fake.clipboard.held == plain("left")
    assert bench.given_up().message == f"{NOT_TAKEN} {WITHDRAWN}"
    assert bench.fake.clipboard.held == before


def test_where_nothing_was_before_it_the_clipboard_is_empty(bench: Hanging) -> None:
    bench.fake.clipboard.held = Snapshot()
    bench.insert("left", OTHER)
    bench.run(1.0)
    bench.given_up()
    assert bench.fake.clipboard.held.pieces == ()


def test_of_a_window_that_answers_it_stays(bench: Hanging) -> None:
    bench.hangs = False
    bench.insert("left", OTHER)
    bench.run(1.0)
    assert bench.given_up().message == NOT_TAKEN
    assert bench.fake.clipboard.held == plain("left")


def test_what_the_user_copied_since_stays(bench: Hanging) -> None:
    bench.insert("left", OTHER)
    bench.run(1.0)
    bench.fake.clipboard.copy("theirs")
    assert bench.given_up().message == NOT_TAKEN
    assert bench.fake.clipboard.held == plain("theirs")


def test_what_the_user_has_put_back_stays(bench: Hanging) -> None:
    bench.insert("left", OTHER)
    bench.run(1.0)
    bench.insertion.restore_clipboard()
    bench.run(0.1)
    bench.given_up()
    bench.insertion.restore_clipboard()
    [report] = bench.run(0.1)
    assert report.message == RESTORED
    assert bench.fake.clipboard.held == plain("left")


def test_a_stranger_that_read_does_not_make_it_the_window(bench: Hanging) -> None:
    bench.insert("left", OTHER)
    bench.run(1.0)
    bench.fake.clipboard.strangers = lambda target: bench.fake.clipboard.reads  # type: ignore[method-assign]
    bench.insert("read by others")
    bench.run(1.0)
    bench.fake.clipboard.reads += 1
    said = f"{UNSURE} {WITHDRAWN}"
    assert bench.run(UNREAD_S) == [Report(7, Status.UNKNOWN, said)]
    bench.elsewhere("typed")
    assert bench.fake.typist.typed


def test_where_nobody_tells_who_reads_it_must_have_answered(bench: Hanging) -> None:
    bench.fake.clipboard.strangers = lambda target: None  # type: ignore[assignment, return-value, method-assign]
    bench.fake.paster.is_read = True
    bench.insert("read by somebody")
    assert bench.run(3.0) == []
    bench.hangs = False
    assert bench.run(2.0) == [Report(7, Status.INSERTED)]
    assert bench.fake.clipboard.reads == 1


def test_a_text_on_its_way_when_the_user_goes_is_owed(bench: Hanging) -> None:
    bench.insert("gone")
    bench.run(0.1)
    bench.insertion.abandon()
    bench.elsewhere("typed")
    assert bench.fake.typist.typed == ["typed"]


def test_a_text_that_cannot_be_typed_either_is_in_the_history(bench: Hanging) -> None:
    bench.given_up()
    bench.fake.typist.refuses = InsertionError("No keys.")
    [report] = bench.elsewhere("no")
    assert report == Report(7, Status.WRITTEN, f"No keys. {KEPT}")


class Field(FakeEditor):
    """A text field that may ignore the keys that paste."""

    pastes = True

    def chord(self, target: Target) -> None:
        if self.pastes:
            super().chord(target)


class Copying(Bench):
    """A text in a field that can be made to copy late, or to ignore a paste."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = True
        self.field = field = Field(FakeBoard(), "", target=EDITOR)
        fake = self.fake
        fake.paster = fake.caret = fake.focus = field  # type: ignore[assignment]
        fake.clipboard = field.board  # type: ignore[assignment]
        fake.ask = lambda target: lambda: not self.hangs
        self.insertion = Insertion(fake.host())
        self.insert("Ours.")
        self.run(1.0)

    def undone(self) -> Report:
        self.insertion.take_back()
        [report] = self.run(COPIES_S + 1.0)
        return report

    def types_now(self) -> bool:
        """Whether the next text is typed."""
        before = len(self.fake.typist.typed)
        self.field.target = OTHER
        self.insert("next", OTHER)
        self.run(2.0)
        self.field.target = EDITOR
        return len(self.fake.typist.typed) > before


def test_no_text_is_pasted_while_a_copy_is_to_come() -> None:
    bench = Copying()
    bench.field.late = True
    assert bench.undone().message == f"{WHY[Taken.UNKNOWN]} {REPLACED}"
    assert bench.types_now()


def test_nor_after_the_user_went_meanwhile() -> None:
    bench = Copying()
    bench.field.late = True
    bench.insertion.take_back()
    bench.run(1.0)
    bench.insertion.abandon()
    assert bench.types_now()


def test_while_a_window_hangs_nothing_is_taken_back() -> None:
    bench = Copying()
    bench.field.late = True
    bench.undone()
    assert bench.undone() == Report(None, Status.WRITTEN, f"{OWED} {UNCHANGED}")
    bench.hangs, bench.field.late = False, False
    assert bench.undone().message == UNDONE


def test_who_copies_another_text_owes_nothing() -> None:
    bench = Copying()
    bench.field.text = "else."
    assert bench.undone().message == f"{WHY[Taken.ANOTHER]} {UNCHANGED}"
    assert not bench.types_now()


def test_words_alone_that_are_not_taken_are_owed() -> None:
    bench = Copying()
    bench.field.pastes = False
    bench.insertion.make_raw(())
    [report] = bench.run(UNREAD_S + 1.0)
    assert report.message == NOT_TAKEN
    assert bench.types_now()


def test_and_when_the_user_goes_meanwhile() -> None:
    bench = Copying()
    bench.field.pastes = False
    bench.insertion.make_raw(())
    bench.run(1.0)
    bench.insertion.abandon()
    assert bench.types_now()
