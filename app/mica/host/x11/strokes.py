"""What each key does to the text before the caret, and the user's latest presses.

Which letters were typed is never stored. It models no editor: if programs differ in
what a key does, the result is UNKNOWN.
"""

from collections.abc import Callable
from itertools import chain
from typing import Final, NamedTuple

from Xlib import XK, X  # type: ignore[import-untyped]

from mica.host.values import LETTER, EditKey, Keystroke, Target
from mica.host.x11 import keys
from mica.host.x11.keymap import Keymap

MAX_PRESSES: Final = 256
_KEYS: Final[dict[str, Keystroke]] = {
    "BackSpace": EditKey.BACKSPACE,
    "Delete": EditKey.DELETE,
    "KP_Delete": EditKey.DELETE,
    "Home": EditKey.LINE_START,
    "KP_Home": EditKey.LINE_START,
    "Multi_key": EditKey.COMPOSE_KEY,
    "Tab": "\t",
}
_WITH_CTRL: Final = {
    "Home": EditKey.TEXT_START,
    "KP_Home": EditKey.TEXT_START,
    "Delete": EditKey.DELETE_WORD,
    "KP_Delete": EditKey.DELETE_WORD,
}
_WITH_SHIFT: Final[dict[Keystroke, Keystroke]] = {  # where Shift makes a difference
    EditKey.LINE_START: EditKey.UNKNOWN,  # it selects
    EditKey.DELETE: EditKey.CUT,
}
_SHORTCUTS: Final = {  # with Ctrl alone
    "a": EditKey.SELECT_ALL,
    "c": EditKey.COPY,
    "s": EditKey.NO_CHANGE,
    "x": EditKey.CUT,
}
_BY_SYMBOL: Final = {
    XK.string_to_keysym(name): keystroke for name, keystroke in _KEYS.items()
}
_BY_CTRL: Final = {XK.string_to_keysym(name): s for name, s in _WITH_CTRL.items()}
_RETURNS: Final = frozenset(map(XK.string_to_keysym, ("Return", "KP_Enter")))
_DEAD: Final = range(0xFE50, 0xFE94)
_LATIN: Final = frozenset(chain(range(0x20, 0x7F), range(0xA0, 0x100)))
_UNICODE: Final = range(0x01000100, 0x01110000)
_OLD_SIGNS: Final = dict(
    zip(
        (0xAA9, 0xAAA, 0xAAE, *range(0xAD0, 0xAD4), 0xAFD, 0xAFE, 0x20AC),
        "—–…‘’“”‚„€",
        strict=True,
    )
)
_KEYPAD: Final = {0xFF80: " ", **{0xFF80 + ord(c): c for c in "*+,-./="}}
#: Brightness, volume and media keys, X.Org's own.
_MEDIA: Final = frozenset(
    (0x1008FF02, 0x1008FF03, *range(0x1008FF11, 0x1008FF18), 0x1008FF31, 0x1008FFB2)
)
_OLD_LETTERS: Final = range(0x100, 0xFD00)  # of non-Latin alphabets
_DIGITS: Final = range(0xFFB0, 0xFFBA)  # the keypad's


def keystroke_of(keymap: Keymap, group: int, code: int, held: int) -> Keystroke:
    """The effect of a key while these modifiers are held or locked.

    Return with any modifiers ends a line or sends it.
    """
    symbol = keymap.symbol(code, group, held)
    if symbol in _RETURNS:
        return keys.LINE_END
    masks = keys.masks(keymap)
    chord = held & sum(masks.values())
    if not chord & ~X.ShiftMask:
        found = _BY_SYMBOL.get(symbol) or _typed(symbol)
        return _WITH_SHIFT.get(found, found) if chord else found
    if chord != masks["ctrl"]:
        return EditKey.UNKNOWN
    for letter, stroke in _SHORTCUTS.items():
        if keymap.shortcut_key(letter, group) == code:
            return stroke
    return _BY_CTRL.get(symbol, EditKey.UNKNOWN)


def _typed(symbol: int) -> Keystroke:
    """The effect of a keysym, with LETTER for any letter."""
    if symbol in _DEAD:
        return EditKey.DEAD_KEY
    if symbol in _MEDIA:
        return EditKey.NO_CHANGE
    if symbol in _OLD_SIGNS or symbol in _KEYPAD:
        return _OLD_SIGNS.get(symbol) or _KEYPAD[symbol]
    if symbol in _OLD_LETTERS or symbol in _DIGITS:
        return LETTER
    if symbol not in _LATIN and symbol not in _UNICODE:
        return EditKey.UNKNOWN
    character = chr(symbol % 0x01000000)
    return LETTER if character.isalnum() else character


class _KeyPress(NamedTuple):
    """number   the total count including this one
    window   the focused one; None if there was none or it does not matter
    """

    number: int
    keystroke: Keystroke
    window: Target | None


class RecentKeystrokes:
    """The user's latest presses and clicks. One thread adds, any thread reads."""

    def __init__(self, place: Callable[[], Target | None]) -> None:
        """place   returns the focused window"""
        self._current_window = place
        self._presses: tuple[_KeyPress, ...] = ()

    @property
    def count(self) -> int:
        """The total number of presses."""
        return self._presses[-1].number if self._presses else 0

    def add(self, keystroke: Keystroke) -> None:
        needs_window = keystroke is not EditKey.UNKNOWN
        press = _KeyPress(
            self.count + 1, keystroke, self._current_window() if needs_window else None
        )
        self._presses = (*self._presses[1 - MAX_PRESSES :], press)

    def since(self, count: int | None, target: Target) -> list[Keystroke]:
        """See ports.Host.keystrokes_since."""
        found: list[Keystroke] = []
        wanted = self.count + 1 if count is None else self.count - count
        for press in reversed(self._presses):
            if len(found) == wanted or _is_elsewhere(press, target):
                break
            found.append(press.keystroke)
        if len(found) != wanted:
            found.append(EditKey.UNKNOWN)
        return found[::-1]

    def is_composing(self, target: Target) -> bool:
        """See ports.Host.is_composing."""
        latest = self._presses[-2:]
        if not latest or _is_elsewhere(latest[-1], target):
            return False
        if latest[-1].keystroke in (EditKey.DEAD_KEY, EditKey.COMPOSE_KEY):
            return True
        is_begun = latest[0].keystroke is EditKey.COMPOSE_KEY
        return is_begun and isinstance(latest[-1].keystroke, str)


def _is_elsewhere(press: _KeyPress, target: Target) -> bool:
    return press.window is not None and not press.window.same_place(target)
