"""Undo that makes the target copy: it may be late, and the user may copy meanwhile; no
clipboard is lost."""

import pytest

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
from mica.bench.paste import MANAGER_PID
from mica.host.values import Piece, Snapshot, Target
from mica.insertion.undo import COPY_S, EMPTY_S, UndoOutcome, UndoResult
from support.fake_editor import FakeEditor
from support.fake_paste import TARGET, USERS, CountingClipboard, text_snapshot


def test_a_target_that_copies_late_is_waited_for() -> None:
    field = editor()
    field.late = True
    back = made(field)
    assert ended(back, field) is None
    field.finish_copy()
    assert back.evaluate(COPY_S - 0.1) == REMOVED
    assert field.clipboard.held == USERS


def test_a_target_that_never_copies_loses_nothing() -> None:
    field = editor()
    field.copies = False
    back = made(field)
    ended(back, field)
    assert back.evaluate(COPY_S - 0.01) is None
    late = UndoOutcome(UndoResult.UNKNOWN, None, (USERS,))  # because it may still copy
    assert back.evaluate(COPY_S + 0.1) == late
    assert (field.text, field.selection) == (BEFORE + OURS, "")
    assert field.clipboard.changes == 0


def test_late_copy_over_an_empty_clipboard_replaces_nothing() -> None:
    field = editor()
    field.copies, field.clipboard.held = False, Snapshot()
    back = made(field)
    ended(back, field)
    assert back.evaluate(COPY_S + 0.1) == UndoOutcome(UndoResult.UNKNOWN)


def test_clipboard_may_be_empty_for_a_moment_before_the_copy() -> None:
    field, back = queried()
    field.clipboard.restore(Snapshot())
    assert back.evaluate(0.2) is None
    field.finish_copy()
    assert back.evaluate(0.3) == REMOVED
    assert field.clipboard.held == USERS


def test_copy_without_text_is_a_changed_text() -> None:
    field, back = queried()
    field.clipboard.restore(Snapshot((Piece(0, "image/png", b"png"),)))
    assert back.evaluate(1.0) is None
    assert back.evaluate(1.0 + EMPTY_S) == UndoOutcome(UndoResult.CHANGED)
    assert field.clipboard.held == USERS


@pytest.mark.parametrize("meanwhile", ["key", "focus", "modifier"])
@pytest.mark.parametrize("ours", [True, False])
def test_typing_during_the_copy_loses_nothing(meanwhile: str, ours: bool) -> None:
    field, back = queried(BEFORE + OURS if ours else BEFORE)
    go_on(field, meanwhile)
    field.finish_copy()
    copied = field.clipboard.held
    if not ours:  # the target's copy may still come
        assert back.evaluate(0.5) is None
    # A different text may be the user's latest copy, so it stays.
    replaced = () if ours else (USERS, copied)
    assert back.evaluate(COPY_S + 0.1) == UndoOutcome(
        UndoResult.INTERRUPTED, None, replaced
    )
    assert field.deleted == []
    assert field.clipboard.held == (USERS if ours else copied)


@pytest.mark.parametrize("image", [False, True])
@pytest.mark.parametrize("ours", [True, False])
def test_user_copy_before_the_targets_copy_stays(image: bool, ours: bool) -> None:
    field, back = queried(BEFORE + OURS if ours else BEFORE)
    field.target = Target(9, 9, "Other")
    field.clipboard.users_copy("newer")
    if image:
        field.clipboard.restore(Snapshot((Piece(0, "image/png", b"png"),)))
    newer = field.clipboard.held
    assert back.evaluate(0.5) is None
    assert back.evaluate(0.5 + EMPTY_S) is None
    field.target = TARGET
    field.finish_copy()
    assert field.clipboard.held != newer
    back.evaluate(1.0)
    assert field.clipboard.held == newer


def test_cancel_keeps_a_user_copy() -> None:
    field, back = queried()
    field.presses = 1
    field.clipboard.users_copy("newer")
    assert back.cancel() == UndoOutcome(UndoResult.INTERRUPTED, None, (USERS,))
    assert field.clipboard.held == text_snapshot("newer")


def test_second_copy_stays_and_the_first_is_reported() -> None:
    field, back = queried(BEFORE)
    field.presses = 1
    field.clipboard.users_copy("newer")
    assert back.evaluate(0.5) is None
    field.finish_copy()
    late = field.clipboard.held
    assert back.evaluate(0.6) is None
    newer = text_snapshot("newer")
    assert back.evaluate(COPY_S + 0.1) == UndoOutcome(
        UndoResult.INTERRUPTED, None, (USERS, newer, late)
    )
    assert field.clipboard.held == late


def test_emptied_clipboard_is_reported() -> None:
    field, back = queried()
    field.presses = 1
    field.clipboard.restore(Snapshot())
    assert back.evaluate(0.5) is None
    assert back.evaluate(0.5 + EMPTY_S) is None
    assert back.evaluate(COPY_S + 0.1) == UndoOutcome(
        UndoResult.INTERRUPTED, None, (USERS,)
    )
    assert field.clipboard.held == Snapshot()


def test_a_clipboard_that_may_not_be_read_is_not_copied_to() -> None:
    field = editor()
    field.clipboard.held = Snapshot(left_out=("reading is not allowed",))
    assert ended(made(field), field) == UndoOutcome(UndoResult.UNSAVED)
    assert (field.queries, field.clipboard.changes, field.selection) == (0, 0, "")


def test_manager_that_claims_our_text_late_is_not_the_target() -> None:
    field, back = queried(BEFORE)  # something else is selected
    field.clipboard.published.append(OURS)
    field.clipboard.hold(text_snapshot(OURS), MANAGER_PID)
    assert back.evaluate(0.5) is None
    assert field.clipboard.held == USERS and field.deleted == []
    field.finish_copy()
    assert back.evaluate(0.6) == UndoOutcome(UndoResult.CHANGED)
    assert field.clipboard.held == USERS and field.deleted == []


def test_a_copy_while_the_clipboard_is_being_read_is_seen() -> None:
    class Overtaken(CountingClipboard):
        def snapshot(self) -> Snapshot:
            before = super().snapshot()
            if self.changes == 0:
                field.presses = 1
                self.users_copy("newer")
            return before

    field = FakeEditor(Overtaken(), BEFORE + OURS)
    field.late = True
    back = made(field)
    ended(back, field)
    field.finish_copy()
    assert back.evaluate(0.5) == UndoOutcome(UndoResult.INTERRUPTED)
    assert field.clipboard.held == text_snapshot("newer")


def test_clipboard_emptied_during_typing_is_restored() -> None:
    field, back = queried()
    field.presses = 1
    field.clipboard.restore(Snapshot())
    assert back.evaluate(0.5) is None
    assert back.evaluate(0.5 + EMPTY_S) is None
    field.finish_copy()
    assert back.evaluate(1.0) == UndoOutcome(UndoResult.INTERRUPTED)
    assert field.clipboard.held == USERS


@pytest.mark.parametrize("copied", [True, False])
def test_cancel_restores_the_clipboard(copied: bool) -> None:
    field, back = queried()
    if copied:
        field.finish_copy()
    replaced = () if copied else (USERS,)
    assert back.cancel() == UndoOutcome(UndoResult.INTERRUPTED, None, replaced)
    assert field.clipboard.held == USERS
