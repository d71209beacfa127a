"""What one key press does to the text before the caret, as far as the key tells."""

from enum import Enum, auto
from typing import Final


class EditKey(Enum):
    """The effect of a key press that types no character on the text before the caret.

    UNKNOWN is everything else: a click, an arrow, a shortcut.
    """

    UNKNOWN = auto()
    NO_CHANGE = auto()  # neither text nor caret: Ctrl+S, the volume
    COPY = auto()  # the same, but in a terminal
    CUT = auto()  # what is selected goes; some editors take a line where nothing is
    BACKSPACE = auto()  # BackSpace
    DELETE = auto()  # what stands behind the caret goes
    DELETE_WORD = auto()
    SELECT_ALL = auto()  # all is selected: the next text replaces it
    LINE_START = auto()  # the caret goes to where the line begins
    TEXT_START = auto()  # and to where the text does
    DEAD_KEY = auto()  # a dead key waits for its letter
    COMPOSE_KEY = auto()  # a compose key waits for two or more characters


LETTER: Final = "x"  # stands for any letter or digit: which one it was nobody keeps
#: A blank or a sign as it is typed, LETTER, or a press that types none.
Keystroke = str | EditKey
