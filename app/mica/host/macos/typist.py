"""Text as key presses that carry characters: no layout is asked and none is changed."""

from collections.abc import Iterator
from typing import Final

from mica.host.macos.keyboard import Keyboard
from mica.text.graphemes import grapheme_count

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
