"""Keys that are taken on a Mac, by another program or by a macOS shortcut (by name)."""

from typing import Any

import pytest

from host.mac_keys import CMD, CTRL, F13, SHIFT, SPACE, RecordedHotkeys, V
from mica.errors import MicaError
from mica.host.key_names import Hotkey
from support.apple_fakes import FakeMac

FN, RIGHT, F, F11 = 1 << 17, 124, 3, 103  # kEventKeyModifierFnMask


def shortcut(code: int, modifiers: int, enabled: bool = True) -> dict[str, Any]:
    """An entry as CopySymbolicHotKeys returns it."""
    return {
        "kHISymbolicHotKeyCode": code,
        "kHISymbolicHotKeyModifiers": modifiers,
        "kHISymbolicHotKeyEnabled": enabled,
    }


@pytest.mark.parametrize(
    ("code", "modifiers", "key", "name"),
    [
        (SPACE, CMD, "super+space", r"Command\+Space"),
        (SPACE, CTRL, "ctrl+space", r"Control\+Space"),
        (20, CMD | SHIFT, "shift+super+3", r"Shift\+Command\+3"),
        (RIGHT, CTRL | FN, "ctrl+right", r"Control\+Right"),  # always has Fn's flag
        (F11, FN, "f11", "F11"),
    ],
)
def test_shortcut_of_macos_is_refused_by_name(
    mac: FakeMac, code: int, modifiers: int, key: str, name: str
) -> None:
    hotkeys = RecordedHotkeys(mac, "f13")
    mac.carbon.symbolic = [shortcut(V, CTRL), shortcut(code, modifiers)]
    with pytest.raises(MicaError, match=f"macOS already uses {name}") as refused:
        hotkeys.keys.bind({Hotkey.HOLD: "f14", Hotkey.UNDO: key})
    assert "System Settings" in refused.value.remedy
    assert set(mac.carbon.registered) == {(F13, 0)}


@pytest.mark.parametrize(
    "one",
    [
        shortcut(SPACE, CTRL, enabled=False),
        shortcut(SPACE, CMD),
        shortcut(F, CTRL | FN),  # tiles a window; not the same as Control+F
        {"kHISymbolicHotKeyEnabled": True},
    ],
)
def test_disabled_or_different_macos_shortcut_is_no_conflict(
    mac: FakeMac, one: Any
) -> None:
    mac.carbon.symbolic = [one]
    RecordedHotkeys(mac, "ctrl+space", {Hotkey.UNDO: "ctrl+f"})
    assert set(mac.carbon.registered) == {(SPACE, CTRL), (F, CTRL)}


def test_unknown_macos_shortcuts_refuse_nothing(mac: FakeMac) -> None:
    mac.carbon.symbolic = None
    RecordedHotkeys(mac, "ctrl+space")
    assert set(mac.carbon.registered) == {(SPACE, CTRL)}


def test_list_of_macos_shortcuts_is_released(mac: FakeMac) -> None:
    RecordedHotkeys(mac, "f13")
    before = mac.carbon.released
    mac.carbon.symbolic = None
    hotkeys = RecordedHotkeys(mac, "f14")
    of_the_layout = mac.carbon.released - before
    mac.carbon.symbolic, before = [], mac.carbon.released
    hotkeys.keys.bind({Hotkey.HOLD: "f14"})
    assert mac.carbon.released - before == of_the_layout + 1
