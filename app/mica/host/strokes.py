"""What a press does to the text before the caret, as far as the key alone tells."""

from enum import Enum, auto
from typing import Final


class Stroke(Enum):
    """A press that types no character. All else is `UNKNOWN`: a click, an arrow, a
    shortcut."""

    UNKNOWN = auto()
    NOTHING = auto()  # what stands before the caret stays: Delete, Ctrl+C
    BACK = auto()  # BackSpace
    ALL = auto()  # all is selected: the next text replaces it
    LINE = auto()  # the caret goes to where the line begins
    TOP = auto()  # and to where the text does
    DEAD = auto()  # a dead key waits for its letter
    COMPOSE = auto()  # a compose key waits for two or more characters


LETTER: Final = "x"  # stands for any letter or digit: which one it was nobody keeps
#: A blank or a sign as it is typed, LETTER, or a press that types none.
Typed = str | Stroke
