"""The rows of the library as values."""

import logging
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar

from mica.events import Certainty, Language, Style
from mica.unhandled import reason

_log = logging.getLogger(__name__)
Member = TypeVar("Member", bound=Enum)
Other = TypeVar("Other")
COLUMNS: Final = (
    "id, kind, started_s, style, target, journal, status, text, error, translated_to"
)
# In JSON, the quotes of a text are escaped, so that no text can contain these.
CERTAINTY: Final = """
    case when instr(transcript, '"certainty":"not understood"') then 'not understood'
    when instr(transcript, '"certainty":"check"') then 'check' else 'sure' end
"""


class Kind(Enum):
    """The kinds of rows."""

    DICTATION = "dictation"
    CAPTIONS = "captions"  # shown and saved, never inserted
    FILE = "file"
    MEETING = "meeting"
    RECORDING = "recording"  # found without its row
    OTHER = "other"  # written by a later Mica


class EntryStatus(Enum):
    """The state of an utterance."""

    SPEAKING = "speaking"
    WORKING = "working"
    WRITTEN = "written"  # its text is saved here, and nowhere else yet
    INSERTED = "inserted"
    UNKNOWN = "unknown"  # sent to its window; whether it arrived is not known
    COPIED = "copied"  # left on the clipboard
    CANCELLED = "cancelled"
    FAILED = "failed"


IN_PROGRESS: Final = (EntryStatus.SPEAKING, EntryStatus.WORKING)


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One row: a dictation, caption utterance, file or meeting.

    id          the utterance's number throughout the app
    started_s   seconds since 1970, UTC
    target      the application it was dictated into; else empty
    text        while it is in progress or failed: what was committed by then
    error       the line the user saw
    to          the language it is translated into; None: not translated
    certainty   how far its text can be trusted: that of its least certain segment
    """

    id: int
    kind: Kind
    started_s: float
    style: Style
    target: str
    journal: Path | None
    status: EntryStatus
    text: str
    error: str | None
    to: Language | None = None
    certainty: Certainty = Certainty.SURE

    @property
    def is_incomplete(self) -> bool:
        """Whether it has not its whole text, or not yet."""
        return self.status in (*IN_PROGRESS, EntryStatus.FAILED)


def entry_of(row: tuple[Any, ...]) -> LibraryEntry:
    """The entry of a row of COLUMNS and CERTAINTY."""
    number, kind, started_s, style, target, journal, status, text, error = row[:9]
    to, certainty = row[9:]
    return LibraryEntry(
        number,
        _known(Kind, kind, Kind.OTHER),
        started_s,
        _known(Style, style, Style.PUNCTUATED),
        target,
        Path(journal) if journal else None,
        _known(EntryStatus, status, EntryStatus.UNKNOWN),
        text,
        error,
        _known(Language, to, None),
        Certainty(certainty),
    )


def entry_or_none(row: tuple[object, ...]) -> LibraryEntry | None:
    """The entry of a row; None if it holds values of types that no Mica writes."""
    try:
        return entry_of(row)
    except (TypeError, ValueError) as why:
        _log.warning("an unreadable row: %s", reason(why))
        return None


def _known(
    enum: type[Member], value: object, otherwise: Member | Other
) -> Member | Other:
    """The enum member of a value; `otherwise` if a later Mica wrote an unknown one."""
    try:
        return enum(value)
    except ValueError:
        return otherwise
