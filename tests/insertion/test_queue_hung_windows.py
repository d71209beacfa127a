"""While a window hangs with our keys pending, no text is where it would be pasted."""

import pytest

from insertion.harness import EDITOR, OTHER, Harness
from mica.errors import InsertionError
from mica.host.ports import WindowProbe
from mica.host.values import Snapshot, Target
from mica.insertion import strings
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertReport
from mica.insertion.timing import PROBE_S, UNREAD_S
from mica.insertion.undo import COPY_S, UndoResult
from mica.insertion.undo_job import WHY
from mica.library.store import EntryStatus
from support.fake_editor import FakeEditor
from support.fake_paste import CountingClipboard, text_snapshot


class Hanging(Harness):
    """Insertion into a window that hangs from the start, until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs, self.probes = True, list[float]()
        self.fake.paster.is_read = False
        self.fake.probe_window = self.probe_window

    def probe_window(self, target: Target) -> WindowProbe:
        self.probes.append(self.now_s)
        return lambda: not self.hangs or target == OTHER

    def given_up(self, text: str = "lost") -> InsertReport:
        """Insert a text that does not arrive; return the report, the only one."""
        self.insert(text)
        report, *ends = self.run(UNREAD_S + 0.1)
        assert ends == (
            [] if report.is_over else [InsertReport(None, EntryStatus.WRITTEN)]
        )
        return report

    def elsewhere(self, text: str) -> list[InsertReport]:
        """Insert a text into another window, which is fast."""
        self.fake.focus.target = OTHER
        self.fake.paster.is_read = True
        self.insert(text, OTHER)
        return self.run(2.0)


@pytest.fixture
def harness() -> Hanging:
    return Hanging()


def test_unread_window_is_probed_once_a_second(harness: Hanging) -> None:
    assert harness.given_up() == InsertReport(
        7, EntryStatus.WRITTEN, strings.NOT_INSERTED
    )
    [at_s] = harness.probes
    assert at_s == pytest.approx(PROBE_S, abs=0.02)


def test_window_that_reads_is_not_probed(harness: Hanging) -> None:
    assert harness.elsewhere("quick") == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.probes == []


def test_other_windows_are_typed_into_until_the_hung_one_answers(
    harness: Hanging,
) -> None:
    harness.given_up()
    assert harness.elsewhere("one") == [
        InsertReport(7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED)
    ]
    harness.elsewhere("two")
    assert harness.fake.typist.typed == ["one", " two"]
    harness.hangs = False
    harness.elsewhere("three")
    assert harness.pasted() == ["lost", " three"]


def test_hung_window_gets_no_text_until_it_answers(harness: Hanging) -> None:
    harness.given_up()
    harness.insert("again")
    assert harness.run(2.0) == [
        InsertReport(
            7, EntryStatus.WRITTEN, f"{strings.WINDOW_HUNG} {strings.PASTE_LAST}"
        )
    ]
    assert (harness.pasted(), harness.fake.typist.typed) == (["lost"], [])
    harness.hangs = False
    harness.fake.paster.is_read = True
    harness.insert("again")
    assert harness.run(2.0) == [InsertReport(7, EntryStatus.INSERTED)]


def test_window_that_answers_is_pasted_into(harness: Hanging) -> None:
    """No text field has the focus, so typed letters would act as shortcuts."""
    harness.hangs = False
    harness.given_up()
    harness.fake.paster.is_read = True
    harness.insert("again")
    assert harness.run(2.0) == [InsertReport(7, EntryStatus.INSERTED)]
    assert (harness.pasted(), harness.fake.typist.typed) == (["lost", "again"], [])


def test_failed_text_is_not_left_while_a_window_hangs(harness: Hanging) -> None:
    before = harness.fake.clipboard.held
    harness.given_up()
    harness.insert("late", OTHER)
    assert harness.run(1.0) == [
        InsertReport(
            7, EntryStatus.WRITTEN, f"{strings.WINDOW_SWITCHED} {strings.PASTE_LAST}"
        )
    ]
    assert harness.fake.clipboard.held == before
    harness.hangs = False
    harness.insert("later", OTHER)
    [report] = harness.run(1.0)
    assert report.status is EntryStatus.COPIED
    assert harness.fake.clipboard.held == text_snapshot("later")


def test_left_text_is_withdrawn_when_a_window_hangs(harness: Hanging) -> None:
    before = harness.fake.clipboard.held
    harness.insert("left", OTHER)
    harness.run(1.0)
    assert harness.fake.clipboard.held == text_snapshot("left")
    assert harness.given_up().message == f"{strings.NOT_INSERTED} {strings.WITHDRAWN}"
    assert harness.fake.clipboard.held == before


def test_withdrawal_over_an_empty_clipboard_empties_it(harness: Hanging) -> None:
    harness.fake.clipboard.held = Snapshot()
    harness.insert("left", OTHER)
    harness.run(1.0)
    harness.given_up()
    assert harness.fake.clipboard.held.pieces == ()


def test_left_text_stays_while_all_windows_answer(harness: Hanging) -> None:
    harness.hangs = False
    harness.insert("left", OTHER)
    harness.run(1.0)
    assert harness.given_up().message == strings.NOT_INSERTED
    assert harness.fake.clipboard.held == text_snapshot("left")


def test_user_copy_is_not_withdrawn(harness: Hanging) -> None:
    harness.insert("left", OTHER)
    harness.run(1.0)
    harness.fake.clipboard.copy("theirs")
    assert harness.given_up().message == strings.NOT_INSERTED
    assert harness.fake.clipboard.held == text_snapshot("theirs")


def test_restored_clipboard_is_not_withdrawn(harness: Hanging) -> None:
    harness.insert("left", OTHER)
    harness.run(1.0)
    harness.insertion.restore_clipboard()
    harness.run(0.1)
    harness.given_up()
    harness.insertion.restore_clipboard()
    [report] = harness.run(0.1)
    assert report.message == strings.RESTORED
    assert harness.fake.clipboard.held == text_snapshot("left")


def test_foreign_read_does_not_answer_for_the_window(harness: Hanging) -> None:
    harness.insert("left", OTHER)
    harness.run(1.0)
    harness.fake.clipboard.foreign_reads = lambda target: harness.fake.clipboard.reads  # type: ignore[method-assign]
    harness.insert("read by others")
    harness.run(1.0)
    harness.fake.clipboard.reads += 1
    message = f"{strings.NOT_CONFIRMED} {strings.WITHDRAWN}"
    assert harness.run(UNREAD_S) == [InsertReport(7, EntryStatus.UNKNOWN, message)]
    harness.elsewhere("typed")
    assert harness.fake.typist.typed


def test_anonymous_read_needs_an_answer(harness: Hanging) -> None:
    harness.fake.clipboard.foreign_reads = lambda target: None  # type: ignore[assignment, return-value, method-assign]
    harness.fake.paster.is_read = True
    harness.insert("read by somebody")
    assert harness.run(3.0) == []
    harness.hangs = False
    assert harness.run(2.0) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.fake.clipboard.reads == 1


def test_cancelled_paste_leaves_a_hung_window(harness: Hanging) -> None:
    harness.insert("gone")
    harness.run(0.1)
    harness.insertion.cancel()
    harness.elsewhere("typed")
    assert harness.fake.typist.typed == ["typed"]


def test_text_that_cannot_be_typed_while_a_window_hangs_stays_in_the_library(
    harness: Hanging,
) -> None:
    harness.given_up()
    harness.fake.typist.refuses = InsertionError("No keys.")
    [report] = harness.elsewhere("no")
    assert report == InsertReport(
        7, EntryStatus.WRITTEN, f"No keys. {strings.PASTE_LAST}"
    )


class Field(FakeEditor):
    """A text field that may ignore the paste shortcut."""

    pastes = True

    def press_paste_keys(self, target: Target) -> None:
        if self.pastes:
            super().press_paste_keys(target)


class Copying(Harness):
    """A text field that can be made to copy late or to ignore a paste."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = True
        self.field = field = Field(CountingClipboard(), "", target=EDITOR)
        fake = self.fake
        fake.paster = fake.caret = fake.focus = field  # type: ignore[assignment]
        fake.clipboard = field.clipboard  # type: ignore[assignment]
        fake.probe_window = lambda target: lambda: not self.hangs
        self.insertion = InsertionQueue(fake.host())
        self.insert("Ours.")
        self.run(1.0)

    def undone(self) -> InsertReport:
        self.insertion.undo()
        [report] = self.run(COPY_S + 1.0)
        return report

    def types_now(self) -> bool:
        """Insert another text; return whether it is typed."""
        before = len(self.fake.typist.typed)
        self.field.target = OTHER
        self.insert("next", OTHER)
        self.run(2.0)
        self.field.target = EDITOR
        return len(self.fake.typist.typed) > before


def test_no_text_is_pasted_while_a_copy_is_pending() -> None:
    harness = Copying()
    harness.field.late = True
    assert (
        harness.undone().message
        == f"{WHY[UndoResult.UNKNOWN]} {strings.CLIPBOARD_AT_RISK}"
    )
    assert harness.types_now()


def test_no_text_is_pasted_after_an_undo_was_cancelled_in_mid_copy() -> None:
    harness = Copying()
    harness.field.late = True
    harness.insertion.undo()
    harness.run(1.0)
    harness.insertion.cancel()
    assert harness.types_now()


def test_undo_is_refused_while_a_window_hangs() -> None:
    harness = Copying()
    harness.field.late = True
    harness.undone()
    assert harness.undone() == InsertReport(
        None, EntryStatus.WRITTEN, f"{strings.UNDO_BLOCKED} {strings.UNCHANGED}"
    )
    harness.hangs, harness.field.late = False, False
    assert harness.undone().message == strings.UNDONE


def test_window_that_copies_another_text_does_not_hang() -> None:
    harness = Copying()
    harness.field.text = "else."
    assert harness.undone().message == f"{WHY[UndoResult.CHANGED]} {strings.UNCHANGED}"
    assert not harness.types_now()


def test_unread_words_leave_a_hung_window() -> None:
    harness = Copying()
    harness.field.pastes = False
    harness.insertion.remove_punctuation()
    [report] = harness.run(UNREAD_S + 1.0)
    assert report.message == strings.NOT_INSERTED
    assert harness.types_now()


def test_cancelled_words_leave_a_hung_window() -> None:
    harness = Copying()
    harness.field.pastes = False
    harness.insertion.remove_punctuation()
    harness.run(1.0)
    harness.insertion.cancel()
    assert harness.types_now()
