"""The keys of a dictation: settings, polling of the keyboard, and ownership of Esc."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mica.dictation.hold_keys import DictationKeys, KeySettings, chosen_keys
from mica.dictation.state import LEGAL, Latch, State
from mica.errors import MicaError, SettingsError
from mica.host.hold_key import EVENTS_OF, POLL_S, PRESS_INPUTS, Input
from mica.host.hold_key_table import Action
from mica.host.key_names import Hotkey
from mica.settings import Settings
from support.fakes import FakeHotkeys

RELEASES = tuple(release for _, release in EVENTS_OF.values())
LONGEST_S = 600.0
TICK_S = 0.01


class Harness:
    """Hold keys on a fake keyboard, with a clock that the test advances."""

    def __init__(self) -> None:
        self.hotkeys = FakeHotkeys()
        self.keys = DictationKeys(self.hotkeys)
        self.now_s = 100.0

    def on(self, what: Input) -> list[Action]:
        self.hotkeys.down = {Input.PRESS: True, Input.RELEASE: False}.get(
            what, self.hotkeys.down
        )
        actions = list(self.keys.handle(what, self.now_s, LONGEST_S))
        self.keys.enable_escape()
        return actions

    def wait(self, seconds: float) -> list[Action]:
        """Let time pass, with ticks as in the app."""
        actions: list[Action] = []
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            actions += self.keys.tick(self.now_s)
        return actions


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_the_key_that_began_a_dictation_ends_it(harness: Harness) -> None:
    harness.on(Input.TRANSLATE_PRESS)
    assert harness.keys.started_by is Hotkey.TRANSLATE
    harness.wait(1.0)
    harness.on(Input.TRANSLATE_RELEASE)
    assert (
        harness.on(Input.TOGGLE) == [Action.START] and harness.keys.started_by is None
    )


def test_start_in_the_menu_begins_at_once(harness: Harness) -> None:
    for seen in (False, True):
        harness.on(Input.TOGGLE)
        harness.on(Input.FAILED)
        if seen:
            harness.keys.expect_no_late_tap()
        begins = [Action.START] if seen else [Action.LATE]
        assert harness.on(Input.TOGGLE) == begins


def test_keys_that_are_not_chosen_are_not_bound() -> None:
    assert chosen_keys(Settings()) == {Hotkey.HOLD: "right_alt"}
    every = Settings(
        hold_key="f13", paste_last_key="f14", undo_key="f15", translate_key="f16"
    )
    assert chosen_keys(every) == {
        Hotkey.HOLD: "f13",
        Hotkey.PASTE_LAST: "f14",
        Hotkey.UNDO: "f15",
        Hotkey.TRANSLATE: "f16",
    }


def test_keyboard_is_queried_four_times_a_second_while_the_key_is_held(
    harness: Harness,
) -> None:
    harness.wait(1.0)
    assert harness.hotkeys.is_down_calls == 0
    harness.on(Input.PRESS)
    assert harness.keys.held and harness.wait(1.0) == []
    assert harness.hotkeys.is_down_calls in (
        3,
        4,
    )  # for the first 0.25 s, the press itself is proof
    harness.on(Input.RELEASE)
    calls = harness.hotkeys.is_down_calls
    harness.wait(1.0)
    assert harness.hotkeys.is_down_calls == calls


def test_key_repeats_do_not_delay_the_query_of_the_keyboard(harness: Harness) -> None:
    harness.on(Input.PRESS)
    for _ in range(50):
        harness.on(Input.PRESS)
        harness.wait(0.02)
    assert harness.hotkeys.is_down_calls >= 3


def test_a_lost_key_up_ends_a_hold_within_a_second(harness: Harness) -> None:
    harness.on(Input.PRESS)
    harness.wait(3.0)
    harness.hotkeys.down = False
    assert harness.wait(1.0) == [Action.STOP]
    assert not harness.keys.held and harness.keys.at_rest


@pytest.mark.parametrize("use", list(EVENTS_OF))
def test_keyboard_is_queried_for_the_key_that_was_pressed(
    harness: Harness, use: Hotkey
) -> None:
    press, _ = EVENTS_OF[use]
    list(harness.keys.handle(press, harness.now_s, LONGEST_S))
    harness.hotkeys.down = True
    assert harness.wait(POLL_S - TICK_S) == []
    assert harness.hotkeys.is_down_calls == 0  # the press itself is proof
    harness.wait(1.0)
    assert harness.hotkeys.last_hotkey is use
    assert harness.keys.translates is (use is Hotkey.TRANSLATE)


@pytest.mark.parametrize("taps", [1, 2])
def test_a_latch_is_shown(harness: Harness, taps: int) -> None:
    assert harness.keys.latch is Latch.OFF
    for _ in range(taps):
        harness.on(Input.PRESS)
        harness.wait(0.1)
        harness.on(Input.RELEASE)
        harness.wait(0.1)
    assert harness.keys.latch is (Latch.LATCHED, Latch.LOCKED)[taps - 1]


def test_escape_is_enabled_exactly_while_listening(harness: Harness) -> None:
    assert not harness.hotkeys.escape_wanted
    harness.on(Input.TOGGLE)
    assert harness.hotkeys.escape_wanted
    harness.on(Input.ESCAPE)
    assert not harness.hotkeys.escape_wanted and not harness.keys.at_rest
    assert harness.wait(5.1) == [Action.FORGET] and harness.keys.at_rest


def test_time_limit_follows_the_newest_setting(harness: Harness) -> None:
    harness.on(Input.TOGGLE)
    list(harness.keys.handle(Input.OTHER, harness.now_s, POLL_S))
    assert harness.wait(1.0) == [Action.TOO_LONG]


def test_every_state_can_be_left_and_reached() -> None:
    assert set(LEGAL) == set(State)
    assert {state for after in LEGAL.values() for state in after} == set(State)
    assert all(before not in after for before, after in LEGAL.items())


def test_paused_keys_are_released_and_the_newest_are_bound_again(
    harness: Harness,
) -> None:
    bindings = KeySettings(harness.hotkeys)
    bindings.bind(Settings())
    bindings.pause(True)
    assert harness.hotkeys.bound == {}
    bindings.bind(Settings(hold_key="f13"))
    assert harness.hotkeys.bound == {}
    with pytest.raises(SettingsError, match="F13"):
        bindings.bind(Settings(hold_key="f13", undo_key="f13"))
    bindings.pause(False)
    assert harness.hotkeys.bound == {Hotkey.HOLD: "f13"}


def test_keys_that_did_not_change_are_left_alone(harness: Harness) -> None:
    bindings = KeySettings(harness.hotkeys)
    bindings.bind(Settings())
    harness.hotkeys.refuses = MicaError("Another program has it.")
    bindings.bind(Settings(sounds=False))
    with pytest.raises(MicaError):
        bindings.bind(Settings(hold_key="f13"))
    assert harness.hotkeys.bound == {Hotkey.HOLD: "right_alt"}


def test_hotkeys_stay_paused_if_a_key_became_unavailable_during_a_pause(
    harness: Harness,
) -> None:
    bindings = KeySettings(harness.hotkeys)
    bindings.bind(Settings())
    bindings.pause(True)
    harness.hotkeys.refuses = MicaError("Another program has it.")
    with pytest.raises(MicaError):
        bindings.pause(False)
    assert bindings.paused


class Typist(RuleBasedStateMachine):
    """Key events that may be lost, a clock that may jump, and regular ticks."""

    def __init__(self) -> None:
        super().__init__()
        self.harness = Harness()
        self.up_s = 0.0  # how long the key has been up while the app ticked

    @rule(
        what=st.sampled_from([*Input, Input.PRESS, Input.RELEASE]),
        late_s=st.floats(0, 0.3),
    )
    def reports_event(self, what: Input, late_s: float) -> None:
        if what in (*PRESS_INPUTS, *RELEASES):
            self.up_s = 0.0
            self.harness.hotkeys.down = what in PRESS_INPUTS
        list(self.harness.keys.handle(what, self.harness.now_s - late_s, LONGEST_S))
        self.harness.keys.enable_escape()

    @rule(down=st.booleans())
    def loses_event(self, down: bool) -> None:
        self.harness.hotkeys.down, self.up_s = down, 0.0

    @rule(ticks=st.integers(1, 60), each_s=st.sampled_from([0.01, 0.02, 0.1]))
    def time_passes(self, ticks: int, each_s: float) -> None:
        for _ in range(ticks):
            self.harness.now_s += each_s
            self.harness.keys.tick(self.harness.now_s)
            self.harness.keys.enable_escape()
            self.up_s = 0.0 if self.harness.hotkeys.down else self.up_s + each_s

    @rule(jump_s=st.floats(-1e5, 0) | st.floats(0, 1e5))
    def the_clock_jumps(self, jump_s: float) -> None:
        self.harness.now_s += jump_s
        self.up_s = 0.0

    @invariant()
    def nothing_records_in_hold_mode_once_the_key_was_up_for_a_second(self) -> None:
        if self.up_s >= 1.0:
            listens = self.harness.hotkeys.escape_wanted
            assert not listens or self.harness.keys.latch is not Latch.OFF


TestTypist = Typist.TestCase
TestTypist.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
