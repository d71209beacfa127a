"""Command-V with the V of the user's layout, and Return. Main thread only.

Text as key presses that carry characters, of which no layout is asked; for programs
that show another machine as the layout's own keys, since most of those send on which
key it was (VoiceInk#758, Hammerspoon#2881, QEMU's ui/cocoa.m).

The caret on a Mac: moved by posted keys, read by Accessibility where it answers.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from Quartz import (
    kCGEventFlagMaskAlternate,
    kCGEventFlagMaskCommand,
    kCGEventFlagMaskNumericPad,
    kCGEventFlagMaskSecondaryFn,
    kCGEventFlagMaskShift,
)

from mica.errors import InsertionError
from mica.host.apps import is_remote, shows_mac
from mica.host.macos import accessibility
from mica.host.macos.keyboard import BETWEEN_S, NO_KEY, Keyboard
from mica.host.macos.layout import OPTION, SHIFT, key_of, strokes
from mica.host.ports import Target
from mica.text.graphemes import grapheme_count

_RETURN: Final = 36


def shortcut(keyboard: Keyboard, letter: str) -> None:
    """Command and the key of this letter in the layout of now. Raises as press does,
    and where no key has it: nothing is posted then."""
    code = key_of(keyboard.library, letter)
    if code is None:
        raise InsertionError(
            f"The keyboard layout has no key for {letter.upper()}.",
            "Choose another layout.",
        )
    keyboard.press(code, kCGEventFlagMaskCommand)


class MacPaster(Keyboard):
    """See ports.Paster. It is the keyboard, so that no object only hands on."""

    def ready(self) -> bool:
        return self.is_free()

    def can_paste(self, target: Target) -> bool:
        return key_of(self.library, "v") is not None

    def chord(self, target: Target) -> None:
        shortcut(self, "v")

    def submit(self, target: Target) -> None:
        self.press(_RETURN, 0)


#: Windows opens a menu or changes the layout at Option (its Alt), and has other
#: characters there, so that is only for programs that show a Mac.
_LAYERS: Final = (0, SHIFT)
_MAC_LAYERS: Final = (0, SHIFT, OPTION, OPTION | SHIFT)
_FLAGS: Final = {
    0: 0,
    SHIFT: kCGEventFlagMaskShift,
    OPTION: kCGEventFlagMaskAlternate,
    OPTION | SHIFT: kCGEventFlagMaskAlternate | kCGEventFlagMaskShift,
}
#: As on a typewriter, where the layout lacks the character.
_TYPEWRITTEN: Final = {
    "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...",
    "\u00a0": " ", "\u202f": " ",
}  # fmt: skip
PIECE_UNITS: Final = 20  # UTF-16 units; programs cut off what is more (enigo, espanso)


class MacTypist:
    """See ports.Typist. Main thread only."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard
        self._strokes: dict[str, tuple[int, int]] | None = None  # for another machine

    def prepare(self, text: str, target: Target) -> int:
        """Any character can be typed; into another machine, letters and digits of the
        layout only."""
        self._keyboard.check()
        self._strokes = None
        if is_remote(target):
            layers = _MAC_LAYERS if shows_mac(target) else _LAYERS
            self._strokes = strokes(self._keyboard.library, layers)
            lacking = [c for c in text if c.isalnum() and c not in self._strokes]
            if lacking:
                raise InsertionError(
                    f"The keyboard layout has no key for “{lacking[0]}”.",
                    "Choose the layout that the other computer has.",
                )
        return len(text)

    def type(self, text: str) -> None:
        if self._strokes is None:
            for piece in _pieces(text):
                self._keyboard.write(piece, utf16_units(piece))
            return
        for character in _characters(text):
            parts = character
            if character not in self._strokes:
                parts = _TYPEWRITTEN.get(character, character)
            if set(parts) <= self._strokes.keys():
                self._press([self._strokes[part] for part in parts])
            else:  # some clients do send characters on
                self._keyboard.write(character, utf16_units(character), NO_KEY)

    def finish(self) -> None:
        """Nothing was changed."""

    def _press(self, strokes: Iterable[tuple[int, int]]) -> None:
        for code, layer in strokes:
            self._keyboard.press(code, _FLAGS[layer], between_s=BETWEEN_S / 2)


def _pieces(text: str) -> Iterator[str]:
    """Whole characters as people see them, as many as fit."""
    piece = ""
    for character in _characters(text):
        if piece and utf16_units(piece + character) > PIECE_UNITS:
            yield piece
            piece = ""
        piece += character
        while utf16_units(piece) > PIECE_UNITS:  # one alone, of many parts
            yield piece[: PIECE_UNITS // 2]
            piece = piece[PIECE_UNITS // 2 :]
    if piece:
        yield piece


def _characters(text: str) -> Iterator[str]:
    character = ""
    for part in text:
        if character and grapheme_count(character + part) > 1:
            yield character
            character = ""
        character += part
    if character:
        yield character


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


_LEFT: Final = 123
_RIGHT: Final = 124
_BACKSPACE: Final = 51
_ARROW: Final = kCGEventFlagMaskNumericPad | kCGEventFlagMaskSecondaryFn  # as real ones
_BETWEEN_S: Final = 0.001  # many in a row, and the main thread waits


class MacCaret:
    """See ports.Caret. Main thread only."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def before(self, text: str) -> str | None:
        return accessibility.before_caret(utf16_units(text))

    def select_back(self, count: int) -> None:
        flags = _ARROW | kCGEventFlagMaskShift
        self._keyboard.press(_LEFT, flags, times=count, between_s=_BETWEEN_S)

    def selected(self) -> str | None:
        return accessibility.selected()

    def copy(self) -> None:
        shortcut(self._keyboard, "c")

    def delete(self) -> None:
        self._keyboard.press(_BACKSPACE, 0)

    def let_go(self) -> None:
        self._keyboard.press(_RIGHT, _ARROW)
