from collections.abc import Callable
from dataclasses import replace

import pytest

from insertion.harness import Steps
from mica.errors import InsertionError
from mica.host.values import Target
from mica.insertion import strings
from mica.insertion.request import InsertReport, InsertRequest
from mica.insertion.timing import MODIFIERS_S
from mica.insertion.undo import LONGEST, UndoResult
from mica.insertion.undo_job import WHY
from mica.library.store import EntryStatus
from support.fake_editor import FakeEditor
from support.fake_paste import TARGET, USERS, CountingClipboard
from support.fakes import FakeHost


class Harness(Steps):
    """Insertion into a fake editor, with 10 ms per tick."""

    def __init__(self, text: str = "") -> None:
        self.field = FakeEditor(CountingClipboard(), text)
        fake = FakeHost()
        fake.paster = fake.caret = fake.focus = self.field  # type: ignore[assignment]
        fake.clipboard = self.field.clipboard  # type: ignore[assignment]
        self.hotkeys = fake.hotkeys
        super().__init__(fake.host())

    def inserted(
        self, *texts: str, target: Target = TARGET, keywords: tuple[str, ...] = ()
    ) -> None:
        self.field.target = target
        for number, text in enumerate(texts, 1):
            request = InsertRequest(number, text, target, keywords=keywords)
            self.insertion.add(request)
            assert self.run() == [InsertReport(number, EntryStatus.INSERTED)]

    def undone(self) -> InsertReport:
        self.insertion.undo()
        [report] = self.run(6.0)
        return report

    def without_punctuation(self) -> InsertReport:
        self.insertion.remove_punctuation()
        [report] = self.run(10.0)
        return report


def unchanged(result: UndoResult) -> InsertReport:
    return InsertReport(None, EntryStatus.WRITTEN, f"{WHY[result]} {strings.UNCHANGED}")


def test_undo_removes_the_newest_insertion_first() -> None:
    harness = Harness("Dear all, ")
    harness.inserted("Ask the manager.", "I have time.")
    assert harness.field.text == "Dear all, Ask the manager. I have time."
    assert harness.undone() == InsertReport(2, EntryStatus.WRITTEN, strings.UNDONE)
    assert harness.field.text == "Dear all, Ask the manager."
    assert harness.undone() == InsertReport(1, EntryStatus.WRITTEN, strings.UNDONE)
    assert harness.field.text == "Dear all, "
    assert harness.undone() == InsertReport(
        None, EntryStatus.WRITTEN, strings.NOTHING_TO_UNDO
    )
    assert harness.field.clipboard.held == USERS


def test_next_dictation_continues_from_what_undo_left() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.", "Wrong.")
    harness.undone()
    harness.inserted("I have.")
    assert harness.field.text == "Ask the manager. I have."


def test_remove_punctuation_replaces_the_text_by_its_words() -> None:
    harness = Harness()
    texts = "One.", "Tell Jonathan. Then Pebble, please!"
    harness.inserted(*texts, keywords=("Pebble",))
    assert harness.without_punctuation() == InsertReport(
        2, EntryStatus.INSERTED, words="tell Jonathan then Pebble please"
    )
    assert harness.field.text == "One. tell Jonathan then Pebble please"
    assert harness.field.clipboard.held == USERS
    assert harness.without_punctuation() == InsertReport(
        None, EntryStatus.WRITTEN, strings.NO_PUNCTUATION
    )
    assert harness.undone() == InsertReport(2, EntryStatus.WRITTEN, strings.UNDONE)
    assert harness.field.text == "One."


def test_words_are_not_inserted_into_another_window() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.insertion.remove_punctuation()
    until(harness, lambda: harness.field.queries == 1)
    until(harness, lambda: harness.field.clipboard.held == USERS)  # recognized as ours
    harness.field.target = Target(9, 9, "Other")
    [report] = harness.run(6.0)
    assert report.status is EntryStatus.COPIED
    assert report.message is not None and "You switched windows" in report.message
    assert harness.field.text == "Ask the manager."


def test_undo_keeps_a_changed_text_and_says_so() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.put(" Now")
    assert harness.undone() == unchanged(UndoResult.CHANGED)
    assert harness.without_punctuation() == unchanged(UndoResult.CHANGED)
    assert harness.field.text == "Ask the manager. Now"
    assert harness.field.clipboard.held == USERS


def test_a_program_that_does_not_copy_is_left_alone() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.copies = False
    harness.insertion.undo()
    [report] = harness.run(6.0)
    assert report.message == f"{WHY[UndoResult.UNKNOWN]} {strings.CLIPBOARD_AT_RISK}"
    harness.field.clipboard.users_copy("late")
    harness.insertion.restore_clipboard()
    harness.run()
    assert harness.field.clipboard.held == USERS


def test_undo_reports_keys_that_cannot_be_sent() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.why = InsertionError("No keys.")
    assert harness.undone() == InsertReport(
        None, EntryStatus.WRITTEN, f"No keys. {strings.UNCHANGED}"
    )


def test_undo_touches_nothing_in_another_window() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.target = Target(9, 9, "Other")
    assert harness.undone().message == strings.NOTHING_TO_UNDO
    assert harness.field.selection == "" and harness.field.queries == 0


def test_undo_touches_no_password_field() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.target = replace(TARGET, secure=True)
    report = harness.undone()
    assert report.message == f"{strings.PASSWORD_FIELD} {strings.UNCHANGED}"
    assert harness.field.selection == "" and harness.field.queries == 0


def test_copy_during_undo_can_be_restored() -> None:
    harness = typed_on_in_a_slow_window()
    copied = harness.field.clipboard.held
    [report] = harness.run(6.0)
    assert (
        report.message == f"{WHY[UndoResult.INTERRUPTED]} {strings.CLIPBOARD_AT_RISK}"
    )
    assert (report.replaced, harness.field.clipboard.held) == ((USERS, copied), copied)
    harness.inserted("One.")  # not lost by another insertion
    for back in (USERS, copied, USERS):
        harness.insertion.restore_clipboard()
        assert harness.run() == [
            InsertReport(None, EntryStatus.WRITTEN, strings.RESTORED)
        ]
        assert harness.field.clipboard.held == back


def test_restore_without_set_aside_changes_nothing() -> None:
    harness = Harness()
    harness.insertion.restore_clipboard()
    assert harness.run() == [
        InsertReport(None, EntryStatus.WRITTEN, strings.NOTHING_TO_RESTORE)
    ]
    assert harness.field.clipboard.changes == 0


def test_cancelled_undo_sets_the_clipboard_aside() -> None:
    harness = typed_on_in_a_slow_window()
    copied = harness.field.clipboard.held
    harness.insertion.cancel()
    assert harness.insertion.clipboard.saved_copies == (USERS,)
    assert harness.field.clipboard.held == copied


def test_restore_requested_before_quitting_is_done() -> None:
    harness = typed_on_in_a_slow_window()
    harness.insertion.cancel()
    harness.insertion.add(InsertRequest(2, "Two.", TARGET))
    harness.insertion.restore_clipboard()
    harness.insertion.cancel()
    assert harness.field.clipboard.held == USERS


def typed_on_in_a_slow_window() -> Harness:
    """A window whose text had changed, and which copies after the user has continued
    typing."""
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.put(" Now")
    harness.field.late = True
    harness.insertion.undo()
    until(harness, lambda: harness.field.queries == 1)
    harness.hotkeys.others = 1
    harness.field.finish_copy()
    return harness


def test_undo_is_refused_in_a_terminal() -> None:
    harness = Harness()
    harness.inserted("ls", target=Target(1, 2, "XTerm"))
    assert harness.undone() == InsertReport(
        None, EntryStatus.WRITTEN, strings.UNDO_IN_TERMINAL
    )
    assert harness.field.selection == ""


def test_undo_of_a_very_long_text_is_refused() -> None:
    harness = Harness()
    harness.inserted("word " * (LONGEST // 5 + 1))
    assert harness.undone() == InsertReport(
        None, EntryStatus.WRITTEN, strings.UNDO_TOO_LONG
    )


def test_undo_concerns_the_last_dictation_in_the_window_with_the_keyboard() -> None:
    harness = Harness()
    terminal, notes = Target(1, 2, "XTerm"), Target(3, 4, "Notes")
    harness.inserted("Milk.", target=notes)
    harness.inserted("ls", target=terminal)
    harness.field.target = notes
    harness.field.text = "Milk."  # the notes
    harness.field.caret = harness.field.anchor = 5
    assert harness.undone().message == strings.UNDONE
    assert harness.field.text == ""
    assert harness.undone().message == strings.NOTHING_TO_UNDO
    harness.field.target = terminal
    assert harness.undone().message == strings.UNDO_IN_TERMINAL


@pytest.mark.parametrize("place", [None, Target(9, 9, "Other")])
def test_a_window_without_a_dictation_has_nothing_to_undo(
    place: Target | None,
) -> None:
    harness = Harness()
    harness.inserted("Milk.")
    harness.field.target = place
    assert harness.undone().message == strings.NOTHING_TO_UNDO
    assert harness.without_punctuation().message == strings.NO_DICTATION
    assert harness.field.text == "Milk."


@pytest.mark.parametrize(
    ("text", "place", "reported"),
    [
        ("Go on.", Target(1, 2, "XTerm"), strings.STRIP_IN_TERMINAL),
        ("word. " * (LONGEST // 5), TARGET, strings.STRIP_TOO_LONG),
        ("words", TARGET, strings.NO_PUNCTUATION),
    ],
)
def test_a_refusal_to_remove_punctuation_speaks_of_punctuation(
    text: str, place: Target, reported: str
) -> None:
    harness = Harness()
    harness.inserted(text, target=place)
    assert harness.without_punctuation().message == reported


def test_undo_waits_for_a_held_modifier() -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.is_ready = False
    harness.insertion.undo()
    assert harness.run(5.0, speaking=True) == []
    assert harness.run(MODIFIERS_S - 0.1) == []
    assert harness.run(0.2) == [unchanged(UndoResult.REFUSED)]
    harness.insertion.undo()
    harness.run(0.5)
    harness.field.is_ready = True
    assert [report.message for report in harness.run()] == [strings.UNDONE]


def test_undo_waits_for_the_insertion_before_it() -> None:
    harness = Harness()
    harness.insertion.add(InsertRequest(1, "One.", TARGET))
    harness.insertion.undo()
    reports = harness.run(2.0)
    assert [report.status for report in reports] == [
        EntryStatus.INSERTED,
        EntryStatus.WRITTEN,
    ]
    assert harness.field.text == ""


@pytest.mark.parametrize(
    ("fails", "status", "text"),
    [
        ("reader", EntryStatus.WRITTEN, "Ask the manager."),
        ("keys", EntryStatus.COPIED, "Ask the manager."),
        ("modifier", EntryStatus.COPIED, "Ask the manager."),
    ],
)
def test_words_that_cannot_be_inserted_are_not_lost(
    fails: str, status: EntryStatus, text: str
) -> None:
    class Failing(FakeEditor):
        def press_paste_keys(self, target: Target) -> None:
            if fails == "keys":
                raise InsertionError("No keys.")

    harness = Harness()
    harness.inserted("Ask the manager.")
    field = harness.field
    field.__class__ = Failing
    harness.insertion.remove_punctuation()
    if fails == "modifier":
        until(harness, lambda: field.selection == text and field.clipboard.changes > 3)
        field.is_ready = False
    report, *ends = harness.run(10.0)
    assert (report.utterance, report.status) == (1, status)
    assert report.message is not None
    assert ends == ([InsertReport(None, status)] if fails == "reader" else [])
    assert field.text == text
    copied = b"ask the manager" if status is EntryStatus.COPIED else b"theirs"
    assert field.clipboard.held.pieces[0].data == copied


class Deaf(FakeEditor):
    """A window that has handled the paste keys but reads nothing."""

    def press_paste_keys(self, target: Target) -> None:
        """Insert nothing."""


@pytest.mark.parametrize("reads", ["nobody", "a stranger", "late"])
def test_next_request_ends_the_wait_for_unread_words(reads: str) -> None:
    harness = Harness()
    harness.inserted("Ask the manager.")
    harness.field.__class__ = Deaf
    harness.insertion.remove_punctuation()
    reports = harness.run(4.0)
    assert [report.is_over for report in reports] == [False]
    if reads != "nobody":
        harness.field.clipboard.read(by_another=reads == "a stranger")
    harness.run(0.01)
    harness.insertion.copy("else", "Copied.")
    ends = harness.run(1.0)
    assert [report.message for report in ends if report.message][-1] == "Copied."
    assert harness.field.clipboard.held.pieces[0].data == b"else"
    assert (ends[0].status is EntryStatus.INSERTED) == (reads == "late")


def until(harness: Harness, so: Callable[[], bool]) -> None:
    for _ in range(100):
        if so():
            return
        harness.run(0.01)
    raise AssertionError("it never happened")


@pytest.mark.parametrize("raw", [True, False])
def test_quitting_restores_the_clipboard(raw: bool) -> None:
    for ticks in range(1, 12):
        harness = Harness()
        harness.inserted("Ask the manager.")
        if raw:
            harness.insertion.remove_punctuation()
        else:
            harness.insertion.undo()
        harness.run(ticks / 100)
        harness.insertion.cancel()
        assert harness.field.clipboard.held == USERS
        assert not harness.insertion.busy


def test_quitting_before_undo_began_changes_nothing() -> None:
    harness = Harness()
    harness.insertion.undo()
    harness.insertion.cancel()
    assert harness.run() == [] and harness.field.clipboard.changes == 0
