"""How an insertion ended, in the window and on the clipboard."""

from dataclasses import dataclass, field
from enum import Enum

from mica.errors import MicaError
from mica.insertion.clipboard_guard import ClipboardGuard
from mica.insertion.hung_windows import UnansweredKeys


class InsertResult(Enum):
    """What is known about an inserted text."""

    INSERTED = "inserted"  # the window read it after the keys
    UNKNOWN = "unknown"  # others read it or copied it, perhaps for the window
    UNREAD = "unread"  # the keys were sent, but nobody read it
    TYPED = "typed"  # the window handled the keys; what they did is not known
    UNSAVED = "unsaved"  # nothing was sent: the clipboard could not be saved completely
    REFUSED = "refused"  # the keys could not be sent


class ClipboardState(Enum):
    """The clipboard's content after a paste."""

    AS_BEFORE = "as before"
    NEWER = "newer"  # the user copied something meanwhile
    TEXT = "text"  # the text, if restoring is turned off


@dataclass(frozen=True, slots=True)
class InsertOutcome:
    """How a paste or typing ended.

    error          for REFUSED; None if a modifier was held
    unanswered     keys sent to the window and not known to be handled
    guard          of the restored clipboard; None if it still holds the text
    is_overtaken   a clipboard manager read the text before the window did
    """

    result: InsertResult
    clipboard: ClipboardState
    error: MicaError | None = None
    unanswered: UnansweredKeys | None = field(default=None, compare=False)
    guard: ClipboardGuard | None = field(default=None, compare=False)
    is_overtaken: bool = field(default=False, compare=False)
