"""Esc on a Mac: with the modifiers of the key that is held, through the real rules."""

import pytest

from host.mac_keys import (
    ALT,
    CTRL,
    CTRL_ALT,
    ESCAPE,
    F13,
    FN,
    FN_FLAG,
    OPTION,
    R_ALT,
    R_ALT_BIT,
    SHIFT,
    SPACE,
    Held,
    Played,
)
from mica.host.hold_key import POLL_S, Action
from mica.host.key_names import Hotkey
from support.apple_fakes import FakeMac

R_CTRL, R_CTRL_FLAGS = 62, 1 << 18 | 0x2000
CANCELLED = [Action.START, Action.CANCEL]


def hold(mac: FakeMac, code: int = R_ALT, flags: int = ALT | R_ALT_BIT) -> None:
    mac.down = {code}
    mac.change(code, flags)


def escape(mac: FakeMac, modifiers: int) -> None:
    mac.down.add(ESCAPE)
    mac.key(ESCAPE, True, modifiers)
    mac.down.discard(ESCAPE)
    mac.key(ESCAPE, False, modifiers)


@pytest.mark.parametrize("seconds", [POLL_S, 2.0])
def test_escape_under_the_hold_key_cancels_softly(mac: FakeMac, seconds: float) -> None:
    """Within the guard for chords and after it."""
    played = Played(mac)
    hold(mac)
    played.wait(seconds)
    escape(mac, OPTION)
    played.wait(POLL_S)
    mac.down = set()
    mac.change(R_ALT, 0)
    played.wait(1.0)
    assert played.did == CANCELLED
    assert mac.carbon.registered == {}


@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_escape_under_a_held_chord_cancels(mac: FakeMac, seconds: float) -> None:
    played = Played(mac, "ctrl+alt+space")
    mac.down = {SPACE}
    mac.key(SPACE, True, CTRL_ALT)
    played.wait(seconds)
    escape(mac, CTRL_ALT)
    mac.down = set()
    mac.key(SPACE, False, CTRL_ALT)
    assert played.did == CANCELLED


def test_escape_under_the_key_that_translates_cancels(mac: FakeMac) -> None:
    played = Played(mac, "right_alt", {Hotkey.TRANSLATE: "right_ctrl"})
    hold(mac, R_CTRL, R_CTRL_FLAGS)
    played.wait(POLL_S)
    escape(mac, CTRL)
    assert played.did == CANCELLED


def test_escape_under_fn_is_plain_escape(mac: FakeMac) -> None:
    played = Played(mac, "fn")
    hold(mac, FN, FN_FLAG)
    played.wait(POLL_S)
    assert set(mac.carbon.registered) == {(ESCAPE, 0)}
    escape(mac, 0)
    assert played.did == CANCELLED


def test_escape_by_itself_cancels_what_was_tapped(mac: FakeMac) -> None:
    played = Played(mac)
    hold(mac)
    played.now_s += 0.1
    mac.change(R_ALT, 0)
    played.wait(2.0)
    escape(mac, 0)
    assert played.did == [Action.START, Action.LATCH, Action.CANCEL]


def test_escape_goes_with_the_keys_as_they_are_bound_anew(mac: FakeMac) -> None:
    held = Held(mac)
    held.keys.want_escape(True)
    assert set(mac.carbon.registered) == {(ESCAPE, 0), (ESCAPE, OPTION)}
    held.keys.bind({Hotkey.HOLD: "ctrl+shift+space", Hotkey.TRANSLATE: "right_ctrl"})
    escapes = {(ESCAPE, 0), (ESCAPE, CTRL | SHIFT), (ESCAPE, CTRL)}
    assert set(mac.carbon.registered) == {(SPACE, CTRL | SHIFT), *escapes}
    escape(mac, CTRL | SHIFT)
    escape(mac, OPTION)
    assert held.heard == ["escape"]
    held.keys.want_escape(False)
    assert set(mac.carbon.registered) == {(SPACE, CTRL | SHIFT)}


def test_keys_that_cannot_be_bound_leave_escape_as_it_was(mac: FakeMac) -> None:
    held = Held(mac)
    held.keys.want_escape(True)
    mac.carbon.taken = {F13}
    with pytest.raises(Exception, match="F13"):
        held.keys.bind({Hotkey.HOLD: "right_ctrl", Hotkey.UNDO: "f13"})
    assert set(mac.carbon.registered) == {(ESCAPE, 0), (ESCAPE, OPTION)}


def test_escape_is_wanted_still_after_a_key_was_learnt(mac: FakeMac) -> None:
    held = Held(mac)
    held.keys.want_escape(True)
    held.keys.learn(held.heard.append)
    assert mac.carbon.registered == {}
    held.keys.learn(None)
    escape(mac, OPTION)
    assert held.heard == ["escape"]


def test_escape_is_no_chord_though_the_count_tells_of_it_first(mac: FakeMac) -> None:
    """The keyboard is polled between the key going down and Carbon's word of it."""
    played = Played(mac)
    hold(mac)
    played.wait(POLL_S)
    mac.typed += 1
    mac.down.add(ESCAPE)
    played.wait(POLL_S)
    mac.carbon.key(ESCAPE, True, OPTION)
    assert played.did == CANCELLED


def test_escape_is_told_once_and_as_no_other_key(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    hold(mac)
    held.keys.want_escape(True)
    escape(mac, OPTION)
    mac.down = set()
    mac.change(R_ALT, 0)
    assert held.heard == ["press", "escape", "release"]


def test_an_escape_that_is_not_ours_is_a_chord(mac: FakeMac) -> None:
    """With Shift, too, it goes to the window."""
    played = Played(mac)
    hold(mac)
    played.wait(POLL_S)
    escape(mac, OPTION | SHIFT)
    played.wait(POLL_S)
    assert played.did == [Action.START, Action.DISCARD]


def test_escape_is_no_press_of_the_users_and_what_follows_is(mac: FakeMac) -> None:
    """Its key-up is not told any more: by then it cancelled, and is not ours."""
    played = Played(mac)
    hold(mac)
    before = played.keys.other_presses()
    assert before is not None
    escape(mac, OPTION)
    assert played.did == CANCELLED
    assert played.keys.other_presses() == before
    mac.typed += 1
    assert played.keys.other_presses() == before + 1


def test_an_escape_another_program_has_is_left_to_it(mac: FakeMac) -> None:
    """Quietly; a dictation must not end for it."""
    mac.carbon.taken = {ESCAPE}
    played = Played(mac)
    hold(mac)
    played.wait(2.0)
    escape(mac, OPTION)
    mac.down = set()
    mac.change(R_ALT, 0)
    assert played.did == [Action.START, Action.STOP]
