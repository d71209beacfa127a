"""A Mac's other keys of ours, by Carbon: bound, taken, learnt, counted, given back."""

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
    Held,
    V,
)
from mica.errors import MicaError, SettingsError
from mica.host.key_names import Hotkey
from support.apple_fakes import FLAGS, FakeMac, flags_changed


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
    assert held.keys.is_down(Hotkey.HOLD)
    mac.key(F13, False)
    assert held.heard == ["press", "release"]
    held.keys.stop()
    assert mac.carbon.registered == {}


def test_a_chord_is_held_and_other_chords_have_their_uses(mac: FakeMac) -> None:
    held = Held(
        mac, "ctrl+alt+a", {Hotkey.UNDO: "ctrl+alt+v", Hotkey.PASTE_LAST: "f13"}
    )
    mac.key(A, True)
    mac.key(V, True)  # without its modifiers
    mac.key(A, True, CTRL_ALT)
    mac.key(A, False, CTRL_ALT)
    mac.key(V, True, CTRL_ALT)
    mac.key(V, False, CTRL_ALT)
    mac.key(F13, True)
    assert held.heard == ["press", "release", "UNDO", "PASTE_LAST"]


def test_the_key_that_translates_is_told_apart(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Hotkey.TRANSLATE: "f13"})
    mac.run()
    mac.down, mac.flags = {R_ALT}, ALT
    mac.change(R_ALT, ALT | R_ALT_BIT)
    mac.key(F13, True)
    mac.typed += 5  # its own repeats
    mac.down = {R_ALT, F13}
    assert all(held.keys.is_down(use) for use in (Hotkey.HOLD, Hotkey.TRANSLATE))
    mac.down, mac.flags = {F13}, 0
    mac.change(R_ALT, 0)
    assert not held.keys.is_down(Hotkey.HOLD)
    assert held.keys.is_down(Hotkey.TRANSLATE)
    mac.key(F13, False)
    told = ["press", "other", "translate press", "release", "translate release"]
    assert held.heard == told


def test_two_modifiers_that_are_held_are_two_keys(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Hotkey.TRANSLATE: "left_alt"})
    mac.run()
    mac.change(L_ALT, ALT | L_ALT_BIT)
    mac.typed += 1
    mac.change(L_ALT, 0)
    mac.change(R_ALT, ALT | R_ALT_BIT)
    assert held.heard == ["translate press", "other", "translate release", "press"]


def test_a_letter_is_where_the_layout_prints_it(mac: FakeMac) -> None:
    mac.carbon.letters = {47: "v", 12: "a"}
    Held(
        mac,
        "ctrl+alt+v",
        {Hotkey.UNDO: "ctrl+alt+a", Hotkey.PASTE_LAST: "ctrl+alt+slash"},
    )
    assert {code for code, _ in mac.carbon.registered} == {47, 12, 44}


def test_keys_are_bound_anew_while_it_runs(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    held.keys.want_escape(True)
    held.keys.bind({Hotkey.HOLD: "f13"})
    mac.change(R_ALT, 0)
    assert held.heard == ["press"]
    assert set(mac.carbon.registered) == {(F13, 0), (ESCAPE, 0)}
    held.keys.bind({Hotkey.HOLD: "right_alt", Hotkey.UNDO: "f13"})
    escapes = {(ESCAPE, 0), (ESCAPE, OPTION)}
    assert set(mac.carbon.registered) == {(F13, 0), *escapes}
    held.keys.want_escape(False)
    held.keys.bind({Hotkey.UNDO: "f13"})
    assert not held.keys.is_down(Hotkey.HOLD)
    held.keys.learn(held.heard.append)
    held.keys.learn(None)
    assert set(mac.carbon.registered) == {(F13, 0)}


def test_a_taken_key_leaves_all_as_it_was(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Hotkey.UNDO: "f13"})
    mac.carbon.taken = {V}
    with pytest.raises(MicaError, match=r"Another program has Control\+Option\+V"):
        held.keys.bind({Hotkey.HOLD: "f14", Hotkey.UNDO: "ctrl+alt+v"})
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
    held, learnt = Held(mac, "right_alt", {Hotkey.UNDO: "f13"}), list[str]()
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
    held = Held(mac, "f13", {Hotkey.UNDO: "ctrl+alt+v"})
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
    held = Held(mac, "right_alt", {Hotkey.UNDO: "f13"})
    mac.run()
    mac.change(R_ALT, ALT | R_ALT_BIT)
    held.keys.want_escape(True)
    on_flags = mac.monitors[0]
    on_flags(flags_changed({"code": R_ALT, "flags": 0}))
    held.keys.stop()
    assert (mac.monitors, mac.carbon.registered) == ([], {})
    mac.run()  # an event that was on its way
    assert held.heard == ["press"]


def test_stopping_before_the_app_ran_watches_nothing(mac: FakeMac) -> None:
    held = Held(mac)
    held.keys.stop()
    mac.run()
    assert mac.monitors == []
