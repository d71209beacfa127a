"""Command-V with the V of the user's layout, and Return. Main thread only.

Text as key presses that carry characters: no layout is asked and none is changed.

The caret on a Mac: moved by posted keys, read by Accessibility where it answers.
"""

from collections.abc import Iterator
from typing import Final

from Quartz import (
    kCGEventFlagMaskCommand,
    kCGEventFlagMaskNumericPad,
    kCGEventFlagMaskSecondaryFn,
    kCGEventFlagMaskShift,
)

from mica.errors import InsertionError
from mica.host.macos import accessibility
from mica.host.macos.keyboard import Keyboard
from mica.host.macos.layout import key_of
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


class MacPaster:
    """See ports.Paster."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def ready(self) -> bool:
        return self._keyboard.is_free()

    def can_paste(self, target: Target) -> bool:
        return key_of(self._keyboard.library, "v") is not None

    def chord(self, target: Target) -> None:
        shortcut(self._keyboard, "v")

    def submit(self, target: Target) -> None:
        self._keyboard.press(_RETURN, 0)


PIECE_UNITS: Final = 20  # UTF-16 units; programs cut off what is more (enigo, espanso)


class MacTypist:
    """See ports.Typist. Main thread only."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def prepare(self, text: str) -> int:
        """Any character can be typed."""
        self._keyboard.check()
        return len(text)

    def type(self, text: str) -> None:
        for piece in _pieces(text):
            self._keyboard.write(piece, utf16_units(piece))

    def finish(self) -> None:
        """Nothing was changed."""


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
