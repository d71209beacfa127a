"""Which virtual keycode a key name means on a Mac, and what the Fn key does there.

A key that prints is found by what the user's layout prints, or by its place on a US
keyboard if the layout does not print it; all others have one keycode everywhere. What a
tap of Fn does is set by "Press 🌐 key to" in System Settings.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from CoreFoundation import CFPreferencesAppSynchronize, CFPreferencesCopyAppValue

from mica.errors import SettingsError
from mica.host.key_names import BARE, FUNCTION, PRINTED, Chord, Hotkey
from mica.host.values import FnKeyAction

#: Virtual keycodes in order, from 0; " " is a key that Mica has no name for.
_LETTERS: Final = "asdfhgzxcv bqweryt123465=97-80]ou[ip lj'k;\\,/nm.  `"
_SIGNS: Final = {
    "minus": "-", "equal": "=", "bracketleft": "[", "bracketright": "]",
    "backslash": "\\", "semicolon": ";", "apostrophe": "'", "grave": "`",
    "comma": ",", "period": ".", "slash": "/",
}  # fmt: skip
_CODES: Final = {
    "left_shift": 56, "right_shift": 60, "left_ctrl": 59, "right_ctrl": 62,
    "left_alt": 58, "right_alt": 61, "left_super": 55, "right_super": 54, "fn": 63,
    "return": 36, "tab": 48, "space": 49, "backspace": 51, "escape": 53,
    "insert": 114, "delete": 117, "home": 115, "end": 119, "page_up": 116,
    "page_down": 121, "left": 123, "right": 124, "down": 125, "up": 126,
    "f1": 122, "f2": 120, "f3": 99, "f4": 118, "f5": 96, "f6": 97, "f7": 98,
    "f8": 100, "f9": 101, "f10": 109, "f11": 103, "f12": 111, "f13": 105,
    "f14": 107, "f15": 113, "f16": 106, "f17": 64, "f18": 79, "f19": 80, "f20": 90,
}  # fmt: skip
ESCAPE: Final = _CODES["escape"]
FN: Final = _CODES["fn"]
#: IOKit's NX_DEVICE…KEYMASK, which distinguish left from right; Fn has only the general
#: flag, and arrow keys set it too, so the keycode decides.
MODIFIER_BITS: Final = {
    56: 0x2, 60: 0x4, 59: 0x1, 62: 0x2000, 58: 0x20, 61: 0x40, 55: 0x8, 54: 0x10,
    63: 0x800000,
}  # fmt: skip
#: NSEvent's own flags, which do not distinguish left from right.
GENERAL_BITS: Final = {
    56: 1 << 17, 60: 1 << 17, 59: 1 << 18, 62: 1 << 18, 58: 1 << 19, 61: 1 << 19,
    55: 1 << 20, 54: 1 << 20, 63: 1 << 23,
}  # fmt: skip
#: Carbon's cmdKey, shiftKey, optionKey, controlKey.
_MASKS: Final = {"super": 1 << 8, "shift": 1 << 9, "alt": 1 << 11, "ctrl": 1 << 12}
MODIFIER_MASK: Final = sum(_MASKS.values())
#: Keys whose events say that Fn is down even if it is not.
WITH_FN: Final = frozenset(
    _CODES[key]
    for key in (
        *(key for key in FUNCTION if key in _CODES),
        *("insert", "delete", "home", "end", "page_up", "page_down"),
        *("left", "right", "down", "up"),
    )
)
_DOMAIN: Final = "com.apple.HIToolbox"
_FN_USAGE: Final = "AppleFnUsageType"  # with the numbers in nix-darwin's tables
_STANDARD: Final = "com.apple.keyboard.fnState"  # global domain, says nix-darwin
_FN_ACTIONS: Final = (
    FnKeyAction.NOTHING,
    FnKeyAction.INPUT_SOURCE,
    FnKeyAction.EMOJI,
    FnKeyAction.DICTATION,
)


def keycode(key: str, by_character: Mapping[str, int]) -> int:
    """The virtual keycode of a key name. Raises SettingsError for a key Macs lack.

    by_character   the layout's keycodes
    """
    if key in _CODES:
        return _CODES[key]
    if key not in PRINTED:
        raise SettingsError(f"A Mac has no key “{key}”.", "Choose another key.")
    sign = _SIGNS.get(key, key)
    return by_character.get(sign, _LETTERS.index(sign))


def names(by_character: Mapping[str, int]) -> dict[int, str]:
    """Key names by keycode: by what the layout prints, otherwise by place."""
    by_place = {keycode(key, {}): key for key in PRINTED}
    printed = {
        keycode(k, by_character): k for k in PRINTED if _SIGNS.get(k, k) in by_character
    }
    return by_place | printed | {code: key for key, code in _CODES.items()}


def mask(chord: Chord) -> int:
    """The chord's modifiers as a Carbon mask."""
    return sum(_MASKS[name] for name in chord.modifiers)


def mask_while_held(chord: Chord) -> int:
    """The Carbon modifiers of another key pressed while this chord is held."""
    return mask(chord) | _MASKS.get(BARE.get(chord.key, ""), 0)


def hot_keys_of(
    chords: Mapping[Hotkey, Chord], by_character: Mapping[str, int]
) -> dict[Hotkey, tuple[int, int]]:
    """Each chord as virtual keycode and Carbon mask; `by_character`: see keycode."""
    return {u: (keycode(c.key, by_character), mask(c)) for u, c in chords.items()}


def escape_keys(held: Iterable[Chord]) -> set[tuple[int, int]]:
    """Esc alone, and with the modifiers of each of these chords."""
    return {(ESCAPE, mask) for mask in {0, *map(mask_while_held, held)}}


def fn_key_action() -> FnKeyAction:
    """See ports.Host. There is no number on a Mac where nobody chose."""
    CFPreferencesAppSynchronize(_DOMAIN)  # picks up changes by other programs
    chosen = CFPreferencesCopyAppValue(_FN_USAGE, _DOMAIN)
    is_known = isinstance(chosen, int) and 0 <= chosen < len(_FN_ACTIONS)
    return _FN_ACTIONS[chosen] if is_known else FnKeyAction.UNKNOWN


def function_keys_need_fn() -> bool:
    """See ports.Host. Without Fn, F5 and others are media keys on Apple's keyboards,
    which Carbon never reports (finnvoor/yap#9)."""
    CFPreferencesAppSynchronize(_DOMAIN)
    return not CFPreferencesCopyAppValue(_STANDARD, _DOMAIN)
