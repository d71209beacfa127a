"""The Mac's keys: which hold keys there are, by virtual keycode.

Bits are IOKit's NX_DEVICE…KEYMASK of the modifier flags, which tell left from right;
Fn has only the general flag, and arrow keys set it too, so the keycode decides.
"""

from typing import Final

from mica.errors import SettingsError

ESCAPE: Final = 53
MODIFIER_BITS: Final = {
    56: 0x2,  # left shift
    60: 0x4,
    59: 0x1,  # left control
    62: 0x2000,
    58: 0x20,  # left option
    61: 0x40,
    55: 0x8,  # left command
    54: 0x10,
    63: 0x800000,  # Fn
}
#: NSEvent's own flags, which do not tell left from right.
GENERAL_BITS: Final = {
    **dict.fromkeys((56, 60), 1 << 17),
    **dict.fromkeys((59, 62), 1 << 18),
    **dict.fromkeys((58, 61), 1 << 19),
    **dict.fromkeys((55, 54), 1 << 20),
    63: 1 << 23,
}
HOLD_KEYS: Final = {
    "left_shift": 56,
    "right_shift": 60,
    "left_ctrl": 59,
    "right_ctrl": 62,
    "left_alt": 58,
    "right_alt": 61,
    "left_super": 55,
    "right_super": 54,
    "fn": 63,
    "f13": 105,
    "f14": 107,
    "f15": 113,
    "f16": 106,
    "f17": 64,
    "f18": 79,
    "f19": 80,
    "f20": 90,
}


def keycode(name: str) -> int:
    """The virtual keycode of a hold key's name."""
    if name not in HOLD_KEYS:
        known = ", ".join(HOLD_KEYS)
        raise SettingsError(f"A Mac has no key “{name}”.", f"Use one of: {known}.")
    return HOLD_KEYS[name]
