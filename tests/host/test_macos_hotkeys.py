"""Mica's other hotkeys on a Mac, via Carbon: bind, conflict, record, count, release."""

import pytest

from host.mac_keys import (
    ALT,
    CTRL_ALT,
    ESCAPE,
    F13,
    L_ALT,
    L_ALT_BIT,
    OPTION,
    R_ALT,
    R_ALT_BIT,
    A,
    RecordedHotkeys,
    V,
)
from mica.errors import MicaError, SettingsError
from mica.host.key_names import Hotkey
from support.apple_fakes import FLAGS, FakeMac, flags_changed


def test_escape_is_registered_only_while_enabled(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.key(ESCAPE, True)
    assert hotkeys.reports == []
    hotkeys.keys.enable_escape(True)
    mac.key(ESCAPE, True)
    mac.key(ESCAPE, False)
    assert hotkeys.reports == ["escape"]
    hotkeys.keys.enable_escape(False)
    assert mac.carbon.registered == {}


def test_an_f_key_is_held_through_carbon(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "f13")
    mac.key(F13, True)
    mac.typed += 5  # its own repeats
    mac.down = {F13}
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    mac.key(F13, False)
    assert hotkeys.reports == ["press", "release"]
    hotkeys.keys.stop()
    assert mac.carbon.registered == {}


@pytest.mark.parametrize(
    ("event_s", "reported_s"),
    [(0.1, 0.1), (0.0, 0.0), (-99.0, 0.9), (7.0, 0.9)],  # last two: a different clock
)
def test_a_key_counts_from_when_it_was_pressed(
    mac: FakeMac, event_s: float, reported_s: float
) -> None:
    """The main thread may be busy for longer than a tap takes."""
    modifier, chord = RecordedHotkeys(mac), RecordedHotkeys(mac, "f13")
    mac.run()
    modifier.now_s = chord.now_s = 0.9
    press = {"code": R_ALT, "flags": ALT | R_ALT_BIT, "at_s": event_s}
    mac.tell_monitors(press)
    mac.run()
    mac.carbon.event_s = event_s
    mac.key(F13, True)
    assert modifier.times == chord.times == [reported_s]


def test_chord_is_held_and_other_chords_report_their_hotkeys(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(
        mac, "ctrl+alt+a", {Hotkey.UNDO: "ctrl+alt+v", Hotkey.PASTE_LAST: "f13"}
    )
    mac.key(A, True)
    mac.key(V, True)  # without its modifiers
    mac.key(A, True, CTRL_ALT)
    mac.key(A, False, CTRL_ALT)
    mac.key(V, True, CTRL_ALT)
    mac.key(V, False, CTRL_ALT)
    mac.key(F13, True)
    assert hotkeys.reports == ["press", "release", "UNDO", "PASTE_LAST"]


def test_translate_key_is_reported_as_such(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "right_alt", {Hotkey.TRANSLATE: "f13"})
    mac.run()
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.key(F13, True)
    mac.typed += 5  # its own repeats
    mac.down = {R_ALT, F13}
    assert all(hotkeys.keys.is_down(use) for use in (Hotkey.HOLD, Hotkey.TRANSLATE))
    mac.down, mac.flags = {F13}, 0
    mac.change(R_ALT, 0)
    assert not hotkeys.keys.is_down(Hotkey.HOLD)
    assert hotkeys.keys.is_down(Hotkey.TRANSLATE)
    mac.key(F13, False)
    events = ["press", "other", "translate press", "release", "translate release"]
    assert hotkeys.reports == events


def test_two_held_modifiers_are_two_hold_keys(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "right_alt", {Hotkey.TRANSLATE: "left_alt"})
    mac.run()
    mac.change(L_ALT, ALT | L_ALT_BIT)
    mac.typed += 1
    mac.change(L_ALT, 0)
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert hotkeys.reports == ["translate press", "other", "translate release", "press"]


def test_letter_key_is_found_by_the_layout(mac: FakeMac) -> None:
    mac.carbon.letters = {47: "v", 12: "a"}
    RecordedHotkeys(
        mac,
        "ctrl+alt+v",
        {Hotkey.UNDO: "ctrl+alt+a", Hotkey.PASTE_LAST: "ctrl+alt+slash"},
    )
    assert {code for code, _ in mac.carbon.registered} == {47, 12, 44}


def test_keys_are_replaced_while_running(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    hotkeys.keys.enable_escape(True)
    hotkeys.keys.bind({Hotkey.HOLD: "f13"})
    mac.change(R_ALT, 0)
    assert hotkeys.reports == ["press"]
    assert set(mac.carbon.registered) == {(F13, 0), (ESCAPE, 0)}
    hotkeys.keys.bind({Hotkey.HOLD: "right_alt", Hotkey.UNDO: "f13"})
    escapes = {(ESCAPE, 0), (ESCAPE, OPTION)}
    assert set(mac.carbon.registered) == {(F13, 0), *escapes}
    hotkeys.keys.enable_escape(False)
    hotkeys.keys.bind({Hotkey.UNDO: "f13"})
    assert not hotkeys.keys.is_down(Hotkey.HOLD)
    hotkeys.keys.record_shortcut(hotkeys.reports.append)
    hotkeys.keys.record_shortcut(None)
    assert set(mac.carbon.registered) == {(F13, 0)}


def test_key_of_another_app_is_refused_and_nothing_changes(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "right_alt", {Hotkey.UNDO: "f13"})
    mac.carbon.exclusive_keys = {V}
    with pytest.raises(MicaError, match=r"Another app already uses Control\+Option\+V"):
        hotkeys.keys.bind({Hotkey.HOLD: "f14", Hotkey.UNDO: "ctrl+alt+v"})
    assert set(mac.carbon.registered) == {(F13, 0)}
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert hotkeys.reports == ["press"]


def test_key_that_macs_lack_is_refused_by_name(mac: FakeMac) -> None:
    with pytest.raises(SettingsError, match="scroll_lock"):
        RecordedHotkeys(mac, "scroll_lock")


def test_recorded_shortcut_reaches_no_window(mac: FakeMac) -> None:
    hotkeys, learnt = (
        RecordedHotkeys(mac, "right_alt", {Hotkey.UNDO: "f13"}),
        list[str](),
    )
    mac.run()
    hotkeys.keys.record_shortcut(learnt.append)
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.change(R_ALT, 0)
    mac.change(59, FLAGS["Control"] | 0x1)
    assert not mac.key(V, True)
    assert not mac.key(F13, True)  # ours before, and may be chosen again
    assert not mac.key(10, True)  # a key without a name in Mica
    mac.change(59, 0)
    assert learnt == ["right_alt", "ctrl+v", "ctrl+f13"]
    hotkeys.keys.record_shortcut(None)
    assert (hotkeys.reports, mac.typing) == ([], [])
    assert mac.key(V, True)
    mac.key(F13, True)
    assert hotkeys.reports == ["UNDO"]


def test_recording_again_forgets_earlier_presses(mac: FakeMac) -> None:
    hotkeys, learnt = RecordedHotkeys(mac), list[str]()
    mac.run()
    hotkeys.keys.record_shortcut(learnt.append)
    mac.change(59, FLAGS["Control"] | 0x1)
    hotkeys.keys.record_shortcut(learnt.append)
    mac.key(F13, True)
    assert learnt == ["f13"]
    assert len(mac.typing) == 1
    hotkeys.keys.stop()
    assert (mac.typing, mac.monitors) == ([], [])


def test_press_count_has_keys_and_clicks_without_hotkeys(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "f13", {Hotkey.UNDO: "ctrl+alt+v"})
    before = hotkeys.keys.press_count()
    assert before is not None
    mac.key(V, True, CTRL_ALT)
    mac.key(V, False, CTRL_ALT)
    mac.key(V, False, CTRL_ALT)  # a second key-up is ignored
    mac.key(F13, True)
    mac.typed += 7  # repeats
    assert hotkeys.keys.press_count() == before
    mac.key(F13, True)  # the same press, reported twice
    mac.key(F13, False)
    assert hotkeys.keys.press_count() == before
    mac.key(A, True)
    mac.clicked += 1
    assert hotkeys.keys.press_count() == before + 2
    hotkeys.keys.stop()
    assert hotkeys.keys.press_count() is None


def test_stop_unregisters_every_key(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "right_alt", {Hotkey.UNDO: "f13"})
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    hotkeys.keys.enable_escape(True)
    on_flags = mac.monitors[0]
    on_flags(flags_changed({"code": R_ALT, "flags": 0}))
    hotkeys.keys.stop()
    assert (mac.monitors, mac.carbon.registered) == ([], {})
    mac.run()  # delivers an event that was pending
    assert hotkeys.reports == ["press"]


def test_stop_before_the_app_runs_adds_no_monitor(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    hotkeys.keys.stop()
    mac.run()
    assert mac.monitors == []
