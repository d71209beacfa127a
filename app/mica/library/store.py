"""The library of transcripts: one row per utterance, from its start.

The row is written before the first sample, the text before anything is inserted. It
knows nothing of audio or windows.

Rows of private dictations, and those that the disk refuses, are in a second database in
memory, which has the same schema; their numbers are in one sequence with the others.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from mica.errors import LibraryError
from mica.events import Language, Style, Transcript
from mica.library.database import (
    IN_USE,
    WAIT_S,
    checkpoint,
    empty,
    library_error,
    memory_database,
    open_or_replace,
)
from mica.library.entries import COLUMNS, EntryStatus, Kind, LibraryEntry, entry_of

__all__ = ["EntryStatus", "Kind", "Library", "LibraryEntry"]

INTERRUPTED: Final = "Mica quit before it was transcribed."
FOUND: Final = "The recording was found without its text."
TRANSCRIBED_AGAIN: Final = "Transcribed again."  # for a text that is not inserted
NOT_INSERTED: Final = "Mica quit before it was inserted."
RECENT: Final = 500  # utterances
_DICTATION: Final = "kind = 'dictation'"
_SAVED: Final = f"{COLUMNS}, transcript"
_ADD: Final = (
    "insert into utterance (id, kind, started_s, style, target, status, translated_to) "
    "values (?, ?, ?, ?, ?, ?, ?)"
)


class Library:
    """The database. One thread only; every failure is a LibraryError."""

    def __init__(
        self, path: Path, wait_s: float = WAIT_S, *, sets_aside: bool = True
    ) -> None:
        """Open the database, or create it. `notes`: what to tell the user about the
        file; usually nothing.

        wait_s       how long to wait for another process
        sets_aside   see database.open_or_replace
        """
        self._path = path
        self._memory = memory_database()
        self._highest = 0  # of the numbers in memory
        self._database, note = open_or_replace(path, wait_s, sets_aside=sets_aside)
        self.notes = [note] if note is not None else []

    def add(
        self,
        started_s: float,
        style: Style,
        target: str = "",
        *,
        kind: Kind = Kind.DICTATION,
        to: Language | None = None,
        in_memory: bool = False,
    ) -> int:
        """Add a row for an utterance that begins now; returns its id. See
        LibraryEntry.

        in_memory   it must never be on disk, or cannot be
        """
        language = to.value if to is not None else None
        row = (kind.value, started_s, style.value, target, "speaking", language)
        if in_memory:
            with suppress(LibraryError):
                self._highest = max(self._highest, self._last_number())
            self._highest += 1
            with self._memory:
                self._memory.execute(_ADD, (self._highest, *row))
            return self._highest
        try:
            with self._database:
                number = max(self._highest, self._last_number()) + 1
                self._database.execute(_ADD, (number, *row))
        except sqlite3.IntegrityError:  # another process was first
            return self.add(started_s, style, target, kind=kind, to=to)
        except sqlite3.Error as why:
            raise library_error(why) from why
        return number

    def is_in_memory(self, utterance: int) -> bool:
        """Whether its row is not on disk."""
        query = "select 1 from utterance where id = ?"
        return self._memory.execute(query, (utterance,)).fetchone() is not None

    def texts_in_memory(self) -> list[str]:
        """The texts that are not on disk."""
        query = "select text from utterance where text != ''"
        return [text for (text,) in self._memory.execute(query)]

    def journals_in_memory(self) -> list[Path]:
        """The recordings whose rows are not on disk."""
        query = "select journal from utterance where journal is not null"
        return [Path(path) for (path,) in self._memory.execute(query)]

    def move_to_disk(self, utterance: int) -> None:
        """Save a row that the disk had refused, if it still exists."""
        query = f"select {_SAVED} from utterance where id = ?"
        row = self._memory.execute(query, (utterance,)).fetchone()
        if row is None:
            return
        holders = ", ".join("?" * len(row))
        try:
            with self._database:
                self._database.execute(
                    f"insert into utterance ({_SAVED}) values ({holders})", row
                )
        except sqlite3.Error as why:
            raise library_error(why) from why
        self.remove(utterance)

    def set_journal(self, utterance: int, journal: Path | None) -> None:
        """Save the path of its recording; None: it is deleted."""
        path = str(journal) if journal is not None else None
        self._write("update utterance set journal = ? where id = ?", (path, utterance))

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

    def add_found(self, started_s: float, journal: Path) -> int:
        """Add a row for a recording that has none."""
        number = self.add(started_s, Style.PUNCTUATED, kind=Kind.RECORDING)
        columns = "journal = ?, status = ?, error = ?"
        values = (str(journal), EntryStatus.FAILED.value, FOUND, number)
        self._write(f"update utterance set {columns} where id = ?", values)
        return number

    def remove(self, utterance: int) -> None:
        """Delete its row; deleting the recording is up to the caller."""
        self._write("delete from utterance where id = ?", (utterance,))

    def erase(self, utterance: int) -> None:
        """Delete its row so that no file has its text any more."""
        self.remove(utterance)
        if not checkpoint(self._database):
            raise LibraryError(IN_USE, "Try again.")

    def erase_all(self) -> None:
        """Delete all rows, and everything that was ever in the file."""
        with self._memory:
            self._memory.execute("delete from utterance")
        self._database = empty(self._database, self._path)

    def unfinished(self) -> list[LibraryEntry]:
        """Utterances that are being recorded or transcribed, or were when Mica
        ended."""
        under_way = (EntryStatus.SPEAKING.value, EntryStatus.WORKING.value)
        return self._read("where status in (?, ?)", under_way)

    def uninserted(self) -> list[LibraryEntry]:
        """Dictations whose text was not yet inserted when Mica ended; each is returned
        once."""
        where = "where status = 'written' and text != '' and error is null"
        found = self._read(f"{where} and {_DICTATION}")
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
        cancelled or in which nothing was heard. A recording without a row may be one,
        whose number says nothing of when it was spoken."""
        spoken = "(text != '' or status in ('working', 'failed'))"
        where = f"where {spoken} and status not in ('speaking', 'cancelled')"
        newest = self._first(f"{where} and {_DICTATION}")
        found = self._read(f"{where} and kind = 'recording'")
        found.sort(key=lambda entry: entry.started_s)
        is_newer = newest is None or (
            bool(found) and found[-1].started_s > newest.started_s
        )
        return next(reversed(found), None) if is_newer else newest

    def failed(self) -> list[LibraryEntry]:
        """Failed utterances that have a recording, newest first."""
        found = self._read("where status = 'failed' and journal is not null")
        return found[::-1]

    def kept(self, most: int = -1) -> list[LibraryEntry]:
        """The newest utterances that have a text or a recording, newest first. The
        recording may have been deleted since.

        most   -1: all
        """
        where = "where journal is not null or text != '' order by id desc limit ?"
        found = self._read(where, (most,))[::-1]
        return found if most < 0 else found[:most]

    def journals(self) -> list[LibraryEntry]:
        """Utterances that have a recording, without their texts, by number."""
        columns = COLUMNS.replace("text,", "'',")
        return self._read("where journal is not null", columns=columns)

    def captions_since(self, started_s: float) -> list[LibraryEntry]:
        """Caption utterances that began at `started_s` or later, oldest first."""
        where = "where kind = 'captions' and started_s >= ?"
        return self._read(where, (started_s,))

    def targets(self) -> list[str]:
        """The applications dictated into recently, newest first."""
        where = f"where target != '' and {_DICTATION} order by id desc limit ?"
        found = self._read(where, (RECENT,))[::-1]
        return list(dict.fromkeys(entry.target for entry in found))

    def close(self) -> None:
        """Close the file; rows in memory can still be read."""
        self._database.close()

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        """Execute a statement whose last value is the id of the row."""
        number = values[-1]
        assert isinstance(number, int)
        in_memory = self.is_in_memory(number)
        database = self._memory if in_memory else self._database
        try:
            with database:
                database.execute(statement, values)
        except sqlite3.Error as why:
            raise library_error(why) from why

    def _first(
        self, where: str, values: tuple[object, ...] = ()
    ) -> LibraryEntry | None:
        found = self._read(f"{where} order by id desc limit 1", values)
        return found[-1] if found else None

    def _read(
        self, where: str, values: tuple[object, ...] = (), columns: str = COLUMNS
    ) -> list[LibraryEntry]:
        """The rows on disk and in memory, by number; a limit counts for each."""
        query = f"select {columns} from utterance {where}"
        try:
            rows = [
                row
                for database in (self._database, self._memory)
                for row in database.execute(query, values).fetchall()
            ]
        except sqlite3.Error as why:
            raise library_error(why) from why
        return sorted(map(entry_of, rows), key=lambda entry: entry.id)

    def _last_number(self) -> int:
        """The last number given on disk."""
        query = "select seq from sqlite_sequence where name = 'utterance'"
        try:
            found = self._database.execute(query).fetchone()
        except sqlite3.Error as why:
            raise library_error(why) from why
        return int(found[0]) if found is not None else 0
