"""The paste transaction: all possible outcomes; and that no clipboard is ever lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.errors import InsertionError, ModifierHeld
from mica.host.ports import WindowProbe
from mica.host.values import Snapshot, Target
from mica.insertion.outcome import ClipboardState, InsertOutcome, InsertResult
from mica.insertion.paste import ANONYMOUS_QUIET_S, QUIET_S, REPORT_S, PasteTransaction
from mica.insertion.timing import MODIFIERS_S, UNREAD_S
from support.fake_paste import (
    TARGET,
    USERS,
    CountingClipboard,
    FakePaster,
    text_snapshot,
)


def made(clipboard: CountingClipboard, paster: FakePaster) -> PasteTransaction:
    return PasteTransaction("ours", TARGET, clipboard, paster)


def test_the_text_is_published_then_the_keys_are_sent() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    assert made(clipboard, paster).evaluate(0.0) is None
    assert clipboard.held == text_snapshot("ours")
    assert paster.chords == [TARGET]


def test_paste_ends_once_the_reader_is_quiet() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read()
    assert paste.evaluate(0.1) is None
    clipboard.read()  # twice, as some programs do
    assert paste.evaluate(0.2) is None
    assert paste.evaluate(0.2 + QUIET_S - 0.01) is None
    assert paste.evaluate(0.2 + QUIET_S) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == USERS


def test_a_read_before_the_keys_is_no_receipt() -> None:
    class Eager(CountingClipboard):
        def publish(self, text: str) -> None:
            super().publish(text)
            self.read()

    clipboard, paster = Eager(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    assert paste.evaluate(QUIET_S * 2) is None
    assert clipboard.held == text_snapshot("ours")


def test_foreign_read_after_the_keys_is_not_a_receipt() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read(by_another=True)
    assert paste.evaluate(3.0) is None
    assert clipboard.held == text_snapshot("ours")
    clipboard.read()
    assert paste.evaluate(3.1) is None
    clipboard.read(by_another=True)
    assert paste.evaluate(3.1 + QUIET_S) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.AS_BEFORE
    )


def test_anonymous_read_keeps_the_offer_longer() -> None:
    clipboard, paster = CountingClipboard(is_blind=True), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read()
    assert paste.evaluate(0.1) is None
    assert paste.evaluate(0.1 + ANONYMOUS_QUIET_S - 0.01) is None
    assert paste.evaluate(0.1 + ANONYMOUS_QUIET_S) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.AS_BEFORE
    )


def test_foreign_reads_alone_leave_the_result_unknown() -> None:
    """Another process may have read for the target, as with programs in Wine."""
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read(by_another=True)
    assert paste.evaluate(UNREAD_S) == InsertOutcome(
        InsertResult.UNKNOWN, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == USERS


def test_clipboard_that_cannot_be_saved_is_not_touched() -> None:
    for held in (
        Snapshot(left_out=("text/plain",)),
        Snapshot(USERS.pieces, ("image/png",)),
    ):
        clipboard, paster = CountingClipboard(held), FakePaster()
        assert made(clipboard, paster).evaluate(0.0) == InsertOutcome(
            InsertResult.UNSAVED, ClipboardState.AS_BEFORE
        )
        assert (clipboard.changes, paster.chords) == (0, [])


def test_copy_during_an_unsaved_snapshot_is_read_again() -> None:
    class Overtaken(CountingClipboard):
        def snapshot(self) -> Snapshot:
            before = super().snapshot()
            if self.changes == 0:
                self.users_copy("newer")
            return before

    clipboard, paster = Overtaken(Snapshot(left_out=("text/plain",))), FakePaster()
    paste = made(clipboard, paster)
    assert paste.evaluate(0.0) is None
    paste.evaluate(0.01)
    assert paster.chords == [TARGET]


def test_on_borrow_gets_the_clipboard_before_the_text_is_published() -> None:
    clipboard, paster, borrowed = CountingClipboard(), FakePaster(), []
    paste = PasteTransaction(
        "ours",
        TARGET,
        clipboard,
        paster,
        on_borrow=lambda before: borrowed.append((before, clipboard.held)),
    )
    paste.evaluate(0.0)
    assert borrowed == [(USERS, USERS)]


class Slow:
    """A target that is probed for whether it has handled the keys."""

    def __init__(self, *, responds: bool) -> None:
        self.responds = responds

    def __call__(self, target: Target) -> WindowProbe:
        return lambda: self.responds


def test_target_that_answers_and_has_not_read_is_reported_early() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    assert paste.provisional_result(0.0) is None
    paste.evaluate(0.0)
    paste.evaluate(REPORT_S - 0.01)
    assert paste.provisional_result(REPORT_S - 0.01) is None
    assert REPORT_S < 2.0
    assert paste.provisional_result(REPORT_S) is InsertResult.UNREAD
    clipboard.read(by_another=True)
    assert paste.provisional_result(REPORT_S) is InsertResult.UNKNOWN
    assert paste.evaluate(UNREAD_S - 1.0) is None
    assert clipboard.held == text_snapshot("ours")  # a late read still gets the text
    clipboard.read()
    paste.evaluate(UNREAD_S - 0.9)
    assert paste.provisional_result(UNREAD_S - 0.9) is None
    ended = paste.evaluate(UNREAD_S - 0.9 + QUIET_S)
    assert ended == InsertOutcome(InsertResult.INSERTED, ClipboardState.AS_BEFORE)


def test_hung_target_is_not_reported_early() -> None:
    clipboard, paster, slow = CountingClipboard(), FakePaster(), Slow(responds=False)
    paste = PasteTransaction("ours", TARGET, clipboard, paster, probe=slow)
    for at_s in (0.0, 1.0, 2.0, 3.0):
        paste.evaluate(at_s)
        assert paste.provisional_result(at_s) is None
    slow.responds = True
    paste.evaluate(4.0)
    assert paste.provisional_result(4.0) is InsertResult.UNREAD


@pytest.mark.parametrize("answers_first", [True, False])
def test_anonymous_read_after_the_target_closed_is_no_receipt(
    answers_first: bool,
) -> None:
    clipboard, replies = (
        CountingClipboard(is_blind=True),
        [True if answers_first else None],
    )
    paste = PasteTransaction(
        "ours", TARGET, clipboard, FakePaster(), probe=lambda target: lambda: replies[0]
    )
    paste.evaluate(0.0)
    paste.evaluate(1.0)
    paste.evaluate(REPORT_S)
    assert paste.provisional_result(REPORT_S) is InsertResult.UNREAD
    replies[0] = None
    clipboard.read()
    for at_s in (2.0, 2.6, 4.0):
        assert paste.evaluate(at_s) is None
    assert paste.provisional_result(4.0) is InsertResult.UNKNOWN
    assert paste.evaluate(UNREAD_S) == InsertOutcome(
        InsertResult.UNKNOWN, ClipboardState.AS_BEFORE
    )


def manager_claims(clipboard: CountingClipboard, text: str = "ours") -> None:
    """Take the clipboard over as a clipboard manager, which must have read it."""
    clipboard.read(by_another=True)
    clipboard.users_copy(text)


def test_manager_claim_after_the_read_is_not_a_newer_copy() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read()
    paste.evaluate(0.01)
    manager_claims(clipboard)
    assert paste.evaluate(0.02) is None
    assert paste.evaluate(0.02 + QUIET_S) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == USERS


@pytest.mark.parametrize("is_blind", [True, False])
def test_manager_claim_before_the_read_leaves_the_result_unknown(
    is_blind: bool,
) -> None:
    clipboard, paster = CountingClipboard(is_blind=is_blind), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    manager_claims(clipboard)
    paste.evaluate(0.01)
    paste.evaluate(REPORT_S)
    assert paste.provisional_result(REPORT_S) is InsertResult.UNKNOWN
    assert paste.evaluate(UNREAD_S - 0.01) is None  # the manager may still supply it
    ended = paste.evaluate(UNREAD_S)
    assert ended == InsertOutcome(InsertResult.UNKNOWN, ClipboardState.AS_BEFORE)
    assert ended is not None and ended.is_overtaken
    assert clipboard.held == USERS


@pytest.mark.parametrize("held", [USERS, Snapshot()])
def test_manager_that_restores_the_clipboard_was_quicker_than_the_window(
    held: Snapshot,
) -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.hold(held)
    paste.evaluate(0.01)
    ended = paste.evaluate(UNREAD_S)
    assert ended is not None and ended.result is InsertResult.UNKNOWN
    assert ended.is_overtaken
    assert clipboard.held == held


def test_user_copy_does_not_count_as_overtaken() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.users_copy("newer")
    ended = paste.evaluate(UNREAD_S)
    assert ended is not None and not ended.is_overtaken


def test_late_manager_does_not_lose_a_newer_copy() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.users_copy("newer")
    paste.evaluate(0.1)
    manager_claims(clipboard)
    paste.evaluate(0.2)
    assert paste.evaluate(UNREAD_S) == InsertOutcome(
        InsertResult.UNKNOWN, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == text_snapshot("newer")


def test_manager_that_strips_the_text_is_recognized() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = PasteTransaction(" Ours. ", TARGET, clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read()
    manager_claims(clipboard, "Ours.")
    paste.evaluate(0.01)
    assert paste.evaluate(1.0) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.AS_BEFORE
    )


def test_late_claim_of_an_earlier_text_is_not_a_newer_copy() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    clipboard.published.append("the one before")
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read()
    manager_claims(clipboard, "the one before")
    paste.evaluate(0.01)
    assert paste.evaluate(1.0) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == USERS


def test_target_that_never_reads_ends_unread_and_restores_the_clipboard() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    assert paste.evaluate(UNREAD_S - 0.01) is None
    assert paste.evaluate(UNREAD_S) == InsertOutcome(
        InsertResult.UNREAD, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == USERS


def test_a_target_that_never_stops_reading_does_not_hold_the_clipboard() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste, outcome, now_s = made(clipboard, paster), None, 0.0
    while outcome is None:
        outcome = paste.evaluate(now_s)
        clipboard.read()
        now_s += QUIET_S / 2
    assert outcome == InsertOutcome(InsertResult.INSERTED, ClipboardState.AS_BEFORE)
    assert now_s < UNREAD_S + 2 * QUIET_S


def test_reentrant_evaluate_sends_the_keys_once() -> None:
    class Porous(CountingClipboard):
        def snapshot(self) -> Snapshot:
            paste.evaluate(0.01)  # a timer that fires while waiting for the owner
            return super().snapshot()

        def publish(self, text: str) -> None:
            super().publish(text)
            paste.evaluate(0.02)

    clipboard, paster = Porous(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    assert paster.chords == [TARGET]
    assert clipboard.held == text_snapshot("ours")


def test_newer_copy_stays_while_the_keys_may_still_arrive() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.users_copy("newer")
    assert paste.evaluate(0.01) is None  # a slow target could read the next text
    assert paste.evaluate(UNREAD_S - 0.01) is None
    assert paste.evaluate(UNREAD_S) == InsertOutcome(
        InsertResult.UNKNOWN, ClipboardState.NEWER
    )
    assert clipboard.held == text_snapshot("newer")


def test_copy_during_the_snapshot_is_restored() -> None:
    class Overtaken(CountingClipboard):
        def snapshot(self) -> Snapshot:
            before = super().snapshot()
            if self.changes < copies:
                self.users_copy("newer")
            return before

    copies = 1
    clipboard, paster = Overtaken(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    assert paster.chords == []
    paste.evaluate(0.01)
    clipboard.read()
    paste.evaluate(0.02)
    assert paste.evaluate(1.0) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == text_snapshot("newer")
    copies = 1000  # not waited for if it changes at every read
    paste = made(Overtaken(), paster)
    paste.evaluate(0.0)
    paste.evaluate(MODIFIERS_S - 0.01)
    assert len(paster.chords) == 1
    paste.evaluate(MODIFIERS_S)
    assert len(paster.chords) == 2


def test_problem_before_the_keys_refuses_the_paste() -> None:
    clipboard, paster = CountingClipboard(), FakePaster(is_ready=False)
    here = True
    paste = PasteTransaction(
        "ours",
        TARGET,
        clipboard,
        paster,
        problem=lambda: None if here else "Elsewhere.",
    )
    assert paste.evaluate(0.0) is None
    here, paster.is_ready = False, True
    outcome = paste.evaluate(0.5)
    assert outcome is not None and isinstance(outcome.error, InsertionError)
    assert (outcome.result, outcome.error.line()) == (
        InsertResult.REFUSED,
        "Elsewhere.",
    )
    assert (paster.chords, clipboard.changes) == ([], 0)


def test_a_newer_copy_after_the_read_is_an_insertion() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    clipboard.read()
    clipboard.users_copy("newer")
    assert paste.evaluate(0.01) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.NEWER
    )


def test_held_modifiers_delay_the_keys_and_the_clipboard_is_not_touched() -> None:
    clipboard, paster = CountingClipboard(), FakePaster(is_ready=False)
    paste = made(clipboard, paster)
    assert paste.evaluate(5.0) is None
    assert paste.evaluate(5.0 + MODIFIERS_S - 0.01) is None
    assert paste.evaluate(5.0 + MODIFIERS_S) == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE
    )
    assert (clipboard.changes, clipboard.snapshots, paster.chords) == (0, 0, [])


def test_released_modifiers_let_the_keys_through() -> None:
    clipboard, paster = CountingClipboard(), FakePaster(is_ready=False)
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    paster.is_ready = True
    assert paste.evaluate(0.5) is None
    assert paster.chords == [TARGET]


def test_keys_that_cannot_be_sent_leave_the_clipboard_as_it_was() -> None:
    why = InsertionError("No keys.")
    clipboard, paster = CountingClipboard(), FakePaster(why=why)
    assert made(clipboard, paster).evaluate(0.0) == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE, why
    )
    assert clipboard.held == USERS


def test_paste_without_restore_leaves_the_text_and_takes_no_snapshot() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = PasteTransaction("ours", TARGET, clipboard, paster, on_borrow=None)
    paste.evaluate(0.0)
    clipboard.read()
    paste.evaluate(0.1)
    assert paste.evaluate(0.1 + QUIET_S) == InsertOutcome(
        InsertResult.INSERTED, ClipboardState.TEXT
    )
    assert (clipboard.held, clipboard.snapshots) == (text_snapshot("ours"), 0)


def test_finished_transaction_does_nothing() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    outcome = paste.evaluate(UNREAD_S)
    clipboard.users_copy("later")
    assert paste.evaluate(100.0) is outcome
    assert paste.cancel() is outcome
    assert clipboard.held == text_snapshot("later")


def test_a_modifier_that_goes_down_right_before_the_keys_is_no_error() -> None:
    clipboard, paster = CountingClipboard(), FakePaster(why=ModifierHeld("Held."))
    assert made(clipboard, paster).evaluate(0.0) == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == USERS


def test_cancel_restores_the_clipboard_at_once() -> None:
    clipboard, paster = CountingClipboard(), FakePaster()
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    assert paste.cancel() == InsertOutcome(
        InsertResult.UNREAD, ClipboardState.AS_BEFORE
    )
    assert clipboard.held == USERS


def test_cancel_before_the_keys_touches_nothing() -> None:
    clipboard, paster = CountingClipboard(), FakePaster(is_ready=False)
    paste = made(clipboard, paster)
    paste.evaluate(0.0)
    assert paste.cancel() == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE
    )
    assert clipboard.changes == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["read", "copy", "modifier", "no modifier", "quit"]),
            st.floats(-10, 20),
        ),
        max_size=30,
    ),
    st.booleans(),
)
def test_random_pastes_never_lose_the_clipboard(
    steps: list[tuple[str, float]], refuses: bool
) -> None:
    """With any order of reads, copies, modifiers and clock jumps, the paste ends, the
    keys are sent at most once, and the clipboard has the user's latest content."""
    clipboard = CountingClipboard()
    paster = FakePaster(why=InsertionError("No keys.") if refuses else None)
    paste, users, now_s, latest_s = made(clipboard, paster), USERS, 0.0, 0.0
    for step, jump_s in steps:
        if step == "read":
            clipboard.read()
        elif step == "copy":
            clipboard.users_copy(f"copy at {now_s}")
            users = clipboard.held
        elif step == "quit":
            paste.cancel()
        else:
            paster.is_ready = step == "no modifier"
        now_s += jump_s
        latest_s = max(latest_s, now_s)
        if paste.evaluate(now_s) is not None:
            assert clipboard.held == users
    paste.evaluate(latest_s)
    ended = paste.evaluate(latest_s + UNREAD_S + MODIFIERS_S)
    assert ended is not None or paste.evaluate(latest_s + 3 * UNREAD_S) is not None
    assert clipboard.held == users
    assert len(paster.chords) <= 1
