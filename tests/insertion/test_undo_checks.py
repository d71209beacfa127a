"""Undo where Accessibility reports the text before the caret: it is queried before any
key is sent, and text that is not Mica's is never even selected."""

import pytest

from insertion.undo_harness import BEFORE, OURS, REMOVED, ended, go_on, made
from mica.insertion.undo import ACCESSIBILITY_S, BATCH, UndoOutcome, UndoResult
from support.fake_editor import FakeEditor
from support.fake_paste import USERS, CountingClipboard

ANOTHER = UndoOutcome(UndoResult.CHANGED)


class Watched(FakeEditor):
    """An editor that reports its text and counts the keys it gets."""

    keys = 0

    def select_back(self, count: int) -> None:
        self.keys += 1
        super().select_back(count)

    def collapse_selection(self) -> None:
        self.keys += 1
        super().collapse_selection()


def telling(text: str = BEFORE + OURS, *, reports_selection: bool = True) -> Watched:
    return Watched(
        CountingClipboard(),
        text,
        reports_surrounding=True,
        reports_selection=reports_selection,
    )


@pytest.mark.parametrize("leaves_selected", [False, True])
def test_text_confirmed_by_accessibility_is_removed_without_the_clipboard(
    leaves_selected: bool,
) -> None:
    field = telling()
    assert ended(made(field, leaves_selected=leaves_selected), field) == REMOVED
    assert (field.deleted, field.selection) == (
        ([], OURS) if leaves_selected else ([OURS], "")
    )
    assert (field.clipboard.changes, field.clipboard.snapshots, field.queries) == (
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    "now",
    [BEFORE + OURS + "!", BEFORE + " I have time!", "time.", "", BEFORE + "\n"],
)
@pytest.mark.parametrize("reports_selection", [True, False])
def test_text_changed_by_accessibility_gets_no_key(
    now: str, reports_selection: bool
) -> None:
    field = telling(now, reports_selection=reports_selection)
    back = made(field)
    assert ended(back, field) is None
    assert back.evaluate(ACCESSIBILITY_S) == ANOTHER
    assert (field.text, field.caret, field.keys) == (now, len(now), 0)
    assert (field.clipboard.changes, field.clipboard.snapshots, field.queries) == (
        0,
        0,
        0,
    )


def test_user_selection_stays_selected() -> None:
    field = telling()
    field.anchor -= len(OURS)
    back = made(field)
    back.evaluate(0.0)
    assert back.evaluate(ACCESSIBILITY_S) == ANOTHER
    assert (field.selection, field.keys) == (OURS, 0)


def test_accessibility_may_lag_behind_an_undo_just_before() -> None:
    field = telling(BEFORE + OURS + " Gone.")
    back = made(field)
    assert ended(back, field) is None
    field.text = BEFORE + OURS
    field.caret = field.anchor = len(field.text)
    assert back.evaluate(0.2) is None
    assert back.evaluate(0.3) == REMOVED
    assert field.text == BEFORE


@pytest.mark.parametrize("meanwhile", ["key", "focus", "no focus"])
def test_typing_during_the_check_stops_undo(meanwhile: str) -> None:
    field = telling(BEFORE + OURS + " Gone.")
    back = made(field)
    back.evaluate(0.0)
    go_on(field, meanwhile)
    assert back.evaluate(0.01) == UndoOutcome(UndoResult.INTERRUPTED)
    assert field.keys == 0


def test_a_selection_that_comes_late_is_waited_for() -> None:
    class Late(FakeEditor):
        lag = 5

        def selected_text(self) -> str | None:
            self.lag -= 1
            return "" if self.lag else super().selected_text()

    field = Late(
        CountingClipboard(),
        BEFORE + OURS,
        reports_surrounding=True,
        reports_selection=True,
    )
    assert ended(made(field), field) == REMOVED
    assert (field.clipboard.changes, field.queries) == (0, 0)


@pytest.mark.parametrize("ours", [True, False])
def test_program_that_hides_its_selection_gets_a_copy_command(ours: bool) -> None:
    class Coarse(FakeEditor):
        """An editor whose arrow keys skip more than one visible character."""

        def select_back(self, count: int) -> None:
            super().select_back(count if ours else count + 1)

    field = Coarse(CountingClipboard(), BEFORE + OURS, reports_surrounding=True)
    back = made(field)
    assert ended(back, field) is None
    assert field.queries == 0
    assert ended(back, field, ACCESSIBILITY_S) == (REMOVED if ours else ANOTHER)
    assert field.deleted == ([OURS] if ours else [])
    assert (field.queries, field.clipboard.held) == (1, USERS)


def test_long_text_is_searched_for_once() -> None:
    class CountingEditor(FakeEditor):
        looked = 0

        def text_before(self, text: str) -> str | None:
            self.looked += 1
            return super().text_before(text)

    text = "x" * 3 * BATCH
    field = CountingEditor(
        CountingClipboard(), text, reports_surrounding=True, reports_selection=True
    )
    assert ended(made(field, text=text), field) == REMOVED
    assert (field.looked, field.text) == (1, "")


@pytest.mark.parametrize(
    ("ours", "there", "outcome"),
    [
        (" one\ntwo three", " one\u2029two\u00a0three", REMOVED),
        (" one\ntwo three", " one\r\ntwo three", REMOVED),
        (" one\ntwo three", " one\ntwo three!", ANOTHER),
        (" one\ntwo three", " One\ntwo three", ANOTHER),
        (" one\n", " one\n", REMOVED),
        (" one\n", " one!", ANOTHER),
    ],
)
def test_line_breaks_may_count_as_two(
    ours: str, there: str, outcome: UndoOutcome
) -> None:
    class Lines(FakeEditor):
        """An editor whose arrow keys skip both characters of a line end at once."""

        def select_back(self, count: int) -> None:
            super().select_back(count + self.text.count("\r\n"))

    field = Lines(
        CountingClipboard(),
        BEFORE + there,
        reports_surrounding=True,
        reports_selection=True,
    )
    back = made(field, text=ours)
    ended(back, field)
    assert back.evaluate(ACCESSIBILITY_S) == outcome
    assert field.text == (BEFORE if outcome == REMOVED else BEFORE + there)
    assert field.selection == ""
