"""A restored clipboard stays restored, whatever clipboard managers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.host.values import Snapshot, Target
from mica.insertion.clipboard_guard import GUARD_S, TRIES, ClipboardGuard, GuardVerdict
from support.fake_paste import TARGET, USERS, CountingClipboard, text_snapshot

TEXT = "ours"


class GuardHarness:
    """A clipboard that was restored after a text of Mica's, and its guard."""

    def __init__(self, before: Snapshot = USERS) -> None:
        self.clipboard = CountingClipboard(before)
        self.clipboard.publish(TEXT)
        self.clipboard.restore(before)
        self.guard = ClipboardGuard(TARGET, before, self.clipboard)
        assert self.evaluate(0.0) is None

    def evaluate(
        self, now_s: float, *, user_acted: bool = False, current: Target | None = None
    ) -> GuardVerdict | None:
        return self.guard.evaluate(
            now_s, user_acted=user_acted, current=lambda: current
        )

    def copies(self, text: str, owner: int | None = None) -> None:
        self.clipboard.hold(text_snapshot(text), owner)


def test_late_claim_by_a_clipboard_manager_is_reverted() -> None:
    harness = GuardHarness()
    harness.copies(TEXT)
    assert harness.evaluate(1.0) is None
    assert harness.clipboard.held == USERS
    assert harness.evaluate(GUARD_S - 0.1) is None
    assert harness.evaluate(GUARD_S) is GuardVerdict.KEPT


def test_guard_restores_a_few_times_then_gives_up() -> None:
    harness = GuardHarness()
    for number in range(TRIES):
        harness.copies(TEXT)
        assert harness.evaluate(number / 100) is None
        assert harness.clipboard.held == USERS
    harness.copies(TEXT)
    assert harness.evaluate(1.0) is GuardVerdict.LOST
    assert harness.clipboard.held == text_snapshot(TEXT)


def test_guard_leaves_a_user_copy() -> None:
    harness = GuardHarness()
    harness.copies("newer")
    assert harness.evaluate(1.0) is None
    assert harness.clipboard.held == text_snapshot("newer")
    harness.copies(TEXT)  # by a late clipboard manager
    assert harness.evaluate(2.0) is None
    assert harness.clipboard.held == text_snapshot("newer")
    assert harness.evaluate(GUARD_S) is GuardVerdict.KEPT


def test_guard_leaves_a_user_copy_that_cannot_be_saved() -> None:
    harness = GuardHarness()
    harness.clipboard.hold(Snapshot((), ("image/png",)))
    assert harness.evaluate(1.0) is GuardVerdict.KEPT


def test_manager_that_claims_the_user_text_is_left_alone() -> None:
    harness = GuardHarness()
    harness.copies("theirs")
    assert harness.evaluate(0.1) is None
    harness.copies(TEXT)  # then its late copy
    assert harness.evaluate(0.2) is None
    assert harness.clipboard.held == USERS


@pytest.mark.parametrize(
    ("owner", "user_acted", "ended"),
    [
        (TARGET.pid, False, GuardVerdict.KEPT),  # copied in the target window
        (TARGET.pid, True, GuardVerdict.KEPT),
        (99, True, None),  # a manager, while the user continues typing
        (None, True, GuardVerdict.MAYBE),  # unknown owner
        (None, False, None),
    ],
)
def test_the_users_own_copy_of_what_they_dictated_stays(
    owner: int | None, user_acted: bool, ended: GuardVerdict | None
) -> None:
    harness = GuardHarness()
    harness.copies(TEXT, owner)
    assert harness.evaluate(0.1, user_acted=user_acted) is ended
    assert harness.clipboard.held == (USERS if ended is None else text_snapshot(TEXT))


def test_the_same_words_copied_where_the_user_went_on_stay() -> None:
    other, harness = Target(9, 9, "Other"), GuardHarness()
    harness.copies(TEXT, 99)
    assert harness.evaluate(0.1, user_acted=True, current=other) is None
    harness.copies(TEXT, other.pid)
    assert harness.evaluate(0.2, user_acted=False, current=other) is None
    assert harness.clipboard.held == USERS
    harness.copies(TEXT, other.pid)
    assert harness.evaluate(0.3, user_acted=True, current=other) is GuardVerdict.KEPT
    assert harness.clipboard.held == text_snapshot(TEXT)


def test_an_empty_clipboard_that_a_manager_fills_is_empty_again() -> None:
    harness = GuardHarness(Snapshot())
    harness.copies(TEXT)
    assert harness.evaluate(0.1) is None
    assert harness.clipboard.held == Snapshot()


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([TEXT, "theirs"]))))
def test_guard_always_ends(steps: list[tuple[float, str]]) -> None:
    harness, now_s = GuardHarness(), 0.0
    changes = harness.clipboard.changes
    for later_s, text in steps:
        harness.copies(text)
        now_s += later_s
        if harness.evaluate(now_s) is not None:
            break
    assert harness.clipboard.changes <= changes + len(steps) + TRIES
    assert harness.evaluate(now_s + GUARD_S + 0.1) is not None
