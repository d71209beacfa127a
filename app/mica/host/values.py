"""Values exchanged between Mica and the operating system.

The effect of one key press on the text before the caret, as far as it is known.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

OBJECT_REPLACEMENT: Final = "\ufffc"  # Unicode's stand-in for a non-text object
PUBLISHED_TEXTS: Final = 4  # published texts that a clipboard remembers
LETTER: Final = "x"  # any letter or digit; which one is never stored


@dataclass(frozen=True, slots=True)
class Piece:
    """One type of one clipboard item, and its bytes.

    item     index of the item it belongs to; X11 has only item 0
    """

    item: int
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that was on a clipboard; empty if it was empty.

    left_out   types that could not be read: their owner hangs or is slow, they are over
               the size cap, or reading is not allowed. They cannot be restored, so the
               caller types instead of replacing them, or warns the user.
    """

    pieces: tuple[Piece, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The focused window.

    window   window id on X11, a made-up number on macOS; 0: not known
    name     WM_CLASS on X11 ("XTerm"), bundle id on macOS
    secure   it refuses synthetic keys now (a password field, Secure Input)
    """

    window: int
    pid: int | None
    name: str
    secure: bool = False

    def same_place(self, other: "Target") -> bool:
        """Whether the other is or may be this window, so that text may go into it."""
        windows = {self.window, other.window}
        return self.pid == other.pid and (len(windows) == 1 or 0 in windows)


@dataclass(frozen=True, slots=True)
class SurroundingText:
    """The text around the caret of the focused field, up to a limit.

    before       up to the caret or the selection; OBJECT_REPLACEMENT: not known
    after        after the caret or the selection
    is_current   the program itself reported it just now, from the visible field

    Both are empty in an empty field, and in a password field, which is never read.
    """

    before: str
    after: str = ""
    is_current: bool = field(default=False, compare=False)


@dataclass(slots=True)
class SurroundingQuery:
    """A pending query for the text around a caret. A thread of the host completes it.

    found   the answer once done; None if Accessibility gave none
    """

    done: bool = False
    found: SurroundingText | None = None


class Grant(Enum):
    """Whether a permission is granted."""

    GRANTED = "granted"
    DENIED = "denied"
    UNDETERMINED = "undetermined"
    NOT_NEEDED = "not needed"


class Permission(Enum):
    """A permission that Mica may need."""

    MICROPHONE = "microphone"
    INSERTION = "insertion"
    CLIPBOARD = "clipboard"  # to read what other programs copied


class AwayReason(Enum):
    """Why the user is away from the machine."""

    SLEEP = "sleep"
    LOCK = "lock"
    SWITCH = "switch"  # to another user


class LoginState(Enum):
    """Whether Mica starts when the user logs in."""

    OFF = "off"
    ON = "on"
    NEEDS_APPROVAL = "needs approval"  # in the system's settings
    UNSUPPORTED = "unsupported"  # not possible on this system or with this installation


class FnKeyAction(Enum):
    """The system's action on a tap of the Fn key."""

    NOTHING = "nothing"
    INPUT_SOURCE = "input source"
    EMOJI = "emoji"
    DICTATION = "dictation"  # at the second tap
    UNKNOWN = "unknown"  # an action that this version does not know


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


#: A space or sign as typed, LETTER, or a press that types nothing.
Keystroke = str | EditKey
