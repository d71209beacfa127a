"""How an insertion ended: in the window, and on the clipboard."""

from dataclasses import dataclass, field
from enum import Enum

from mica.errors import MicaError
from mica.insertion.clipboard_guard import ClipboardGuard
from mica.insertion.hung_windows import UnansweredKeys


class InsertResult(Enum):
    """What is known about an inserted text."""

    INSERTED = "inserted"  # the window read it after the keys
    UNKNOWN = "unknown"  # others read it or took it over, maybe for the window
    UNREAD = "unread"  # the keys were sent and nobody read it
    TYPED = "typed"  # the window has handled the keys; what it did is not known
    UNSAVED = "unsaved"  # nothing was sent: the clipboard could not be saved whole
    REFUSED = "refused"  # the keys could not be sent


class ClipboardState(Enum):
    """The clipboard's content after a paste."""

    AS_BEFORE = "as before"
    NEWER = "newer"  # the user copied something meanwhile
    TEXT = "text"  # the text, since restoring was not asked for


@dataclass(frozen=True, slots=True)
class InsertOutcome:
    """How a paste or typing ended.

    error          behind REFUSED; None where a modifier was in the way
    unanswered     keys that the window was sent and is not known to have handled
    guard          of the restored clipboard; None where the text is there
    is_overtaken   a clipboard manager was quicker than the window
    """

    result: InsertResult
    clipboard: ClipboardState
    error: MicaError | None = None
    unanswered: UnansweredKeys | None = field(default=None, compare=False)
    guard: ClipboardGuard | None = field(default=None, compare=False)
    is_overtaken: bool = field(default=False, compare=False)
