"""A Mac's modifiers, alone and with other keys, and where time matters, with the real
rules."""

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
    RecordedHotkeys,
    SimulatedSession,
)
from mica.host.hold_key import CHORD_S, POLL_S
from mica.host.hold_key_table import Action
from mica.host.key_names import Hotkey
from mica.host.values import Target
from support.apple_fakes import FLAGS, FakeMac, flags_changed


def test_monitors_are_added_once_the_app_runs(mac: FakeMac) -> None:
    RecordedHotkeys(mac)
    assert mac.monitors == []
    mac.run()
    assert len(mac.monitors) == 2


def test_key_bound_before_start_reports_nothing(mac: FakeMac) -> None:
    from mica.host.macos.hotkeys import MacHotkeys

    keys = MacHotkeys(mac.carbon)
    keys.bind({Hotkey.HOLD: "f13", Hotkey.UNDO: "f14"})
    assert mac.key(F13, True) is mac.key(107, True) is False


def test_our_own_windows_still_get_their_events(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    flags = ALT | R_ALT_BIT
    event = flags_changed({"code": R_ALT, "flags": flags})
    assert mac.monitors[1](event) is event
    mac.run()
    assert hotkeys.reports == ["press"]


def test_hold_key_reports_press_and_release(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    hotkeys.now_s = 2.0
    mac.change(R_ALT, 0)
    assert (hotkeys.reports, hotkeys.times) == (["press", "release"], [0.0, 2.0])


def test_right_option_is_distinguished_from_left_option(mac: FakeMac) -> None:
    """While the other Option is down, the general flag stays; the device bit clears."""
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.change(L_ALT, ALT | R_ALT_BIT | L_ALT_BIT)
    mac.change(R_ALT, ALT | L_ALT_BIT)
    assert hotkeys.reports == ["press", "other", "release"]


def test_other_option_held_throughout_does_not_keep_recording(
    mac: FakeMac,
) -> None:
    session = SimulatedSession(mac)
    mac.change(L_ALT, ALT | L_ALT_BIT)
    mac.down, mac.flags = {L_ALT, R_ALT}, ALT
    mac.change(R_ALT, ALT | L_ALT_BIT | R_ALT_BIT)
    session.wait(2.0)
    mac.down = {L_ALT}
    mac.change(R_ALT, ALT | L_ALT_BIT)
    session.wait(1.0)
    assert session.actions == [Action.START, Action.STOP]


def test_lost_release_ends_a_hold(mac: FakeMac) -> None:
    session = SimulatedSession(mac)
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    session.wait(3.0)
    mac.down, mac.flags = set(), 0  # without an event
    session.wait(1.0)
    assert session.actions == [Action.START, Action.STOP]
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert session.actions[-1] is Action.START, "the next press is a press"


def test_chord_typed_at_once_is_discarded(mac: FakeMac) -> None:
    """Right Option and E, for an accent: only the key count shows the E."""
    session = SimulatedSession(mac)
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    session.wait(POLL_S)
    mac.typed += 1
    session.wait(POLL_S)
    mac.down, mac.flags = set(), 0
    mac.change(R_ALT, 0)
    session.wait(1.0)
    assert session.actions == [Action.START, Action.DISCARD]


def chord_after(mac: FakeMac, seconds: float) -> list[Action]:
    """The actions if a key is typed this long after the press, until the next poll."""
    session = SimulatedSession(mac)
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    session.wait(seconds)
    mac.typed += 1
    session.now_s += 0.01  # polls are late, never early
    session.wait(1.0)
    return session.actions


def test_chord_within_the_limit_but_noticed_later_is_a_chord(
    mac: FakeMac,
) -> None:
    assert CHORD_S == 4 * POLL_S
    assert chord_after(mac, 3 * POLL_S) == [Action.START, Action.DISCARD]


def test_key_typed_after_the_limit_is_no_chord(mac: FakeMac) -> None:
    assert chord_after(mac, 4 * POLL_S) == [Action.START]


def test_two_taps_of_fn_lock_and_a_third_ends(mac: FakeMac) -> None:
    session = SimulatedSession(mac, "fn")
    for _ in range(2):
        mac.change(FN, FN_FLAG)
        session.now_s += 0.1
        mac.change(FN, 0)
        session.now_s += 0.1
    session.wait(60.0)
    mac.change(FN, FN_FLAG)
    session.now_s += 0.1
    mac.change(FN, 0)
    wanted = [Action.START, Action.LATCH, Action.LOCK, Action.STOP]
    assert session.actions == wanted


def test_secure_input_on_and_off_does_not_stop_a_bare_modifier(mac: FakeMac) -> None:
    """Under Secure Input, modifier events still arrive, but the key count stops."""
    session = SimulatedSession(mac)
    mac.carbon.secure = True
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    session.wait(1.0)
    mac.carbon.secure = False
    session.wait(1.0)
    mac.down, mac.flags = set(), 0
    mac.change(R_ALT, 0)
    assert session.actions == [Action.START, Action.STOP]


def test_release_of_another_modifier_reports_nothing(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.change(R_SHIFT, ALT | FLAGS["Shift"] | 0x44)
    mac.change(R_ALT, ALT | FLAGS["Shift"] | 0x44)
    mac.change(R_SHIFT, ALT | R_ALT_BIT)
    mac.change(CAPS_LOCK, 1 << 16)
    assert hotkeys.reports == ["other", "press"]


def test_typed_key_is_reported_by_the_press_count(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.down = {R_ALT}
    mac.typed += 1  # before the press, so irrelevant
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    assert hotkeys.reports == ["press"]
    mac.typed += 1
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    assert hotkeys.reports == ["press", "other"]


def test_key_typed_just_before_the_release_is_reported_first(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.typed += 1
    mac.change(R_ALT, 0)
    assert hotkeys.reports == ["press", "other", "release"]


def test_typing_without_a_held_key_reports_nothing(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.change(R_ALT, 0)
    mac.typed += 3
    assert not hotkeys.keys.is_down(Hotkey.HOLD)
    assert hotkeys.reports == ["press", "release"]


def test_key_known_only_by_its_flag_is_held_until_that_clears(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.flags = ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    mac.flags = FN_FLAG
    assert not hotkeys.keys.is_down(Hotkey.HOLD)


@pytest.mark.parametrize("flags", [0, FN_FLAG])
def test_fn_is_held_until_its_own_release_whatever_its_flag_says(
    mac: FakeMac, flags: int
) -> None:
    """Posted keys clear the flag; arrow keys set it, and it may stay set."""
    hotkeys = RecordedHotkeys(mac, "fn")
    mac.run()
    mac.flags = FN_FLAG
    mac.change(FN, FN_FLAG)
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    mac.flags = flags
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    mac.change(FN, 0)
    assert not hotkeys.keys.is_down(Hotkey.HOLD)


def test_an_arrow_key_that_sends_fns_own_event_is_no_fn(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "fn")
    mac.run()
    mac.down = {LEFT_ARROW}
    mac.change(FN, FN_FLAG)
    mac.down = set()
    mac.change(FN, 0)
    assert hotkeys.reports == []
    mac.change(FN, FN_FLAG)
    mac.down = {LEFT_ARROW}
    mac.change(FN, 0)
    assert hotkeys.reports == ["press", "release"], "a real one ends all the same"


@pytest.mark.parametrize(
    ("usage", "ago_s", "down", "chord"),
    [
        (2, 0.05, set(), False),  # macOS's key for the emoji picker
        (None, 0.05, set(), False),  # the user has not chosen what a tap does
        (2, 0.05, {A}, True),  # typed, and still down
        (2, 0.4, set(), True),  # too long ago
        (0, 0.05, set(), True),  # a tap does nothing, so macOS sends no key
    ],
)
def test_the_key_that_macos_sends_for_a_tap_of_fn_is_not_typed(
    mac: FakeMac, usage: object, ago_s: float, down: set[int], chord: bool
) -> None:
    hotkeys = RecordedHotkeys(mac, "fn")
    mac.run()
    mac.fn_usage, hotkeys.now_s = usage, 10.0
    mac.change(FN, FN_FLAG)
    before = hotkeys.keys.press_count()
    hotkeys.now_s += 0.1
    mac.typed, mac.typed_ago_s, mac.down = mac.typed + 1, ago_s, down
    hotkeys.keys.is_down(Hotkey.HOLD)
    assert hotkeys.reports == (["press", "other"] if chord else ["press"])
    assert (hotkeys.keys.press_count() != before) is chord


def test_two_keys_after_fn_are_the_users(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "fn")
    mac.run()
    mac.change(FN, FN_FLAG)
    mac.typed += 2
    hotkeys.keys.is_down(Hotkey.HOLD)
    assert hotkeys.reports == ["press", "other"]


@pytest.mark.parametrize(("marks", "tagged"), [(True, False), (False, True)])
def test_modifiers_that_we_post_are_not_the_users(
    mac: FakeMac, monkeypatch: pytest.MonkeyPatch, marks: bool, tagged: bool
) -> None:
    """Command goes down for a paste while a key is held: that is not a chord."""
    from mica.host.macos import keyboard
    from mica.host.macos.editing import MacPaster

    hotkeys = RecordedHotkeys(mac, "f13")
    mac.run()
    mac.key(F13, True)
    mac.marks = marks
    if not tagged:
        monkeypatch.setattr(keyboard, "CGEventSourceSetUserData", lambda *_: None)
    MacPaster(mac.carbon, lambda _s: None).press_paste_keys(
        Target(0, 42, "com.example.Editor")
    )
    mac.run()
    assert hotkeys.reports == ["press"]
    mac.whole = False  # the sender is unknown, so it may be the user
    mac.change(L_ALT, ALT | L_ALT_BIT)
    assert hotkeys.reports == ["press", "other"]


def test_key_of_unknown_state_is_held_until_its_release(
    mac: FakeMac,
) -> None:
    """Reading the state may need a permission; failing must not end a dictation."""
    session = SimulatedSession(mac, "f13")
    mac.key(F13, True)
    session.wait(3.0)
    assert session.actions == [Action.START]
    mac.key(F13, False)
    assert session.actions == [Action.START, Action.STOP]
    assert not session.keys.is_down(Hotkey.HOLD)


def test_a_tap_of_fn_counts_and_an_arrow_key_does_not(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "fn")
    mac.run()
    mac.change(LEFT_ARROW, FN_FLAG)
    assert hotkeys.reports == []
    mac.change(FN, FN_FLAG)
    mac.change(FN, 0)
    assert hotkeys.reports == ["press", "release"]
