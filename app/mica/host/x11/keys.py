"""X11 keys: which keycode a name means, and what is physically down.

Keycodes are evdev's plus 8, the same on every Xorg, Xvfb and XWayland of today, so
that a key keeps its name whatever the layout makes of it; only a key that prints goes
by what the layout prints. Sends nothing.
"""

from typing import Any, Final

from Xlib import XK, X  # type: ignore[import-untyped]

from mica.errors import SettingsError
from mica.host.key_names import PRINTED, Chord

_FIRST: Final = {  # where the keys of a row begin on a US keyboard
    10: [*"1234567890", "minus", "equal", "backspace", "tab"],
    24: [*"qwertyuiop", "bracketleft", "bracketright", "return"],
    38: [*"asdfghjkl", "semicolon", "apostrophe", "grave"],
    51: ["backslash", *"zxcvbnm", "comma", "period", "slash"],
    67: [f"f{n}" for n in range(1, 11)],
    110: ["home", "up", "page_up", "left", "right", "end", "down", "page_down"],
    118: ["insert", "delete"],
    191: [f"f{n}" for n in range(13, 25)],
}
KEYCODES: Final = {
    "escape": 9,
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
    "space": 65,
    "f11": 95,
    "f12": 96,
    **{name: first + n for first, row in _FIRST.items() for n, name in enumerate(row)},
}
ESCAPE: Final = KEYCODES["escape"]
BARE: Final = {50, 62, 37, 105, 64, 108, 133, 134, 66, 77}  # modifiers and locks
_LOCKS: Final = {66, 77}  # Caps Lock, Num Lock: on or off, they do not change Ctrl+V
_NAMES: Final = {code: name for name, code in KEYCODES.items()}
_PRINTS: Final = {XK.string_to_keysym(name): name for name in PRINTED}
_MASKS: Final = {
    "ctrl": X.ControlMask,
    "alt": X.Mod1Mask,
    "shift": X.ShiftMask,
    "super": X.Mod4Mask,
}
_FIRST_CODE, _CODES = 8, 248  # of X
MODIFIER_MASK: Final = sum(_MASKS.values())
_SHORTCUT: Final = MODIFIER_MASK & ~X.ShiftMask
_LINE_ENDS: Final = {KEYCODES["return"], 104}  # of the keypad, too
LOCK_MASKS: Final = (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask)


def keycode(display: Any, key: str) -> int:
    """The keycode of a key's name."""
    if key not in KEYCODES:
        raise SettingsError(f"This system has no key “{key}”.", "Choose another key.")
    if key not in PRINTED:
        return KEYCODES[key]
    return int(display.keysym_to_keycode(XK.string_to_keysym(key))) or KEYCODES[key]


def key_name(display: Any, code: int) -> str | None:
    """The name of a keycode; None where it has none."""
    return _PRINTS.get(display.keycode_to_keysym(code, 0)) or _NAMES.get(code)


def blank(code: int, held: int) -> str:
    """What this key types while these modifiers are held, if it is a blank; else "".
    Return under any of them ends a line or sends it."""
    if code in _LINE_ENDS:
        return "\n"
    blanks = {KEYCODES["space"]: " ", KEYCODES["tab"]: "\t"}
    return "" if held & _SHORTCUT else blanks.get(code, "")


def mask(chord: Chord) -> int:
    """The chord's modifiers as X counts them."""
    return sum(_MASKS[name] for name in chord.modifiers)


def held_mask(display: Any, chord: Chord) -> int:
    """The modifiers of another key while this is held, as X counts them.

    What a modifier by itself is, the layout says: Right Alt may be that of the third
    level, and then another key with its symbol stands in X's table for it.
    """
    if not chord.is_bare:
        return mask(chord)
    symbols = display.get_keyboard_mapping(_FIRST_CODE, _CODES)
    wanted = symbols[keycode(display, chord.key) - _FIRST_CODE][0]
    return sum(
        1 << row
        for row, codes in enumerate(display.get_modifier_mapping())
        if wanted in (symbols[code - _FIRST_CODE][0] for code in codes if code)
    )


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
