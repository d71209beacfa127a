"""Undo: all possible outcomes; and that only Mica's text is ever deleted and no
clipboard is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insertion.undo_harness import (
    BEFORE,
    OURS,
    REMOVED,
    editor,
    ended,
    go_on,
    made,
    queried,
)
from mica.errors import InsertionError
from mica.host.values import Snapshot
from mica.insertion.timing import MODIFIERS_S
from mica.insertion.undo import ACCESSIBILITY_S, BATCH, UndoOutcome, UndoResult
from support.fake_editor import FakeEditor
from support.fake_paste import USERS, CountingClipboard, text_snapshot


def test_undo_deletes_our_text_and_restores_the_clipboard() -> None:
    field = editor()
    assert ended(made(field), field) == REMOVED
    assert (field.text, field.deleted) == (BEFORE, [OURS])
    assert field.clipboard.held == USERS


def test_undo_can_leave_our_text_selected() -> None:
    field = editor()
    assert ended(made(field, leaves_selected=True), field) == REMOVED
    assert (field.selection, field.deleted) == (OURS, [])
    assert field.clipboard.held == USERS


def test_clipboard_is_not_touched_where_accessibility_answers() -> None:
    field = editor()
    field.reports_selection = True
    assert ended(made(field), field) == REMOVED
    assert field.text == BEFORE
    assert (field.clipboard.changes, field.clipboard.snapshots, field.queries) == (
        0,
        0,
        0,
    )


def test_accessibility_may_lag_behind_the_keys() -> None:
    class Lagging(FakeEditor):
        lag = 5

        def selected_text(self) -> str | None:
            self.lag -= 1
            return "time." if self.lag else super().selected_text()

    field = Lagging(CountingClipboard(), BEFORE + OURS, reports_selection=True)
    assert ended(made(field), field) == REMOVED
    assert field.text == BEFORE


def test_undo_keeps_a_changed_selection_reported_by_accessibility() -> None:
    field = editor(BEFORE + OURS + "!")
    field.reports_selection = True
    back = made(field)
    assert ended(back, field) is None
    assert back.evaluate(ACCESSIBILITY_S) == UndoOutcome(UndoResult.CHANGED)
    assert (field.text, field.caret) == (BEFORE + OURS + "!", len(field.text))


def test_empty_selection_by_accessibility_requests_a_copy() -> None:
    class Mute(FakeEditor):
        def selected_text(self) -> str | None:
            return ""

    field = Mute(CountingClipboard(), BEFORE + OURS)
    assert ended(made(field), field) == REMOVED
    assert field.queries == 1


@pytest.mark.parametrize(
    "now",
    [BEFORE + OURS + " ", BEFORE + " I have time!", "time.", BEFORE + "\n" + OURS],
)
def test_undo_keeps_changed_text_caret_and_clipboard(now: str) -> None:
    field = editor(now)
    text = OURS if now[-len(OURS) :] != OURS else OURS[1:] + "x"
    assert ended(made(field, text=text), field) == UndoOutcome(UndoResult.CHANGED)
    assert (field.text, field.selection, field.caret) == (now, "", len(now))
    assert field.clipboard.held == USERS


@pytest.mark.parametrize("ours", [" one\ntwo three", " one\ntwo\u00a0three"])
def test_copied_line_ends_and_no_break_spaces_count_as_our_text(ours: str) -> None:
    field = editor(BEFORE + " one\u2029two\u00a0three")
    assert ended(made(field, text=ours), field) == REMOVED


def test_long_text_is_selected_in_batches_while_the_user_may_type() -> None:
    field = editor("x" * 3 * BATCH)
    back = made(field, text="x" * 3 * BATCH)
    back.evaluate(0.0)
    assert len(field.selection) == BATCH
    field.presses = 1
    assert back.evaluate(0.01) == UndoOutcome(UndoResult.INTERRUPTED)
    assert len(field.selection) == BATCH  # the user's keys are not mixed with ours
    field = editor("x" * 3 * BATCH)
    assert ended(made(field, text="x" * 3 * BATCH), field) == REMOVED
    assert field.text == ""


@pytest.mark.parametrize("meanwhile", ["key", "focus", "no focus", "modifier"])
@pytest.mark.parametrize("reports_selection", [True, False])
def test_continued_typing_during_undo_loses_nothing(
    meanwhile: str, reports_selection: bool
) -> None:
    field = editor()
    field.reports_selection = reports_selection
    back = made(field)
    back.evaluate(0.0)
    assert field.selection == OURS
    go_on(field, meanwhile)
    assert back.evaluate(0.01) == UndoOutcome(UndoResult.INTERRUPTED)
    assert (field.text, field.deleted) == (BEFORE + OURS, [])
    assert field.clipboard.held == USERS


def test_undo_waits_for_held_modifiers_then_refuses() -> None:
    field = editor()
    field.is_ready = False
    back = made(field)
    assert back.evaluate(0.0) is None
    assert back.evaluate(MODIFIERS_S - 0.01) is None
    assert back.evaluate(MODIFIERS_S) == UndoOutcome(UndoResult.REFUSED)
    assert field.selection == ""
    field.is_ready = True
    assert ended(made(field), field) == REMOVED


def test_failing_keys_end_the_transaction() -> None:
    field = editor()
    field.why = InsertionError("No keys.")
    assert ended(made(field), field) == UndoOutcome(UndoResult.REFUSED, field.why)


def test_keys_refused_at_the_end_restore_the_clipboard() -> None:
    field, back = queried()
    field.finish_copy()
    field.why = InsertionError("No keys.")
    assert back.evaluate(0.5) == UndoOutcome(UndoResult.REFUSED, field.why)
    assert field.clipboard.held == USERS


def test_reentrant_evaluate_sends_no_key_twice() -> None:
    class Porous(CountingClipboard):
        def snapshot(self) -> Snapshot:
            back.evaluate(0.5)
            return super().snapshot()

    field = FakeEditor(Porous(), BEFORE + OURS)
    back = made(field)
    assert ended(back, field) == REMOVED
    assert (field.queries, field.deleted) == (1, [OURS])


def test_finished_transaction_does_nothing() -> None:
    field = editor()
    back = made(field)
    assert ended(back, field) is back.cancel()
    field.clipboard.users_copy("later")
    assert back.evaluate(100.0) == REMOVED
    assert field.clipboard.held == text_snapshot("later")
    assert field.text == BEFORE


STEPS = ["tick", "copy now", "key", "user copies", "modifier", "none", "away", "quit"]


@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.floats(-1, 5)), max_size=25),
    st.sampled_from([OURS, OURS + "!", "", "time.", "xxxxxxxxxxxxx"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_random_undos_delete_only_our_text_and_lose_no_clipboard(
    steps: list[tuple[str, float]],
    end: str,
    reports_surrounding: bool,
    reports_selection: bool,
    late: bool,
    leaves_selected: bool,
) -> None:
    field = editor(BEFORE + end)
    field.reports_surrounding = reports_surrounding
    field.reports_selection, field.late = reports_selection, late
    back = made(field, leaves_selected=leaves_selected)
    now_s, users, copied = 0.0, USERS, False
    for step, jump_s in steps:
        if step == "copy now" and field.queries and not copied and back.outcome is None:
            copied = True
            field.finish_copy()
        elif step == "key":
            field.presses = (field.presses or 0) + 1
        elif step == "user copies":
            back.evaluate(now_s)  # every 10 ms, so before the user could act
            field.presses = (field.presses or 0) + 1
            field.clipboard.users_copy(f"copy at {now_s}")
            users = field.clipboard.held
        elif step in ("modifier", "none"):
            field.is_ready = step == "none"
        elif step == "away":
            field.target = None
        elif step == "quit":
            back.cancel()
        now_s += jump_s
        back.evaluate(now_s)
        assert field.deleted in ([], [OURS])
    for late_s in (10.0, 20.0, 30.0):
        back.evaluate(max(now_s, 0.0) + late_s)
    assert back.outcome is not None
    assert users in (field.clipboard.held, *back.outcome.replaced)
    if field.deleted:
        assert field.text == BEFORE and field.clipboard.held == users
