"""A random keyboard: nothing records in hold mode once the key has been up for 1 s."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mica.host.hold_key import EVENTS_OF, POLL_S, HoldKey, Input
from mica.host.hold_key_table import Action, Mode
from mica.host.key_names import Hotkey

LONGEST_S = 600.0


ENDS = (Action.STOP, Action.TOO_LONG, Action.DISCARD, Action.CANCEL)


class RandomKeyboard(RuleBasedStateMachine):
    """Key events that may be lost, a clock that may jump, and regular polling."""

    def __init__(self) -> None:
        super().__init__()
        self.rules = HoldKey(LONGEST_S)
        self.now_s, self.down = 100.0, set[Hotkey]()
        self.up_s = 0.0  # how long the keys have been up while the host was awake
        self.listening = self.undoable = False

    def check(self, actions: list[Action]) -> None:
        for action in actions:
            if action is Action.START:
                assert not self.listening and not self.undoable
                self.listening = True
            elif action in ENDS:
                assert self.listening
                self.listening = False
                self.undoable = action is Action.CANCEL
            elif action in (Action.UNDO, Action.FORGET):
                assert self.undoable
                self.undoable = False
            elif action is not Action.LATE:
                assert self.listening

    @rule(seen=st.booleans(), use=st.sampled_from(list(EVENTS_OF)))
    def press(self, seen: bool, use: Hotkey) -> None:
        self.down.add(use)
        self.up_s = 0.0
        if seen:
            self.check(self.rules.handle(EVENTS_OF[use][0], self.now_s))

    @rule(seen=st.booleans(), use=st.sampled_from(list(EVENTS_OF)))
    def release(self, seen: bool, use: Hotkey) -> None:
        self.down.discard(use)
        self.up_s = 0.0
        if seen:
            self.check(self.rules.handle(EVENTS_OF[use][1], self.now_s))

    @rule(
        what=st.sampled_from(
            [
                *(Input.OTHER, Input.ESCAPE, Input.UNDO, Input.QUIET),
                *(Input.TOGGLE, Input.TRANSLATE_TOGGLE, Input.LOCK),
            ]
        )
    )
    def anything_else(self, what: Input) -> None:
        self.check(self.rules.handle(what, self.now_s))

    @rule(how=st.sampled_from([Input.ENDED, Input.FAILED]))
    def ended_by_itself(self, how: Input) -> None:
        self.check(self.rules.handle(how, self.now_s))
        self.listening = False

    @rule(polls=st.integers(1, 30))
    def time_passes(self, polls: int) -> None:
        for _ in range(polls):
            self.now_s += POLL_S
            self.up_s = 0.0 if self.down else self.up_s + POLL_S
            down = self.rules.pressed in self.down
            self.check(self.rules.tick(self.now_s, down))

    @rule(jump_s=st.floats(-1e5, 0) | st.floats(0, 1e5))
    def the_clock_jumps(self, jump_s: float) -> None:
        """Jump as after sleep: nothing was polled in the meantime."""
        self.now_s += jump_s
        self.up_s = 0.0

    @rule(seconds=st.floats(0, 0.6))
    def a_moment_passes(self, seconds: float) -> None:
        self.now_s += seconds

    @invariant()
    def nothing_records_in_hold_mode_once_the_key_was_up_for_a_second(self) -> None:
        if self.up_s >= 1.0:
            assert self.rules.mode is not Mode.HOLD

    @invariant()
    def it_listens_exactly_between_start_and_end(self) -> None:
        assert self.listening == (self.rules.mode is not Mode.IDLE)
        assert not self.undoable or not self.rules.at_rest


TestRandomKeyboard = RandomKeyboard.TestCase
TestRandomKeyboard.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None
)
