"""What was dictated or captioned: one row for each utterance, from its start on.

A row is there before the first sample, its text before anything is inserted. It knows
no audio and no window. A database that cannot be read is kept aside as `.broken` and a
new one begun.
"""

import sqlite3
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from mica.errors import HistoryError
from mica.events import Language, Style, Transcript
from mica.library.schema import migrate

Kind = TypeVar("Kind", bound=Enum)
Other = TypeVar("Other")
_REMEDY: Final = "Check the disk and the folder's permissions."
INTERRUPTED: Final = "Mica quit before it was transcribed."
AGAIN: Final = "Transcribed again."  # of a text that is inserted nowhere
NOT_INSERTED: Final = "Mica quit before it was inserted."
FULL: Final = "The disk is full, so this dictation was not saved to the history."
LATELY: Final = 500  # utterances
_COLUMNS: Final = (
    "id, started_s, style, target, journal, status, text, error, captions, "
    "translated_to"
)


class EntryStatus(Enum):
    """How far an utterance came."""

    SPEAKING = "speaking"
    WORKING = "working"
    WRITTEN = "written"  # its text is here, and nowhere else yet
    INSERTED = "inserted"
    UNKNOWN = "unknown"  # whether it arrived in its window
    COPIED = "copied"  # left on the clipboard
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A row.

    started_s   seconds since 1970, UTC
    text        while it is under way or failed: what was committed by then
    to          the language it is translated into; None: as spoken
    """

    id: int
    started_s: float
    style: Style
    target: str
    journal: Path | None
    status: EntryStatus
    text: str
    error: str | None
    captions: bool = False
    to: Language | None = None


class Library:
    """All calls on one thread, the app's main one. Every failure is a HistoryError."""

    def __init__(self, path: Path) -> None:
        """`notes`: what to tell the user about the file; usually nothing."""
        self.notes: list[str] = []
        try:
            self._database = _opened(path)
        except sqlite3.DatabaseError as why:
            if isinstance(why, sqlite3.OperationalError):
                raise _error(why) from why
            aside = path.with_suffix(path.suffix + ".broken")
            self._database = _begun_anew(path, aside)
            self.notes.append(
                f"The history could not be read ({why}). A new one is begun; "
                f"the old one is kept as {aside.name}."
            )

    def add(
        self,
        started_s: float,
        style: Style,
        target: str = "",
        *,
        captions: bool = False,
        to: Language | None = None,
    ) -> int:
        """A new utterance; its id is its number everywhere.

        captions   it is shown and kept, and meant for no window
        to         the language it is translated into; None: as spoken
        """
        language = to.value if to is not None else None
        row = (started_s, style.value, target, "speaking", captions, language)
        columns = "started_s, style, target, status, captions, translated_to"
        asked = f"insert into utterance ({columns}) values (?, ?, ?, ?, ?, ?)"
        return self._write(asked, row)

    def set_journal(self, utterance: int, journal: Path) -> None:
        """Where its recording is."""
        self._write(
            "update utterance set journal = ? where id = ?", (str(journal), utterance)
        )

    def set_committed(self, utterance: int, text: str) -> None:
        """The words that are final so far; more will follow."""
        self._write("update utterance set text = ? where id = ?", (text, utterance))

    def set_text(self, utterance: int, transcript: Transcript) -> None:
        """Its words; call before they go anywhere else."""
        self._write(
            "update utterance set text = ?, transcript = ?, status = ? where id = ?",
            (
                transcript.text,
                msgspec.json.encode(transcript).decode(),
                EntryStatus.WRITTEN.value,
                utterance,
            ),
        )

    def mark(
        self, utterance: int, status: EntryStatus, error: str | None = None
    ) -> None:
        """How far it came; `error` is the line the user saw."""
        self._write(
            "update utterance set status = ?, error = ? where id = ?",
            (status.value, error, utterance),
        )

    def interrupted(self) -> list[LibraryEntry]:
        """Utterances that were under way when Mica ended; they count as failed."""
        under_way = (EntryStatus.SPEAKING.value, EntryStatus.WORKING.value)
        found = self._read("where status in (?, ?) order by id", under_way)
        for entry in found:
            self.mark(entry.id, EntryStatus.FAILED, INTERRUPTED)
        return found

    def uninserted(self) -> list[LibraryEntry]:
        """Dictations whose text was on its way into a window when Mica ended; told of
        once."""
        asked = "where status = 'written' and text != '' and error is null"
        found = self._read(f"{asked} and not captions order by id")
        for entry in found:
            self.mark(entry.id, EntryStatus.WRITTEN, NOT_INSERTED)
        return found

    def entry(self, utterance: int) -> LibraryEntry | None:
        """Its row; None where there is none."""
        return self._first("where id = ?", (utterance,))

    def last(self) -> LibraryEntry | None:
        """The newest dictation that has its whole text."""
        unfinished = "('speaking', 'working', 'failed', 'cancelled')"
        return self._first(
            f"where text != '' and status not in {unfinished} and not captions"
        )

    def newest(self) -> LibraryEntry | None:
        """The newest dictation that was spoken, whatever became of it: not one that was
        cancelled, or where nothing was heard."""
        spoken = "(text != '' or status in ('working', 'failed'))"
        ended = "status not in ('speaking', 'cancelled')"
        return self._first(f"where {spoken} and {ended} and not captions")

    def failed(self) -> list[LibraryEntry]:
        """Utterances that had a recording and got no whole text, newest first."""
        return self._read(
            "where status = 'failed' and journal is not null order by id desc"
        )

    def recorded(self, most: int) -> list[LibraryEntry]:
        """The newest utterances that had a recording, newest first."""
        return self._read("where journal is not null order by id desc limit ?", (most,))

    def targets(self) -> list[str]:
        """The applications dictated into of late, newest first."""
        asked = "where target != '' and not captions order by id desc limit ?"
        return list(dict.fromkeys(e.target for e in self._read(asked, (LATELY,))))

    def close(self) -> None:
        self._database.close()

    def _write(self, asked: str, values: tuple[object, ...]) -> int:
        try:
            with self._database:
                return self._database.execute(asked, values).lastrowid or 0
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
    """Of _COLUMNS."""
    number, started_s, style, target, journal, status, text, error, captions, to = row
    return LibraryEntry(
        number,
        started_s,
        _known(Style, style, Style.PUNCTUATED),
        target,
        Path(journal) if journal else None,
        _known(EntryStatus, status, EntryStatus.UNKNOWN),
        text,
        error,
        bool(captions),
        _known(Language, to, None),
    )


def _known(kind: type[Kind], value: object, otherwise: Kind | Other) -> Kind | Other:
    """A later Mica may have written what this one has no name for."""
    try:
        return kind(value)
    except ValueError:
        return otherwise


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = full")  # words survive a power cut
        migrate(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _begun_anew(path: Path, aside: Path) -> sqlite3.Connection:
    try:
        path.replace(aside)
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)
        return _opened(path)
    except (OSError, sqlite3.Error) as why:
        raise _error(why) from why


def _error(why: Exception) -> HistoryError:
    if getattr(why, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return HistoryError(FULL, "Free some space.")
    return HistoryError(f"The history cannot be used ({why}).", _REMEDY)
