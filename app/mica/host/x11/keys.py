"""Which X11 keycodes a key name means, and which keys are physically down.

A key is named after the symbol it gives in the current layout, so that a remapped
modifier is found where it is now. A name whose symbol no key gives is looked for at its
usual place: keycodes are evdev's plus 8 on every current Xorg, Xvfb and XWayland. Sends
nothing.
"""

from typing import Any, Final

from Xlib import XK, X  # type: ignore[import-untyped]

from mica.errors import SettingsError
from mica.host.key_names import PRINTED, Chord
from mica.host.x11.keymap import Keymap

_FIRST: Final = {  # the first keycode of each row on a US keyboard
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
LINE_END: Final = "\n"
_SIDES: Final = {"left": "L", "right": "R"}
_X_WORDS: Final = {"ctrl": "Control", "backspace": "BackSpace"} | {
    "page_up": "Prior", "page_down": "Next", "scroll_lock": "Scroll_Lock",
}  # fmt: skip
_LEVEL3: Final = "ISO_Level3_Shift"  # Right Alt in layouts that have AltGr


def _x_name(name: str) -> str:
    if name in PRINTED or name == "space":
        return name
    side, _, word = name.partition("_")
    if side in _SIDES and word:
        return f"{_X_WORDS.get(word, word.title())}_{_SIDES[side]}"
    return _X_WORDS.get(name, name.title())


_X_NAMES: Final = {name: _x_name(name) for name in KEYCODES}
_NAMED: Final = {XK.string_to_keysym(x): name for name, x in _X_NAMES.items()}


def keycodes(keymap: Keymap, group: int, name: str) -> list[int]:
    """Keycodes of a key name, at least one. Raises SettingsError if X has none."""
    if name not in KEYCODES:
        raise SettingsError(f"This system has no key “{name}”.", "Choose another key.")
    if name in PRINTED:
        found = keymap.shortcut_key(name, group)
        return [KEYCODES[name] if found is None else found]
    codes, place = keymap.keycodes_for(_X_NAMES[name], group), KEYCODES[name]
    if not codes and name == "right_alt" and keymap.symbol(place, group) in _NAMED:
        codes = keymap.keycodes_for(_LEVEL3, group)  # its usual place is another key
    return codes or [place]


def names(keymap: Keymap, group: int) -> dict[int, str]:
    """Key names by keycode: by the keysym a key gives, else by place."""
    by_name = {c: name for name in KEYCODES for c in keycodes(keymap, group, name)}
    given = {code: _NAMED.get(keymap.symbol(code, group)) for code in keymap.keys}
    return by_name | {code: name for code, name in given.items() if name is not None}


def masks(keymap: Keymap) -> dict[str, int]:
    """X modifier masks by modifier name."""
    return {
        "ctrl": int(X.ControlMask),
        "alt": keymap.mask_of(["Alt_L", "Alt_R", "Meta_L"], X.Mod1Mask),
        "shift": int(X.ShiftMask),
        "super": keymap.mask_of(["Super_L", "Super_R"], X.Mod4Mask),
    }


def mask(keymap: Keymap, chord: Chord) -> int:
    """The chord's modifiers as an X mask."""
    known = masks(keymap)
    return sum(known[name] for name in chord.modifiers)


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
