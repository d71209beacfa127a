"""What was put back on the clipboard stays there, whatever clipboard managers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.host.values import Snapshot, Target
from mica.insertion.clipboard_guard import GUARD_S, TRIES, ClipboardGuard, GuardVerdict
from support.fake_board import TARGET, USERS, FakeBoard, text_snapshot

TEXT = "ours"


class Taken:
    """A clipboard that was put back after a text of ours, and its guard."""

    def __init__(self, before: Snapshot = USERS) -> None:
        self.board = FakeBoard(before)
        self.board.publish(TEXT)
        self.board.restore(before)
        self.guard = ClipboardGuard(TARGET, before, self.board)
        assert self.evaluate(0.0) is None

    def evaluate(
        self, now_s: float, *, went_on: bool = False, current: Target | None = None
    ) -> GuardVerdict | None:
        return self.guard.evaluate(now_s, went_on=went_on, current=lambda: current)

    def copies(self, text: str, owner: int | None = None) -> None:
        self.board.hold(text_snapshot(text), owner)


def test_a_manager_that_puts_our_text_there_late_is_put_right() -> None:
    taken = Taken()
    taken.copies(TEXT)
    assert taken.evaluate(1.0) is None
    assert taken.board.held == USERS
    assert taken.evaluate(GUARD_S - 0.1) is None
    assert taken.evaluate(GUARD_S) is GuardVerdict.KEPT


def test_guard_restores_a_few_times_then_gives_up() -> None:
    taken = Taken()
    for number in range(TRIES):
        taken.copies(TEXT)
        assert taken.evaluate(number / 100) is None
        assert taken.board.held == USERS
    taken.copies(TEXT)
    assert taken.evaluate(1.0) is GuardVerdict.LOST
    assert taken.board.held == text_snapshot(TEXT)


def test_guard_leaves_a_user_copy() -> None:
    taken = Taken()
    taken.copies("newer")
    assert taken.evaluate(1.0) is None
    assert taken.board.held == text_snapshot("newer")
    taken.copies(TEXT)  # by a manager that is late
    assert taken.evaluate(2.0) is None
    assert taken.board.held == text_snapshot("newer")
    assert taken.evaluate(GUARD_S) is GuardVerdict.KEPT


def test_guard_leaves_a_user_copy_that_cannot_be_saved() -> None:
    taken = Taken()
    taken.board.hold(Snapshot((), ("image/png",)))
    assert taken.evaluate(1.0) is GuardVerdict.KEPT


def test_a_manager_that_takes_the_users_own_text_over_is_left_alone() -> None:
    taken = Taken()
    taken.copies("theirs")
    assert taken.evaluate(0.1) is None
    taken.copies(TEXT)  # and what it was late with
    assert taken.evaluate(0.2) is None
    assert taken.board.held == USERS


@pytest.mark.parametrize(
    ("owner", "went_on", "ended"),
    [
        (TARGET.pid, False, GuardVerdict.KEPT),  # copied where it was inserted
        (TARGET.pid, True, GuardVerdict.KEPT),
        (99, True, None),  # a manager, while the user types on
        (None, True, GuardVerdict.MAYBE),  # nobody knows who it was
        (None, False, None),
    ],
)
def test_the_users_own_copy_of_what_they_dictated_stays(
    owner: int | None, went_on: bool, ended: GuardVerdict | None
) -> None:
    taken = Taken()
    taken.copies(TEXT, owner)
    assert taken.evaluate(0.1, went_on=went_on) is ended
    assert taken.board.held == (USERS if ended is None else text_snapshot(TEXT))


def test_the_same_words_copied_where_the_user_went_on_stay() -> None:
    other, taken = Target(9, 9, "Other"), Taken()
    taken.copies(TEXT, 99)
    assert taken.evaluate(0.1, went_on=True, current=other) is None
    taken.copies(TEXT, other.pid)
    assert taken.evaluate(0.2, went_on=False, current=other) is None
    assert taken.board.held == USERS
    taken.copies(TEXT, other.pid)
    assert taken.evaluate(0.3, went_on=True, current=other) is GuardVerdict.KEPT
    assert taken.board.held == text_snapshot(TEXT)


def test_an_empty_clipboard_that_a_manager_fills_is_empty_again() -> None:
    taken = Taken(Snapshot())
    taken.copies(TEXT)
    assert taken.evaluate(0.1) is None
    assert taken.board.held == Snapshot()


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([TEXT, "theirs"]))))
def test_guard_always_ends(steps: list[tuple[float, str]]) -> None:
    taken, now_s = Taken(), 0.0
    changes = taken.board.changes
    for later_s, text in steps:
        taken.copies(text)
        now_s += later_s
        if taken.evaluate(now_s) is not None:
            break
    assert taken.board.changes <= changes + len(steps) + TRIES
    assert taken.evaluate(now_s + GUARD_S + 0.1) is not None
