"""The Mac's keys on a pretend Mac that replays what real ones send: flags with device
bits, the count of key presses, Carbon's hot keys. Through the real rules where time
matters."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace

import pytest

from apple_fakes import FLAGS, FakeMac, installed
from mica.errors import MicaError, SettingsError
from mica.host.hotkey_rules import POLL_S, Action, HybridKey, Input
from mica.host.key_names import Use

R_ALT, L_ALT, R_SHIFT, FN, LEFT_ARROW, ESCAPE, F13 = 61, 58, 60, 63, 123, 53, 105
ALT, FN_FLAG, R_ALT_BIT, L_ALT_BIT = 0x80000, 0x800000, 0x40, 0x20
CAPS_LOCK, A, V, CTRL_ALT = 57, 0, 9, 0x1000 | 0x800  # Carbon's controlKey, optionKey


@pytest.fixture
def mac() -> Iterator[FakeMac]:
    mac = FakeMac()
    with installed(mac):
        yield mac


class Held:
    """Started keys and what they reported; time moves by hand."""

    def __init__(
        self, mac: FakeMac, hold: str = "right_alt", uses: Mapping[Use, str] = {}
    ) -> None:
        from mica.host.macos.hotkeys import MacHotkeys

        self.heard: list[str] = []
        self.times: list[float] = []
        self.now_s = 0.0
        self.keys = MacHotkeys(mac.carbon, clock=lambda: self.now_s)
        self.keys.bind({Use.HOLD: hold, **uses})
        self.keys.start(self.hear, lambda use: self.heard.append(use.name))

    def hear(self, what: Input, at_s: float) -> None:
        self.heard.append(what.value)
        self.times.append(at_s)


class Played(Held):
    """The same through the rules of the key, with the polls the session makes."""

    def __init__(self, mac: FakeMac, hold: str = "right_alt") -> None:
        self.rules, self.did = HybridKey(longest_s=300.0), list[Action]()
        super().__init__(mac, hold)
        mac.run()

    def hear(self, what: Input, at_s: float) -> None:
        self.did += self.rules.on(what, at_s)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / POLL_S)):
            self.now_s += POLL_S
            down = self.keys.is_down(self.rules.pressed) if self.rules.down else None
            self.did += self.rules.tick(self.now_s, down)


def test_nothing_is_watched_before_the_app_runs(mac: FakeMac) -> None:
    Held(mac)
    assert mac.monitors == []
    mac.run()
    assert len(mac.monitors) == 2


def test_a_key_bound_before_the_start_says_nothing(mac: FakeMac) -> None:
    from mica.host.macos.hotkeys import MacHotkeys

    keys = MacHotkeys(mac.carbon)
    keys.bind({Use.HOLD: "f13", Use.UNDO: "f14"})
    assert mac.key(F13, True) is mac.key(107, True) is False


def test_our_own_windows_still_get_their_events(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    flags = ALT | R_ALT_BIT
    event = SimpleNamespace(keyCode=lambda: R_ALT, modifierFlags=lambda: flags)
    assert mac.monitors[1](event) is event
    mac.run()
    assert held.heard == ["press"]


def test_hold_and_release(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    held.now_s = 2.0
    mac.change(R_ALT, 0)
    assert (held.heard, held.times) == (["press", "release"], [0.0, 2.0])


def test_both_options_held(mac: FakeMac) -> None:
    """The general flag stays while the other one is down; the device bit goes."""
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.change(L_ALT, ALT | R_ALT_BIT | L_ALT_BIT)
    mac.change(R_ALT, ALT | L_ALT_BIT)
    assert held.heard == ["press", "other", "release"]


def test_the_other_option_held_all_along_does_not_keep_it_recording(
    mac: FakeMac,
) -> None:
    played = Played(mac)
    mac.change(L_ALT, ALT | L_ALT_BIT)
    mac.down, mac.flags = {L_ALT, R_ALT}, ALT
    mac.change(R_ALT, ALT | L_ALT_BIT | R_ALT_BIT)
    played.wait(2.0)
    mac.down = {L_ALT}
    mac.change(R_ALT, ALT | L_ALT_BIT)
    played.wait(1.0)
    assert played.did == [Action.START, Action.STOP]


def test_a_lost_key_up_ends_it_as_a_hold(mac: FakeMac) -> None:
    played = Played(mac)
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    played.wait(3.0)
    mac.down, mac.flags = set(), 0  # and no event tells of it
    played.wait(1.0)
    assert played.did == [Action.START, Action.STOP]
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert played.did[-1] is Action.START, "the next press is a press"


def test_a_chord_typed_at_once_is_silently_dropped(mac: FakeMac) -> None:
    """Right Option and E, for an accent: the count alone tells of the E."""
    played = Played(mac)
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    played.wait(POLL_S)
    mac.typed += 1
    played.wait(POLL_S)
    mac.down, mac.flags = set(), 0
    mac.change(R_ALT, 0)
    played.wait(1.0)
    assert played.did == [Action.START, Action.DISCARD]


def test_two_taps_of_fn_lock_and_a_third_ends(mac: FakeMac) -> None:
    played = Played(mac, "fn")
    for _ in range(2):
        mac.change(FN, FN_FLAG)
        mac.change(FN, 0)
    played.wait(60.0)
    mac.change(FN, FN_FLAG)
    mac.change(FN, 0)
    wanted = [Action.START, Action.LATCH, Action.LOCK, Action.STOP]
    assert played.did == wanted


def test_secure_input_on_and_off_does_not_stop_a_bare_modifier(mac: FakeMac) -> None:
    """Modifiers still come under it, and the count of keys stands still."""
    played = Played(mac)
    mac.carbon.secure = True
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    played.wait(1.0)
    mac.carbon.secure = False
    played.wait(1.0)
    mac.down, mac.flags = set(), 0
    mac.change(R_ALT, 0)
    assert played.did == [Action.START, Action.STOP]


def test_a_key_up_of_another_modifier_is_nothing(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_SHIFT, ALT | FLAGS["Shift"] | 0x44)
    mac.change(R_ALT, ALT | FLAGS["Shift"] | 0x44)
    mac.change(R_SHIFT, ALT | R_ALT_BIT)
    mac.change(CAPS_LOCK, 1 << 16)
    assert held.heard == ["other", "press"]


def test_a_typed_key_is_noticed_without_watching_keys(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.down = {R_ALT}
    mac.typed += 1  # before the press: no business of ours
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert held.keys.is_down(Use.HOLD)
    assert held.heard == ["press"]
    mac.typed += 1
    assert held.keys.is_down(Use.HOLD)
    assert held.keys.is_down(Use.HOLD)
    assert held.heard == ["press", "other"]


def test_a_key_typed_just_before_the_release_comes_before_it(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.typed += 1
    mac.change(R_ALT, 0)
    assert held.heard == ["press", "other", "release"]


def test_typing_while_nothing_is_held_is_nothing(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.change(R_ALT, 0)
    mac.typed += 3
    assert not held.keys.is_down(Use.HOLD)
    assert held.heard == ["press", "release"]


def test_a_key_only_its_flag_knows_is_held_until_that_goes(mac: FakeMac) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.flags = FN_FLAG
    mac.change(FN, FN_FLAG)
    assert held.keys.is_down(Use.HOLD)
    mac.flags = ALT
    assert not held.keys.is_down(Use.HOLD)


def test_a_key_whose_state_the_system_never_tells_is_held_until_its_release(
    mac: FakeMac,
) -> None:
    """It may refuse to, for want of a permission; that must not end a dictation."""
    played = Played(mac, "f13")
    mac.key(F13, True)
    played.wait(3.0)
    assert played.did == [Action.START]
    mac.key(F13, False)
    assert played.did == [Action.START, Action.STOP]
    assert not played.keys.is_down(Use.HOLD)


def test_a_tap_of_fn_counts_and_an_arrow_key_does_not(mac: FakeMac) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.change(LEFT_ARROW, FN_FLAG)
    assert held.heard == []
    mac.change(FN, FN_FLAG)
    mac.change(FN, 0)
    assert held.heard == ["press", "release"]


def test_escape_is_ours_only_while_wanted(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.key(ESCAPE, True)
    assert held.heard == []
    held.keys.want_escape(True)
    mac.key(ESCAPE, True)
    mac.key(ESCAPE, False)
    assert held.heard == ["escape"]
    held.keys.want_escape(False)
    assert mac.carbon.registered == {}


def test_an_f_key_is_held_through_carbon(mac: FakeMac) -> None:
    held = Held(mac, "f13")
    mac.key(F13, True)
    mac.typed += 5  # its own repeats
    mac.down = {F13}
    assert held.keys.is_down(Use.HOLD)
    mac.key(F13, False)
    assert held.heard == ["press", "release"]
    held.keys.stop()
    assert mac.carbon.registered == {}


def test_a_chord_is_held_and_other_chords_have_their_uses(mac: FakeMac) -> None:
    held = Held(mac, "ctrl+alt+a", {Use.UNDO: "ctrl+alt+v", Use.PASTE_LAST: "f13"})
    mac.key(A, True)
    mac.key(V, True)  # without its modifiers
    mac.key(A, True, CTRL_ALT)
    mac.key(A, False, CTRL_ALT)
    mac.key(V, True, CTRL_ALT)
    mac.key(V, False, CTRL_ALT)
    mac.key(F13, True)
    assert held.heard == ["press", "release", "UNDO", "PASTE_LAST"]


def test_the_key_that_translates_is_told_apart(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Use.TRANSLATE: "f13"})
    mac.run()
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.key(F13, True)
    mac.typed += 5  # its own repeats
    mac.down = {R_ALT, F13}
    assert all(held.keys.is_down(use) for use in (Use.HOLD, Use.TRANSLATE))
    mac.down, mac.flags = {F13}, 0
    mac.change(R_ALT, 0)
    assert not held.keys.is_down(Use.HOLD)
    assert held.keys.is_down(Use.TRANSLATE)
    mac.key(F13, False)
    told = ["press", "other", "translate press", "release", "translate release"]
    assert held.heard == told


def test_two_modifiers_that_are_held_are_two_keys(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Use.TRANSLATE: "left_alt"})
    mac.run()
    mac.change(L_ALT, ALT | L_ALT_BIT)
    mac.typed += 1
    mac.change(L_ALT, 0)
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert held.heard == ["translate press", "other", "translate release", "press"]


def test_a_letter_is_where_the_layout_prints_it(mac: FakeMac) -> None:
    mac.carbon.letters = {47: "v", 12: "a"}
    Held(mac, "ctrl+alt+v", {Use.UNDO: "ctrl+alt+a", Use.PASTE_LAST: "ctrl+alt+slash"})
    assert {code for code, _ in mac.carbon.registered} == {47, 12, 44}


def test_keys_are_bound_anew_while_it_runs(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    held.keys.want_escape(True)
    held.keys.bind({Use.HOLD: "f13"})
    mac.change(R_ALT, 0)
    assert held.heard == ["press"]
    assert set(mac.carbon.registered) == {(F13, 0), (ESCAPE, 0)}
    held.keys.bind({Use.HOLD: "right_alt", Use.UNDO: "f13"})
    assert set(mac.carbon.registered) == {(F13, 0), (ESCAPE, 0)}
    held.keys.bind({Use.UNDO: "f13"})
    assert not held.keys.is_down(Use.HOLD)
    held.keys.learn(held.heard.append)
    held.keys.learn(None)
    assert set(mac.carbon.registered) == {(F13, 0)}


def test_a_taken_key_leaves_all_as_it_was(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Use.UNDO: "f13"})
    mac.carbon.taken = {V}
    with pytest.raises(MicaError, match=r"Another program has Control\+Option\+V"):
        held.keys.bind({Use.HOLD: "f14", Use.UNDO: "ctrl+alt+v"})
    assert set(mac.carbon.registered) == {(F13, 0)}
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert held.heard == ["press"]


def test_a_taken_escape_does_not_stop_dictation(mac: FakeMac) -> None:
    mac.carbon.taken = {ESCAPE}
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    held.keys.want_escape(True)
    mac.change(R_ALT, 0)
    held.keys.want_escape(False)
    assert held.heard == ["press", "release"]


def test_a_key_a_mac_does_not_have_is_named(mac: FakeMac) -> None:
    with pytest.raises(SettingsError, match="scroll_lock"):
        Held(mac, "scroll_lock")


def test_a_key_is_learnt_and_reaches_no_window(mac: FakeMac) -> None:
    held, learnt = Held(mac, "right_alt", {Use.UNDO: "f13"}), list[str]()
    mac.run()
    held.keys.learn(learnt.append)
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.change(R_ALT, 0)
    mac.change(59, FLAGS["Control"] | 0x1)
    assert not mac.key(V, True)
    assert not mac.key(F13, True)  # ours before, and to be chosen again
    assert not mac.key(10, True)  # no name of ours
    mac.change(59, 0)
    assert learnt == ["right_alt", "ctrl+v", "ctrl+f13"]
    held.keys.learn(None)
    assert (held.heard, mac.typing) == ([], [])
    assert mac.key(V, True)
    mac.key(F13, True)
    assert held.heard == ["UNDO"]


def test_learning_anew_forgets_what_was_pressed(mac: FakeMac) -> None:
    held, learnt = Held(mac), list[str]()
    mac.run()
    held.keys.learn(learnt.append)
    mac.change(59, FLAGS["Control"] | 0x1)
    held.keys.learn(learnt.append)
    mac.key(F13, True)
    assert learnt == ["f13"]
    assert len(mac.typing) == 1
    held.keys.stop()
    assert (mac.typing, mac.monitors) == ([], [])


def test_other_presses_are_keys_and_clicks_but_none_of_ours(mac: FakeMac) -> None:
    held = Held(mac, "f13", {Use.UNDO: "ctrl+alt+v"})
    before = held.keys.other_presses()
    assert before is not None
    mac.key(V, True, CTRL_ALT)
    mac.key(V, False, CTRL_ALT)
    mac.key(V, False, CTRL_ALT)  # its key-up twice is nothing
    mac.key(F13, True)
    mac.typed += 7  # repeats
    assert held.keys.other_presses() == before
    mac.key(F13, True)  # the same press, told twice
    mac.key(F13, False)
    assert held.keys.other_presses() == before
    mac.key(A, True)
    mac.clicked += 1
    assert held.keys.other_presses() == before + 2
    held.keys.stop()
    assert held.keys.other_presses() is None


def test_stopping_is_silent_and_gives_every_key_back(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Use.UNDO: "f13"})
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    held.keys.want_escape(True)
    on_flags = mac.monitors[0]
    on_flags(SimpleNamespace(keyCode=lambda: R_ALT, modifierFlags=lambda: 0))
    held.keys.stop()
    assert (mac.monitors, mac.carbon.registered) == ([], {})
    mac.run()  # an event that was on its way
    assert held.heard == ["press"]


def test_stopping_before_the_app_ran_watches_nothing(mac: FakeMac) -> None:
    held = Held(mac)
    held.keys.stop()
    mac.run()
    assert mac.monitors == []
