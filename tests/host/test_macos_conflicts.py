"""Keys that others have on a Mac: another program, or macOS itself, by its name."""

from typing import Any

import pytest

from host.mac_keys import CMD, CTRL, F13, SHIFT, SPACE, Held, V
from mica.errors import MicaError
from mica.host.key_names import Hotkey
from support.apple_fakes import FakeMac

FN, RIGHT, F, F11 = 1 << 17, 124, 3, 103  # kEventKeyModifierFnMask


def shortcut(code: int, modifiers: int, enabled: bool = True) -> dict[str, Any]:
    """One of CopySymbolicHotKeys."""
    return {
        "kHISymbolicHotKeyCode": code,
        "kHISymbolicHotKeyModifiers": modifiers,
        "kHISymbolicHotKeyEnabled": enabled,
    }


def test_a_key_another_program_has_for_itself_is_named(mac: FakeMac) -> None:
    mac.carbon.taken = {F13}
    with pytest.raises(MicaError, match="Another program has F13"):
        Held(mac, "f13")


@pytest.mark.parametrize(
    ("code", "modifiers", "key", "name"),
    [
        (SPACE, CMD, "super+space", r"Command\+Space"),
        (SPACE, CTRL, "ctrl+space", r"Control\+Space"),
        (20, CMD | SHIFT, "shift+super+3", r"Shift\+Command\+3"),
        (RIGHT, CTRL | FN, "ctrl+right", r"Control\+Right"),  # it always carries Fn
        (F11, FN, "f11", "F11"),
    ],
)
def test_a_shortcut_of_macos_is_named(
    mac: FakeMac, code: int, modifiers: int, key: str, name: str
) -> None:
    held = Held(mac, "f13")
    mac.carbon.symbolic = [shortcut(V, CTRL), shortcut(code, modifiers)]
    with pytest.raises(MicaError, match=f"macOS has {name}") as refused:
        held.keys.bind({Hotkey.HOLD: "f14", Hotkey.UNDO: key})
    assert "System Settings" in refused.value.remedy
    assert set(mac.carbon.registered) == {(F13, 0)}


@pytest.mark.parametrize(
    "one",
    [
        shortcut(SPACE, CTRL, enabled=False),
        shortcut(SPACE, CMD),
        shortcut(F, CTRL | FN),  # tiles a window: another key than Control+F
        {"kHISymbolicHotKeyEnabled": True},
    ],
)
def test_what_is_off_or_another_shortcut_is_free(mac: FakeMac, one: Any) -> None:
    mac.carbon.symbolic = [one]
    Held(mac, "ctrl+space", {Hotkey.UNDO: "ctrl+f"})
    assert set(mac.carbon.registered) == {(SPACE, CTRL), (F, CTRL)}


def test_a_macos_that_does_not_say_refuses_nothing(mac: FakeMac) -> None:
    mac.carbon.symbolic = None
    Held(mac, "ctrl+space")
    assert set(mac.carbon.registered) == {(SPACE, CTRL)}


def test_the_list_of_shortcuts_is_given_back(mac: FakeMac) -> None:
    Held(mac, "f13")
    before = mac.carbon.released
    mac.carbon.symbolic = None
    held = Held(mac, "f14")
    of_the_layout = mac.carbon.released - before
    mac.carbon.symbolic, before = [], mac.carbon.released
    held.keys.bind({Hotkey.HOLD: "f14"})
    assert mac.carbon.released - before == of_the_layout + 1
