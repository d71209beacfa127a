"""The library of transcripts: one row per utterance, from its start.

The row is written before the first sample, the text before anything is inserted. It
knows nothing of audio or windows. A database that cannot be read is renamed to
`.broken`, or `.broken-2` and so on, and a new one is created.
"""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from mica import atomic
from mica.errors import LibraryError
from mica.events import Language, Style, Transcript
from mica.library.schema import migrate

Member = TypeVar("Member", bound=Enum)
Other = TypeVar("Other")
_REMEDY: Final = "Check the disk and the folder’s permissions."
INTERRUPTED: Final = "Mica quit before it was transcribed."
TRANSCRIBED_AGAIN: Final = "Transcribed again."  # for a text that is not inserted
NOT_INSERTED: Final = "Mica quit before it was inserted."
FULL: Final = "The disk is full, so this dictation was not saved to the history."
RECENT: Final = 500  # utterances
_COLUMNS: Final = (
    "id, kind, started_s, style, target, journal, status, text, error, translated_to"
)
_DICTATION: Final = "kind = 'dictation'"


class Kind(Enum):
    """The kinds of rows."""

    DICTATION = "dictation"
    CAPTIONS = "captions"  # shown and saved, never inserted
    FILE = "file"
    MEETING = "meeting"
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


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One row: a dictation, caption utterance, file or meeting.

    id          the utterance's number throughout the app
    started_s   seconds since 1970, UTC
    target      the application it was dictated into; else empty
    text        while it is in progress or failed: what was committed by then
    error       the line the user saw
    to          the language it is translated into; None: not translated
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


class Library:
    """The database. Main thread only; every failure is a LibraryError."""

    def __init__(self, path: Path) -> None:
        """Open the database, or create it. `notes`: what to tell the user about the
        file; usually nothing."""
        self.notes: list[str] = []
        try:
            self._database = _opened(path)
        except sqlite3.DatabaseError as why:
            if isinstance(why, sqlite3.OperationalError):
                raise _error(why) from why
            self._database, broken = _recreated(path)
            if broken is not None:
                self.notes.append(
                    f"The history could not be read ({why}). A new one is begun; "
                    f"the old one is kept as {broken.name}."
                )

    def add(
        self,
        started_s: float,
        style: Style,
        target: str = "",
        *,
        kind: Kind = Kind.DICTATION,
        to: Language | None = None,
    ) -> int:
        """Add a row for an utterance that begins now; returns its id. See
        LibraryEntry."""
        language = to.value if to is not None else None
        row = (kind.value, started_s, style.value, target, "speaking", language)
        columns = "kind, started_s, style, target, status, translated_to"
        statement = f"insert into utterance ({columns}) values (?, ?, ?, ?, ?, ?)"
        return self._write(statement, row)

    def set_journal(self, utterance: int, journal: Path) -> None:
        """Save the path of its recording."""
        self._write(
            "update utterance set journal = ? where id = ?", (str(journal), utterance)
        )

    def set_committed(self, utterance: int, text: str) -> None:
        """Save the words that are final so far; more will follow."""
        self._write("update utterance set text = ? where id = ?", (text, utterance))

    def set_text(self, utterance: int, transcript: Transcript) -> None:
        """Save the final text; call before it goes anywhere else."""
        self._write(
            "update utterance set text = ?, transcript = ?, status = ? where id = ?",
            (
                transcript.text,
                msgspec.json.encode(transcript).decode(),
                EntryStatus.WRITTEN.value,
                utterance,
            ),
        )

    def set_status(
        self, utterance: int, status: EntryStatus, error: str | None = None
    ) -> None:
        """Set its status; `error` is the line the user saw."""
        self._write(
            "update utterance set status = ?, error = ? where id = ?",
            (status.value, error, utterance),
        )

    def remove(self, utterance: int) -> None:
        """Delete its row; deleting the recording is up to the caller."""
        self._write("delete from utterance where id = ?", (utterance,))

    def interrupted(self) -> list[LibraryEntry]:
        """Utterances that were in progress when Mica ended; marks them as failed."""
        under_way = (EntryStatus.SPEAKING.value, EntryStatus.WORKING.value)
        found = self._read("where status in (?, ?) order by id", under_way)
        for entry in found:
            self.set_status(entry.id, EntryStatus.FAILED, INTERRUPTED)
        return found

    def uninserted(self) -> list[LibraryEntry]:
        """Dictations whose text was not yet inserted when Mica ended; each is returned
        once."""
        where = "where status = 'written' and text != '' and error is null"
        found = self._read(f"{where} and {_DICTATION} order by id")
        for entry in found:
            self.set_status(entry.id, EntryStatus.WRITTEN, NOT_INSERTED)
        return found

    def entry(self, utterance: int) -> LibraryEntry | None:
        """The row of an utterance; None if there is none."""
        return self._first("where id = ?", (utterance,))

    def last(self) -> LibraryEntry | None:
        """The newest dictation that has its whole text."""
        unfinished = "('speaking', 'working', 'failed', 'cancelled')"
        return self._first(
            f"where text != '' and status not in {unfinished} and {_DICTATION}"
        )

    def newest(self) -> LibraryEntry | None:
        """The newest spoken dictation, transcribed or not; excludes those that were
        cancelled or in which nothing was heard."""
        spoken = "(text != '' or status in ('working', 'failed'))"
        ended = "status not in ('speaking', 'cancelled')"
        return self._first(f"where {spoken} and {ended} and {_DICTATION}")

    def failed(self) -> list[LibraryEntry]:
        """Failed utterances that have a recording, newest first."""
        return self._read(
            "where status = 'failed' and journal is not null order by id desc"
        )

    def recorded(self, most: int) -> list[LibraryEntry]:
        """The newest utterances with a recording, newest first."""
        return self._read("where journal is not null order by id desc limit ?", (most,))

    def captions_since(self, started_s: float) -> list[LibraryEntry]:
        """Caption utterances that began at `started_s` or later, oldest first."""
        where = "where kind = 'captions' and started_s >= ? order by id"
        return self._read(where, (started_s,))

    def targets(self) -> list[str]:
        """The applications dictated into recently, newest first."""
        where = f"where target != '' and {_DICTATION} order by id desc limit ?"
        return list(dict.fromkeys(e.target for e in self._read(where, (RECENT,))))

    def close(self) -> None:
        self._database.close()

    def _write(self, statement: str, values: tuple[object, ...]) -> int:
        try:
            with self._database:
                return self._database.execute(statement, values).lastrowid or 0
        except sqlite3.Error as why:
            raise _error(why) from why

    def _first(
        self, where: str, values: tuple[object, ...] = ()
    ) -> LibraryEntry | None:
        found = self._read(f"{where} order by id desc limit 1", values)
        return found[0] if found else None

    def _read(self, where: str, values: tuple[object, ...] = ()) -> list[LibraryEntry]:
        try:
            rows = self._database.execute(
                f"select {_COLUMNS} from utterance {where}", values
            ).fetchall()
        except sqlite3.Error as why:
            raise _error(why) from why
        return [_entry(row) for row in rows]


def _entry(row: tuple[Any, ...]) -> LibraryEntry:
    """The entry of a row of _COLUMNS."""
    number, kind, started_s, style, target, journal, status, text, error, to = row
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
    )


def _known(
    enum: type[Member], value: object, otherwise: Member | Other
) -> Member | Other:
    """The enum member of a value; `otherwise` if a later Mica wrote an unknown one."""
    try:
        return enum(value)
    except ValueError:
        return otherwise


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = full")  # text survives a power loss
        migrate(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _recreated(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """A new database in place of an unreadable one, and the latter's new name; None if
    another process replaced it first."""
    try:
        with atomic.locked(path):
            with suppress(sqlite3.DatabaseError):
                return _opened(path), None
            broken = atomic.free_name(path, "broken")
            for rest in ("-wal", "-shm", ""):  # newest rows may be only in the first
                with suppress(FileNotFoundError):
                    _beside(path, rest).rename(_beside(broken, rest))
            return _opened(path), broken
    except (OSError, sqlite3.Error) as why:
        raise _error(why) from why


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _error(why: Exception) -> LibraryError:
    if getattr(why, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return LibraryError(FULL, "Free some space.")
    return LibraryError(f"The history cannot be used ({why}).", _REMEDY)
