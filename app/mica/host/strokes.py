"""The effect of one key press on the text before the caret, as far as it is known."""

from enum import Enum, auto
from typing import Final


class EditKey(Enum):
    """The effect of a key press that types no character.

    UNKNOWN is everything else: a click, an arrow, a shortcut.
    """

    UNKNOWN = auto()
    NO_CHANGE = auto()  # changes neither text nor caret: Ctrl+S, the volume
    COPY = auto()  # the same, except in a terminal
    CUT = auto()  # deletes the selection; without one, some editors cut a line
    BACKSPACE = auto()  # BackSpace
    DELETE = auto()  # deletes the character after the caret
    DELETE_WORD = auto()
    SELECT_ALL = auto()  # selects everything: the next text replaces it
    LINE_START = auto()  # moves the caret to the beginning of the line
    TEXT_START = auto()  # moves it to the beginning of the text
    DEAD_KEY = auto()  # a dead key is waiting for its letter
    COMPOSE_KEY = auto()  # a compose key is waiting for two or more characters


LETTER: Final = "x"  # any letter or digit; which one is never stored
#: A space or sign as typed, LETTER, or a press that types nothing.
Keystroke = str | EditKey
