"""Keyboard layouts: the character of each key, by Apple's virtual keycodes.

The keycodes are kVK_ANSI_… in HIToolbox/Events.h, row by row from the digits down. The
characters are those of Apple's layouts with these names.
"""

from dataclasses import dataclass

_ROWS = (
    (18, 19, 20, 21, 23, 22, 26, 28, 25, 29, 27, 24),
    (12, 13, 14, 15, 17, 16, 32, 34, 31, 35, 33, 30),
    (0, 1, 2, 3, 5, 4, 38, 40, 37, 41, 39, 42),
    (6, 7, 8, 9, 11, 45, 46, 43, 47, 44),
)
_SPACE = 49
RETURN = 36


def _keys(rows: tuple[str, ...]) -> dict[int, str]:
    typed = {
        code: character
        for codes, characters in zip(_ROWS, rows, strict=True)
        for code, character in zip(codes, characters, strict=True)
    }
    return typed | {_SPACE: " "}


@dataclass(frozen=True)
class Layout:
    """A layout; `dead`: its dead keys, which take effect with the next key."""

    name: str
    unshifted: dict[int, str]
    shifted: dict[int, str]
    dead: str = ""

    def character(self, code: int, *, shift: bool) -> str:
        """The character that a key types; "" if none."""
        if code == RETURN:
            return "\n"
        return (self.shifted if shift else self.unshifted).get(code, "")

    def keycode(self, character: str) -> tuple[int, bool]:
        """The key that types a character, and whether it needs Shift."""
        for shift, keys in ((False, self.unshifted), (True, self.shifted)):
            for code, typed in keys.items():
                if typed == character:
                    return code, shift
        raise LookupError(f"{self.name} has no key for {character}")


US = Layout(
    "U.S.",
    _keys(("1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "zxcvbnm,./")),
    _keys(("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', "ZXCVBNM<>?")),
)
GERMAN = Layout(
    "German",
    _keys(("1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-")),
    _keys(('!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", "YXCVBNM;:_")),
    dead="´`",
)
FRENCH = Layout(
    "French",
    _keys(("&é\"'(§è!çà)-", "azertyuiop^$", "qsdfghjklmù`", "wxcvbn,;:=")),
    _keys(("1234567890°_", "AZERTYUIOP¨*", "QSDFGHJKLM%£", "WXCVBN?./+")),
    dead="^¨`",
)
DVORAK = Layout(
    "Dvorak",
    _keys(("1234567890[]", "',.pyfgcrl/=", "aoeuidhtns-\\", ";qjkxbmwvz")),
    _keys(("!@#$%^&*(){}", '"<>PYFGCRL?+', "AOEUIDHTNS_|", ":QJKXBMWVZ")),
)
