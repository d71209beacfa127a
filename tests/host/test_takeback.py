"""Taking back: every way it can go, and the laws that nothing but ours is deleted and
no clipboard is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_board import TARGET, USERS, FakeBoard, plain
from fake_editor import FakeEditor
from mica.errors import InsertionError
from mica.host.paste import MODIFIERS_S
from mica.host.ports import Piece, Snapshot, Target
from mica.host.takeback import (
    BATCH,
    COPIES_S,
    EMPTY_S,
    SAYS_S,
    TakeBack,
    Taken,
    TakenBack,
)

OURS = " I have time."
BEFORE = "Ask the manager."
BACK = TakenBack(Taken.BACK)


def editor(text: str = BEFORE + OURS) -> FakeEditor:
    return FakeEditor(FakeBoard(), text)


def made(field: FakeEditor, *, text: str = OURS, keeps: bool = False) -> TakeBack:
    return TakeBack(
        text,
        TARGET,
        field.board,
        field,
        field,
        field,
        lambda: field.presses,
        keeps=keeps,
    )


def ended(back: TakeBack, field: FakeEditor, at_s: float = 0.0) -> TakenBack | None:
    """Ten steps, as many as an immediate target needs."""
    for step in range(10):
        back.evaluate(at_s + step / 100)
    return back.outcome


def asked(text: str = BEFORE + OURS) -> tuple[FakeEditor, TakeBack]:
    """A slow target that was asked to copy and has not yet."""
    field = editor(text)
    field.late = True
    back = made(field)
    ended(back, field)
    return field, back


def test_what_is_ours_is_deleted_and_the_clipboard_is_as_before() -> None:
    field = editor()
    assert ended(made(field), field) == BACK
    assert (field.text, field.deleted) == (BEFORE, [OURS])
    assert field.board.held == USERS


def test_what_is_ours_may_be_left_selected_for_another_text() -> None:
    field = editor()
    assert ended(made(field, keeps=True), field) == BACK
    assert (field.selection, field.deleted) == (OURS, [])
    assert field.board.held == USERS


def test_where_accessibility_answers_the_clipboard_is_not_touched() -> None:
    field = editor()
    field.says = True
    assert ended(made(field), field) == BACK
    assert field.text == BEFORE
    assert (field.board.changes, field.board.snapshots, field.asked) == (0, 0, 0)


def test_accessibility_may_lag_behind_the_keys() -> None:
    class Lagging(FakeEditor):
        behind = 5

        def selected(self) -> str | None:
            self.behind -= 1
            return "time." if self.behind else super().selected()

    field = Lagging(FakeBoard(), BEFORE + OURS, says=True)
    assert ended(made(field), field) == BACK
    assert field.text == BEFORE


def test_another_text_by_accessibility_stays() -> None:
    field = editor(BEFORE + OURS + "!")
    field.says = True
    back = made(field)
    assert ended(back, field) is None
    assert back.evaluate(SAYS_S) == TakenBack(Taken.ANOTHER)
    assert (field.text, field.caret) == (BEFORE + OURS + "!", len(field.text))


def test_an_empty_answer_is_none_and_the_target_is_asked_to_copy() -> None:
    class Mute(FakeEditor):
        def selected(self) -> str | None:
            return ""

    field = Mute(FakeBoard(), BEFORE + OURS)
    assert ended(made(field), field) == BACK
    assert field.asked == 1


@pytest.mark.parametrize(
    "now",
    [BEFORE + OURS + " ", BEFORE + " I have time!", "time.", BEFORE + "\n" + OURS],
)
def test_another_text_stays_with_caret_and_clipboard(now: str) -> None:
    field = editor(now)
    text = OURS if now[-len(OURS) :] != OURS else OURS[1:] + "x"
    assert ended(made(field, text=text), field) == TakenBack(Taken.ANOTHER)
    assert (field.text, field.selection, field.caret) == (now, "", len(now))
    assert field.board.held == USERS


def test_copied_line_ends_and_hard_spaces_are_ours() -> None:
    field = editor(BEFORE + " one\u2029two\u00a0three")
    assert ended(made(field, text=" one\ntwo three"), field) == BACK


def test_a_target_that_copies_late_is_waited_for() -> None:
    field = editor()
    field.late = True
    back = made(field)
    assert ended(back, field) is None
    field.finish_copy()
    assert back.evaluate(COPIES_S - 0.1) == BACK
    assert field.board.held == USERS


def test_a_target_that_never_copies_loses_nothing() -> None:
    field = editor()
    field.copies = False
    back = made(field)
    ended(back, field)
    assert back.evaluate(COPIES_S - 0.01) is None
    assert back.evaluate(COPIES_S + 0.1) == TakenBack(Taken.UNKNOWN)
    assert (field.text, field.selection) == (BEFORE + OURS, "")
    assert field.board.changes == 0


def test_a_clipboard_is_empty_for_a_moment_before_the_copy_comes() -> None:
    field, back = asked()
    field.board.restore(Snapshot())
    assert back.evaluate(0.2) is None
    field.finish_copy()
    assert back.evaluate(0.3) == BACK
    assert field.board.held == USERS


def test_a_copy_without_text_is_another() -> None:
    field, back = asked()
    field.board.restore(Snapshot((Piece(0, "image/png", b"png"),)))
    assert back.evaluate(1.0) is None
    assert back.evaluate(1.0 + EMPTY_S) == TakenBack(Taken.ANOTHER)
    assert field.board.held == USERS


def test_a_long_text_is_selected_in_batches_and_the_user_may_go_on() -> None:
    field = editor("x" * 3 * BATCH)
    back = made(field, text="x" * 3 * BATCH)
    back.evaluate(0.0)
    assert len(field.selection) == BATCH
    field.presses = 1
    assert back.evaluate(0.01) == TakenBack(Taken.LEFT)
    assert len(field.selection) == BATCH  # theirs now; no key of ours gets in between
    field = editor("x" * 3 * BATCH)
    assert ended(made(field, text="x" * 3 * BATCH), field) == BACK
    assert field.text == ""


@pytest.mark.parametrize("meanwhile", ["key", "focus", "no focus", "modifier"])
@pytest.mark.parametrize("says", [True, False])
def test_who_goes_on_meanwhile_loses_nothing(meanwhile: str, says: bool) -> None:
    field = editor()
    field.says = says
    back = made(field)
    back.evaluate(0.0)
    assert field.selection == OURS
    go_on(field, meanwhile)
    assert back.evaluate(0.01) == TakenBack(Taken.LEFT)
    assert (field.text, field.deleted) == (BEFORE + OURS, [])
    assert field.board.held == USERS


@pytest.mark.parametrize("meanwhile", ["key", "focus", "modifier"])
@pytest.mark.parametrize("ours", [True, False])
def test_who_goes_on_while_it_copies_loses_nothing(meanwhile: str, ours: bool) -> None:
    field, back = asked(BEFORE + OURS if ours else BEFORE)
    go_on(field, meanwhile)
    field.finish_copy()
    copied = field.board.held
    if not ours:  # what the target copies may be yet to come
        assert back.evaluate(0.5) is None
    # another text may be what the user copied just now: that stays
    replaced = None if ours else USERS
    assert back.evaluate(COPIES_S + 0.1) == TakenBack(Taken.LEFT, None, replaced)
    assert field.deleted == []
    assert field.board.held == (USERS if ours else copied)


@pytest.mark.parametrize("image", [False, True])
@pytest.mark.parametrize("ours", [True, False])
def test_what_the_user_copies_before_the_target_does_stays(
    image: bool, ours: bool
) -> None:
    field, back = asked(BEFORE + OURS if ours else BEFORE)
    field.target = Target(9, 9, "Other")
    field.board.users_copy("newer")
    if image:
        field.board.restore(Snapshot((Piece(0, "image/png", b"png"),)))
    newer = field.board.held
    assert back.evaluate(0.5) is None
    assert back.evaluate(0.5 + EMPTY_S) is None
    field.target = TARGET
    field.finish_copy()
    assert field.board.held != newer
    back.evaluate(1.0)
    assert field.board.held == newer


def test_quitting_leaves_what_the_user_copied_just_now() -> None:
    field, back = asked()
    field.presses = 1
    field.board.users_copy("newer")
    assert back.abandon() == TakenBack(Taken.LEFT, None, USERS)
    assert field.board.held == plain("newer")


def test_of_two_copies_meanwhile_the_later_stays_and_the_other_is_handed_out() -> None:
    field, back = asked(BEFORE)
    field.presses = 1
    field.board.users_copy("newer")
    assert back.evaluate(0.5) is None
    field.finish_copy()
    late = field.board.held
    assert back.evaluate(0.6) is None
    newer = plain("newer")
    assert back.evaluate(COPIES_S + 0.1) == TakenBack(Taken.LEFT, None, newer)
    assert field.board.held == late


def test_an_emptied_clipboard_that_nobody_fills_is_handed_out() -> None:
    field, back = asked()
    field.presses = 1
    field.board.restore(Snapshot())
    assert back.evaluate(0.5) is None
    assert back.evaluate(0.5 + EMPTY_S) is None
    assert back.evaluate(COPIES_S + 0.1) == TakenBack(Taken.LEFT, None, USERS)
    assert field.board.held == Snapshot()


def test_a_clipboard_that_may_not_be_read_is_not_copied_to() -> None:
    field = editor()
    field.board.held = Snapshot(left_out=("reading is not allowed",))
    assert ended(made(field), field) == TakenBack(Taken.UNKNOWN)
    assert (field.asked, field.board.changes, field.selection) == (0, 0, "")


def test_a_copy_while_the_clipboard_is_being_read_is_seen() -> None:
    class Overtaken(FakeBoard):
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
    assert back.evaluate(0.5) == TakenBack(Taken.LEFT)
    assert field.board.held == plain("newer")


def test_a_clipboard_emptied_while_the_user_goes_on_is_put_back() -> None:
    field, back = asked()
    field.presses = 1
    field.board.restore(Snapshot())
    assert back.evaluate(0.5) is None
    assert back.evaluate(0.5 + EMPTY_S) is None
    field.finish_copy()
    assert back.evaluate(1.0) == TakenBack(Taken.LEFT)
    assert field.board.held == USERS


def go_on(field: FakeEditor, meanwhile: str) -> None:
    if meanwhile == "key":
        field.presses = 1
    elif meanwhile == "modifier":
        field.is_ready = False
    else:
        field.target = Target(9, 9, "Other") if meanwhile == "focus" else None


def test_held_modifiers_are_waited_for_then_it_is_refused() -> None:
    field = editor()
    field.is_ready = False
    back = made(field)
    assert back.evaluate(0.0) is None
    assert back.evaluate(MODIFIERS_S - 0.01) is None
    assert back.evaluate(MODIFIERS_S) == TakenBack(Taken.REFUSED)
    assert field.selection == ""
    field.is_ready = True
    assert ended(made(field), field) == BACK


def test_keys_that_cannot_be_sent_end_it() -> None:
    field = editor()
    field.why = InsertionError("No keys.")
    assert ended(made(field), field) == TakenBack(Taken.REFUSED, field.why)


def test_keys_refused_at_the_end_put_the_clipboard_back() -> None:
    field, back = asked()
    field.finish_copy()
    field.why = InsertionError("No keys.")
    assert back.evaluate(0.5) == TakenBack(Taken.REFUSED, field.why)
    assert field.board.held == USERS


def test_events_let_in_by_the_clipboard_send_no_key_twice() -> None:
    class Porous(FakeBoard):
        def snapshot(self) -> Snapshot:
            back.evaluate(0.5)
            return super().snapshot()

    field = FakeEditor(Porous(), BEFORE + OURS)
    back = made(field)
    assert ended(back, field) == BACK
    assert (field.asked, field.deleted) == (1, [OURS])


def test_after_the_end_nothing_happens() -> None:
    field = editor()
    back = made(field)
    assert ended(back, field) is back.abandon()
    field.board.users_copy("later")
    assert back.evaluate(100.0) == BACK
    assert field.board.held == plain("later")
    assert field.text == BEFORE


@pytest.mark.parametrize("copied", [True, False])
def test_quitting_puts_the_clipboard_back(copied: bool) -> None:
    field, back = asked()
    if copied:
        field.finish_copy()
    assert back.abandon() == TakenBack(Taken.LEFT)
    assert field.board.held == USERS


STEPS = ["tick", "copy now", "key", "user copies", "modifier", "none", "away", "quit"]


@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.floats(-1, 5)), max_size=25),
    st.sampled_from([OURS, OURS + "!", "", "time.", "xxxxxxxxxxxxx"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_nothing_but_ours_is_deleted_and_no_clipboard_is_lost(
    steps: list[tuple[str, float]], end: str, says: bool, late: bool, keeps: bool
) -> None:
    field = editor(BEFORE + end)
    field.says, field.late = says, late
    back, now_s, users, copied = made(field, keeps=keeps), 0.0, USERS, False
    for step, jump_s in steps:
        if step == "copy now" and field.asked and not copied and back.outcome is None:
            copied = True
            field.finish_copy()
        elif step == "key":
            field.presses = (field.presses or 0) + 1
        elif step == "user copies":
            back.evaluate(now_s)  # every 10 ms: nobody is that quick
            field.presses = (field.presses or 0) + 1
            field.board.users_copy(f"copy at {now_s}")
            users = field.board.held
        elif step in ("modifier", "none"):
            field.is_ready = step == "none"
        elif step == "away":
            field.target = None
        elif step == "quit":
            back.abandon()
        now_s += jump_s
        back.evaluate(now_s)
        assert field.deleted in ([], [OURS])
    for late_s in (10.0, 20.0, 30.0):
        back.evaluate(max(now_s, 0.0) + late_s)
    assert back.outcome is not None
    assert users in (field.board.held, back.outcome.replaced)
    if field.deleted:
        assert field.text == BEFORE and field.board.held == users
