"""What keys do to a text by the keyboard's map, and the latest such presses.

Which letters were typed is forgotten at once. It models no editor: where a key does
different things in different programs, nothing is known.
"""

from collections.abc import Callable
from itertools import chain
from typing import Final, NamedTuple

from Xlib import XK, X  # type: ignore[import-untyped]

from mica.host.ports import Target
from mica.host.strokes import LETTER, Stroke, Typed
from mica.host.x11 import keys
from mica.host.x11.keymap import Keymap

KEPT: Final = 16
_KEYS: Final[dict[str, Typed]] = {
    "BackSpace": Stroke.BACK,
    "Delete": Stroke.NOTHING,
    "KP_Delete": Stroke.NOTHING,
    "Home": Stroke.LINE,
    "KP_Home": Stroke.LINE,
    "Multi_key": Stroke.COMPOSE,
    "Tab": "\t",
}
_WITH_CTRL: Final = {
    "Home": Stroke.TOP,
    "KP_Home": Stroke.TOP,
    "Delete": Stroke.NOTHING,
    "KP_Delete": Stroke.NOTHING,
}
_SHORTCUTS: Final = {  # with Ctrl alone
    "a": Stroke.ALL,
    "c": Stroke.NOTHING,
    "s": Stroke.NOTHING,
    "x": Stroke.NOTHING,  # what is selected and goes does not stand before the caret
}
_BY_SYMBOL: Final = {XK.string_to_keysym(name): what for name, what in _KEYS.items()}
_BY_CTRL: Final = {XK.string_to_keysym(name): s for name, s in _WITH_CTRL.items()}
_RETURNS: Final = frozenset(map(XK.string_to_keysym, ("Return", "KP_Enter")))
_DEAD: Final = range(0xFE50, 0xFE94)
_LATIN: Final = frozenset(chain(range(0x20, 0x7F), range(0xA0, 0x100)))
_UNICODE: Final = 0x01000000
_OLD_SIGNS: Final = dict(
    zip((0xAA9, 0xAAA, *range(0xAD0, 0xAD4), 0xAFD, 0xAFE), "—–‘’“”‚„", strict=True)
)
_OLD_LETTERS: Final = range(0x100, 0xFD00)  # of other alphabets
_DIGITS: Final = range(0xFFB0, 0xFFBA)  # the keypad's


def read(keymap: Keymap, group: int, code: int, held: int) -> Typed:
    """What this key does there while these modifiers are held or locked. Return under
    any of them ends a line or sends it."""
    symbol = keymap.symbol(code, group, held)
    if symbol in _RETURNS:
        return keys.LINE_END
    masks = keys.masks(keymap)
    chord = held & sum(masks.values())
    if not chord & ~X.ShiftMask:
        found = _BY_SYMBOL.get(symbol) or _typed(symbol)
        selects = bool(chord) and found is Stroke.LINE
        return Stroke.UNKNOWN if selects else found
    if chord != masks["ctrl"]:
        return Stroke.UNKNOWN
    for letter, stroke in _SHORTCUTS.items():
        if keymap.key_of(letter, group) == code:
            return stroke
    return _BY_CTRL.get(symbol, Stroke.UNKNOWN)


def _typed(symbol: int) -> Typed:
    """What a symbol types, its letters forgotten."""
    if symbol in _DEAD:
        return Stroke.DEAD
    if symbol in _OLD_SIGNS:
        return _OLD_SIGNS[symbol]
    if symbol in _OLD_LETTERS or symbol in _DIGITS:
        return LETTER
    if symbol not in _LATIN and symbol <= _UNICODE:
        return Stroke.UNKNOWN
    character = chr(symbol % _UNICODE)
    return LETTER if character.isalnum() else character


class _Press(NamedTuple):
    """number   how many there were with this one; place: not asked for letters."""

    number: int
    what: Typed
    place: Target | None


class Strokes:
    """The latest presses and clicks of the user. One thread adds, any reads."""

    def __init__(self, place: Callable[[], Target | None]) -> None:
        """place   the window with the keyboard"""
        self._place = place
        self._presses: tuple[_Press, ...] = ()

    @property
    def count(self) -> int:
        """All there were."""
        return self._presses[-1].number if self._presses else 0

    def add(self, what: Typed) -> None:
        needs_place = what not in (LETTER, Stroke.UNKNOWN)  # they are most
        press = _Press(self.count + 1, what, self._place() if needs_place else None)
        self._presses = (*self._presses[1 - KEPT :], press)

    def since(self, count: int | None, target: Target) -> list[Typed]:
        """See ports.Host.strokes_since."""
        found: list[Typed] = []
        wanted = self.count + 1 if count is None else self.count - count
        for press in reversed(self._presses):
            if len(found) == wanted or _is_elsewhere(press, target):
                break
            found.append(press.what)
        if len(found) != wanted:
            found.append(Stroke.UNKNOWN)
        return found[::-1]

    def composing(self, target: Target) -> bool:
        """See ports.Host.composing."""
        latest = self._presses[-2:]
        if not latest or _is_elsewhere(latest[-1], target):
            return False
        if latest[-1].what in (Stroke.DEAD, Stroke.COMPOSE):
            return True
        is_begun = latest[0].what is Stroke.COMPOSE
        return is_begun and isinstance(latest[-1].what, str)


def _is_elsewhere(press: _Press, target: Target) -> bool:
    return press.place is not None and not press.place.same_place(target)
