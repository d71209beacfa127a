"""A Mac's modifiers, alone and with other keys, through the real rules where time
matters."""

import pytest

from host.mac_keys import (
    ALT,
    CAPS_LOCK,
    F13,
    FN,
    FN_FLAG,
    L_ALT,
    L_ALT_BIT,
    LEFT_ARROW,
    R_ALT,
    R_ALT_BIT,
    R_SHIFT,
    A,
    Held,
    Played,
)
from mica.host.hold_key import CHORD_S, POLL_S, Action
from mica.host.key_names import Hotkey
from mica.host.ports import Target
from support.apple_fakes import FLAGS, FakeMac, flags_changed


def test_nothing_is_watched_before_the_app_runs(mac: FakeMac) -> None:
    Held(mac)
    assert mac.monitors == []
    mac.run()
    assert len(mac.monitors) == 2


def test_a_key_bound_before_the_start_says_nothing(mac: FakeMac) -> None:
    from mica.host.macos.hotkeys import MacHotkeys

    keys = MacHotkeys(mac.carbon)
    keys.bind({Hotkey.HOLD: "f13", Hotkey.UNDO: "f14"})
    assert mac.key(F13, True) is mac.key(107, True) is False


def test_our_own_windows_still_get_their_events(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    flags = ALT | R_ALT_BIT
    event = flags_changed({"code": R_ALT, "flags": flags})
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


def chord_after(mac: FakeMac, seconds: float) -> list[Action]:
    """What a key typed so long after the press does, the next poll telling of it."""
    played = Played(mac)
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    played.wait(seconds)
    mac.typed += 1
    played.now_s += 0.01  # polls are late, never early
    played.wait(1.0)
    return played.did


def test_a_chord_at_the_end_of_the_guard_is_told_after_it_and_still_one(
    mac: FakeMac,
) -> None:
    assert CHORD_S == 4 * POLL_S
    assert chord_after(mac, 3 * POLL_S) == [Action.START, Action.DISCARD]


def test_a_key_typed_after_the_guard_is_no_chord(mac: FakeMac) -> None:
    assert chord_after(mac, 4 * POLL_S) == [Action.START]


def test_two_taps_of_fn_lock_and_a_third_ends(mac: FakeMac) -> None:
    played = Played(mac, "fn")
    for _ in range(2):
        mac.change(FN, FN_FLAG)
        played.now_s += 0.1
        mac.change(FN, 0)
        played.now_s += 0.1
    played.wait(60.0)
    mac.change(FN, FN_FLAG)
    played.now_s += 0.1
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
    assert held.keys.is_down(Hotkey.HOLD)
    assert held.heard == ["press"]
    mac.typed += 1
    assert held.keys.is_down(Hotkey.HOLD)
    assert held.keys.is_down(Hotkey.HOLD)
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
    assert not held.keys.is_down(Hotkey.HOLD)
    assert held.heard == ["press", "release"]


def test_a_key_only_its_flag_knows_is_held_until_that_goes(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.flags = ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert held.keys.is_down(Hotkey.HOLD)
    mac.flags = FN_FLAG
    assert not held.keys.is_down(Hotkey.HOLD)


@pytest.mark.parametrize("flags", [0, FN_FLAG])
def test_fn_is_held_until_its_own_release_whatever_its_flag_says(
    mac: FakeMac, flags: int
) -> None:
    """Keys that we post clear the flag; arrow keys set it, and it may stay set."""
    held = Held(mac, "fn")
    mac.run()
    mac.flags = FN_FLAG
    mac.change(FN, FN_FLAG)
    assert held.keys.is_down(Hotkey.HOLD)
    mac.flags = flags
    assert held.keys.is_down(Hotkey.HOLD)
    mac.change(FN, 0)
    assert not held.keys.is_down(Hotkey.HOLD)


def test_an_arrow_key_that_sends_fns_own_event_is_no_fn(mac: FakeMac) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.down = {LEFT_ARROW}
    mac.change(FN, FN_FLAG)
    mac.down = set()
    mac.change(FN, 0)
    assert held.heard == []
    mac.change(FN, FN_FLAG)
    mac.down = {LEFT_ARROW}
    mac.change(FN, 0)
    assert held.heard == ["press", "release"], "a real one ends all the same"


@pytest.mark.parametrize(
    ("usage", "ago_s", "down", "chord"),
    [
        (2, 0.05, set(), False),  # the emoji picker's
        (None, 0.05, set(), False),  # nobody chose what a tap does
        (2, 0.05, {A}, True),  # typed, and still down
        (2, 0.4, set(), True),  # long before
        (0, 0.05, set(), True),  # a tap does nothing: macOS sends no key
    ],
)
def test_the_key_that_macos_sends_for_a_tap_of_fn_is_not_typed(
    mac: FakeMac, usage: object, ago_s: float, down: set[int], chord: bool
) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.fn_usage, held.now_s = usage, 10.0
    mac.change(FN, FN_FLAG)
    before = held.keys.other_presses()
    held.now_s += 0.1
    mac.typed, mac.typed_ago_s, mac.down = mac.typed + 1, ago_s, down
    held.keys.is_down(Hotkey.HOLD)
    assert held.heard == (["press", "other"] if chord else ["press"])
    assert (held.keys.other_presses() != before) is chord


def test_two_keys_behind_fn_are_the_users(mac: FakeMac) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.change(FN, FN_FLAG)
    mac.typed += 2
    held.keys.is_down(Hotkey.HOLD)
    assert held.heard == ["press", "other"]


@pytest.mark.parametrize(("marks", "tagged"), [(True, False), (False, True)])
def test_modifiers_that_we_post_are_not_the_users(
    mac: FakeMac, monkeypatch: pytest.MonkeyPatch, marks: bool, tagged: bool
) -> None:
    """Command goes down for a paste while a key is held: no chord of the user's."""
    from mica.host.macos import keyboard
    from mica.host.macos.editing import MacPaster

    held = Held(mac, "f13")
    mac.run()
    mac.key(F13, True)
    mac.marks = marks
    if not tagged:
        monkeypatch.setattr(keyboard, "CGEventSourceSetUserData", lambda *_: None)
    MacPaster(mac.carbon, lambda _s: None).chord(Target(0, 42, "com.example.Editor"))
    mac.run()
    assert held.heard == ["press"]
    mac.whole = False  # AppKit has lost what the window server said: it may be theirs
    mac.change(L_ALT, ALT | L_ALT_BIT)
    assert held.heard == ["press", "other"]


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
    assert not played.keys.is_down(Hotkey.HOLD)


def test_a_tap_of_fn_counts_and_an_arrow_key_does_not(mac: FakeMac) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.change(LEFT_ARROW, FN_FLAG)
    assert held.heard == []
    mac.change(FN, FN_FLAG)
    mac.change(FN, 0)
    assert held.heard == ["press", "release"]
