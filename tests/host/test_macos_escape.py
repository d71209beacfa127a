"""Esc on a Mac with the hold key's modifiers down, tested with the real rules."""

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
    RecordedHotkeys,
    SimulatedSession,
)
from mica.host.hold_key import POLL_S
from mica.host.hold_key_table import Action
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
def test_escape_under_the_hold_key_cancels_with_undo(
    mac: FakeMac, seconds: float
) -> None:
    """Both within the time limit for chords and after it."""
    session = SimulatedSession(mac)
    hold(mac)
    session.wait(seconds)
    escape(mac, OPTION)
    session.wait(POLL_S)
    mac.down = set()
    mac.change(R_ALT, 0)
    session.wait(1.0)
    assert session.actions == CANCELLED
    assert mac.carbon.registered == {}


@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_escape_under_a_held_chord_cancels(mac: FakeMac, seconds: float) -> None:
    session = SimulatedSession(mac, "ctrl+alt+space")
    mac.down = {SPACE}
    mac.key(SPACE, True, CTRL_ALT)
    session.wait(seconds)
    escape(mac, CTRL_ALT)
    mac.down = set()
    mac.key(SPACE, False, CTRL_ALT)
    assert session.actions == CANCELLED


def test_escape_under_the_key_that_translates_cancels(mac: FakeMac) -> None:
    session = SimulatedSession(mac, "right_alt", {Hotkey.TRANSLATE: "right_ctrl"})
    hold(mac, R_CTRL, R_CTRL_FLAGS)
    session.wait(POLL_S)
    escape(mac, CTRL)
    assert session.actions == CANCELLED


def test_escape_under_fn_is_plain_escape(mac: FakeMac) -> None:
    session = SimulatedSession(mac, "fn")
    hold(mac, FN, FN_FLAG)
    session.wait(POLL_S)
    assert set(mac.carbon.registered) == {(ESCAPE, 0)}
    escape(mac, 0)
    assert session.actions == CANCELLED


def test_escape_alone_cancels_a_tapped_dictation(mac: FakeMac) -> None:
    session = SimulatedSession(mac)
    hold(mac)
    session.now_s += 0.1
    mac.change(R_ALT, 0)
    session.wait(2.0)
    escape(mac, 0)
    assert session.actions == [Action.START, Action.LATCH, Action.CANCEL]


def test_escape_follows_keys_that_are_bound_again(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    hotkeys.keys.enable_escape(True)
    assert set(mac.carbon.registered) == {(ESCAPE, 0), (ESCAPE, OPTION)}
    hotkeys.keys.bind({Hotkey.HOLD: "ctrl+shift+space", Hotkey.TRANSLATE: "right_ctrl"})
    escapes = {(ESCAPE, 0), (ESCAPE, CTRL | SHIFT), (ESCAPE, CTRL)}
    assert set(mac.carbon.registered) == {(SPACE, CTRL | SHIFT), *escapes}
    escape(mac, CTRL | SHIFT)
    escape(mac, OPTION)
    assert hotkeys.reports == ["escape"]
    hotkeys.keys.enable_escape(False)
    assert set(mac.carbon.registered) == {(SPACE, CTRL | SHIFT)}


def test_refused_keys_leave_escape_unchanged(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    hotkeys.keys.enable_escape(True)
    mac.carbon.exclusive_keys = {F13}
    with pytest.raises(Exception, match="F13"):
        hotkeys.keys.bind({Hotkey.HOLD: "right_ctrl", Hotkey.UNDO: "f13"})
    assert set(mac.carbon.registered) == {(ESCAPE, 0), (ESCAPE, OPTION)}


def test_escape_is_enabled_after_recording_a_shortcut(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    hotkeys.keys.enable_escape(True)
    hotkeys.keys.record_shortcut(hotkeys.reports.append)
    assert mac.carbon.registered == {}
    hotkeys.keys.record_shortcut(None)
    escape(mac, OPTION)
    assert hotkeys.reports == ["escape"]


def test_escape_counted_before_its_event_is_no_chord(mac: FakeMac) -> None:
    """The keyboard is polled between the key press and Carbon's event for it."""
    session = SimulatedSession(mac)
    hold(mac)
    session.wait(POLL_S)
    mac.typed += 1
    mac.down.add(ESCAPE)
    session.wait(POLL_S)
    mac.carbon.key(ESCAPE, True, OPTION)
    assert session.actions == CANCELLED


def test_escape_is_reported_once_and_as_no_other_key(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    hold(mac)
    hotkeys.keys.enable_escape(True)
    escape(mac, OPTION)
    mac.down = set()
    mac.change(R_ALT, 0)
    assert hotkeys.reports == ["press", "escape", "release"]


def test_escape_of_another_app_is_a_chord(mac: FakeMac) -> None:
    """With Shift, it also goes to the window."""
    session = SimulatedSession(mac)
    hold(mac)
    session.wait(POLL_S)
    escape(mac, OPTION | SHIFT)
    session.wait(POLL_S)
    assert session.actions == [Action.START, Action.DISCARD]


def test_escape_is_not_counted_as_a_press_of_the_user(mac: FakeMac) -> None:
    """Its key-up is not reported: by then, Mica has canceled and released Esc."""
    session = SimulatedSession(mac)
    hold(mac)
    before = session.keys.press_count()
    assert before is not None
    escape(mac, OPTION)
    assert session.actions == CANCELLED
    assert session.keys.press_count() == before
    mac.typed += 1
    assert session.keys.press_count() == before + 1


def test_escape_registered_by_another_app_is_left_to_it(mac: FakeMac) -> None:
    """Without a message; the dictation must not end because of it."""
    mac.carbon.exclusive_keys = {ESCAPE}
    session = SimulatedSession(mac)
    hold(mac)
    session.wait(2.0)
    escape(mac, OPTION)
    mac.down = set()
    mac.change(R_ALT, 0)
    assert session.actions == [Action.START, Action.STOP]
