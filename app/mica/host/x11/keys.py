"""X11 keys: which keycode a name means, and what is physically down.

Keycodes are evdev's plus 8, the same on every Xorg, Xvfb and XWayland of today, so
that a key keeps its name whatever the layout makes of it. Sends nothing.
"""

from typing import Any, Final

from mica.errors import SettingsError

KEYCODES: Final = {
    "left_shift": 50,
    "right_shift": 62,
    "left_ctrl": 37,
    "right_ctrl": 105,
    "left_alt": 64,
    "right_alt": 108,
    "left_super": 133,
    "right_super": 134,
    "menu": 135,
    "pause": 127,
    "scroll_lock": 78,
    **{f"f{n}": 66 + n for n in range(1, 11)},
    "f11": 95,
    "f12": 96,
    **{f"f{n}": 178 + n for n in range(13, 25)},
}
ESCAPE: Final = 9
BARE: Final = {50, 62, 37, 105, 64, 108, 133, 134, 66, 77}  # modifiers and locks
_LOCKS: Final = {66, 77}  # Caps Lock, Num Lock: on or off, they do not change Ctrl+V


def keycode(name: str) -> int:
    """The keycode of a hold key's name."""
    try:
        return KEYCODES[name]
    except KeyError as why:
        known = ", ".join(sorted(KEYCODES))
        raise SettingsError(
            f"There is no key “{name}” on this system.", f"Use one of: {known}."
        ) from why


def down(display: Any) -> set[int]:
    """The keycodes that are down now, real and synthetic alike.

    display   a python-xlib Display of the calling thread
    """
    rows = display.query_keymap()
    return {
        8 * row + bit
        for row, bits in enumerate(rows)
        for bit in range(8)
        if bits >> bit & 1
    }


def modifiers(display: Any) -> set[int]:
    """The keycodes that are modifiers now, but for the locks."""
    codes = {code for row in display.get_modifier_mapping() for code in row}
    return codes - _LOCKS - {0}
