"""The library of transcripts: one row per utterance, from its start.

The text is written before anything is inserted. It knows nothing of audio or windows.
Over 300 lines: every query.

Rows of private dictations, and those that the disk refuses, are in a second database in
memory, which has the same schema; their numbers are in one sequence with the others.
"""

import logging
import sqlite3
import threading
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
from mica.library.entries import (
    CERTAINTY,
    COLUMNS,
    EntryStatus,
    Kind,
    LibraryEntry,
    entry_or_none,
)
from mica.unhandled import reason, user_line

__all__ = ["EntryStatus", "Kind", "Library", "LibraryEntry"]

INTERRUPTED: Final = "Mica quit before it was transcribed."
FOUND: Final = "The recording was found without its text."
TRANSCRIBED_AGAIN: Final = "Transcribed again."  # for a text that is not inserted
NOT_INSERTED: Final = "Mica quit before it was inserted."
UNSAVED: Final = "Until Mica restarts, dictations aren’t saved to the history."
MISSING_S: Final = 0.5  # of a recording, at least, for it to be incomplete
RECENT: Final = 500  # utterances
_log = logging.getLogger(__name__)
_DICTATION: Final = "kind = 'dictation'"
_READ: Final = f"{COLUMNS}, {CERTAINTY}"
_SAVED: Final = f"{COLUMNS}, transcript"
_ADD: Final = (
    "insert into utterance (id, kind, started_s, style, target, status, translated_to) "
    "values (?, ?, ?, ?, ?, ?, ?)"
)


class Library:
    """The database. Any thread; every failure is a LibraryError."""

    def __init__(
        self,
        path: Path,
        wait_s: float = WAIT_S,
        *,
        sets_aside: bool = True,
        opens_anyway: bool = False,
    ) -> None:
        """Open the database, or create it. `notes`: what to tell the user about the
        file; usually nothing.

        wait_s         how long to wait for another process
        sets_aside     see database.open_or_replace
        opens_anyway   if the file cannot be used, everything stays in memory
        """
        self._path = path
        self._memory = memory_database()
        self._disk = threading.RLock()  # one thread at a time
        try:
            found = open_or_replace(path, wait_s, sets_aside=sets_aside)
        except (LibraryError, OSError) as why:
            if not opens_anyway:
                raise
            _log.warning("the history is off: %s", reason(why))
            found = memory_database(), f"{user_line(why)} {UNSAVED}"
        self._database, note = found
        self.notes = [note] if note is not None else []
        self._held = set[int]()  # rows on disk that those in memory replace
        self._highest = 0  # of the numbers given so far
        with suppress(LibraryError):
            self._highest = self._last_number()

    def reserve(self) -> int:
        """The number of an utterance whose row is added later. Asks no disk."""
        self._highest += 1
        return self._highest

    def add(
        self,
        started_s: float,
        style: Style,
        target: str = "",
        *,
        kind: Kind = Kind.DICTATION,
        to: Language | None = None,
        in_memory: bool = False,
        number: int | None = None,
    ) -> int:
        """Add a row for an utterance that begins now; returns its id. See
        LibraryEntry.

        in_memory   it must never be on disk, or cannot be
        number      a reserved one; None: the next one
        """
        language = to.value if to is not None else None
        row = (kind.value, started_s, style.value, target, "speaking", language)
        if number is None:
            with suppress(LibraryError):
                self._highest = max(self._highest, self._last_number())
            number = self.reserve()
        if in_memory:
            with self._memory:
                self._memory.execute(_ADD, (number, *row))
            return number
        try:
            with self._disk, self._database:
                self._make_way(number)
                self._database.execute(_ADD, (number, *row))
        except sqlite3.Error as why:
            raise library_error(why) from why
        return number

    def _make_way(self, number: int) -> None:
        """Give another number to a recording that another process has found and added
        meanwhile; nobody else knows its number."""
        self._database.execute(
            "update utterance set id = (select max(id) + 1 from utterance) "
            "where id = ?",
            (number,),
        )

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

    def hold(self, utterance: int) -> None:
        """Copy a row to memory, where it is changed from now on: the disk refuses
        that. Until move_to_disk(), the one on disk counts for nothing."""
        query = f"select {_SAVED} from utterance where id = ?"
        with self._disk:
            row = self._database.execute(query, (utterance,)).fetchone()
        if row is not None:
            self._held.add(utterance)
            with self._memory:
                self._memory.execute(_insert(row), row)

    def move_to_disk(self, utterance: int) -> None:
        """Save a row that the disk had refused, if it still exists."""
        query = f"select {_SAVED} from utterance where id = ?"
        row = self._memory.execute(query, (utterance,)).fetchone()
        if row is None:
            return
        try:
            with self._disk, self._database:
                if utterance not in self._held:
                    self._make_way(utterance)
                self._database.execute(_insert(row), row)
        except sqlite3.Error as why:
            raise library_error(why) from why
        self._forget(utterance)

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
        if utterance in self._held:
            self._forget(utterance)
        self._write("delete from utterance where id = ?", (utterance,))

    def _forget(self, utterance: int) -> None:
        """Delete its row in memory."""
        with self._memory:
            delete = "delete from utterance where id = ?"
            self._memory.execute(delete, (utterance,))
        self._held.discard(utterance)

    def erase(self, utterance: int) -> None:
        """Delete its row so that no file has its text any more."""
        self.remove(utterance)
        with self._disk:
            if not checkpoint(self._database):
                raise LibraryError(IN_USE, "Try again.")

    def erase_all(self) -> None:
        """Delete all rows, and everything that was ever in the file."""
        with self._memory:
            self._memory.execute("delete from utterance")
        with self._disk:
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

    def transcribed_s(self, utterance: int) -> float:
        """How many seconds of sound its text is of; 0 if it has none."""
        query = "select json_extract(transcript, '$.duration_s') from utterance"
        in_memory = self.is_in_memory(utterance)
        database = self._memory if in_memory else self._database
        with suppress(sqlite3.Error), self._disk:  # another Mica's, or damaged
            row = database.execute(f"{query} where id = ?", (utterance,)).fetchone()
            if row and isinstance(row[0], int | float):
                return float(row[0])
        return 0.0

    def may_replace_text(self, utterance: int, transcript: Transcript) -> bool:
        """Whether the text of a recording may replace what is saved: not if it is
        empty, or if much of what had been heard is missing from the recording."""
        entry = self.entry(utterance)
        if entry is None or not entry.text or entry.is_incomplete:
            return bool(transcript.text) or entry is None or not entry.text
        heard_s = transcript.duration_s + MISSING_S
        return bool(transcript.text) and heard_s >= self.transcribed_s(utterance)

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
        return self._read("where journal is not null", columns=f"{columns}, 'sure'")

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
        try:
            if self.is_in_memory(number):
                with self._memory:
                    self._memory.execute(statement, values)
                return
            with self._disk, self._database:
                self._database.execute(statement, values)
        except sqlite3.Error as why:
            raise library_error(why) from why

    def _first(
        self, where: str, values: tuple[object, ...] = ()
    ) -> LibraryEntry | None:
        found = self._read(f"{where} order by id desc limit 1", values)
        return found[-1] if found else None

    def _read(
        self, where: str, values: tuple[object, ...] = (), columns: str = _READ
    ) -> list[LibraryEntry]:
        """The rows on disk and in memory, by number; a limit counts for each."""
        query = f"select {columns} from utterance {where}"
        held = ", ".join(map(str, tuple(self._held)))
        on_disk = query.replace("where", f"where id not in ({held}) and", 1)
        try:
            with self._disk:
                rows = self._database.execute(on_disk, values).fetchall()
            rows += self._memory.execute(query, values).fetchall()
        except sqlite3.Error as why:
            raise library_error(why) from why
        entries = [entry for row in rows if (entry := entry_or_none(row)) is not None]
        return sorted(entries, key=lambda entry: entry.id)

    def _last_number(self) -> int:
        """The last number given on disk."""
        query = "select seq from sqlite_sequence where name = 'utterance'"
        try:
            with self._disk:
                found = self._database.execute(query).fetchone()
        except sqlite3.Error as why:
            raise library_error(why) from why
        return int(found[0]) if found is not None else 0


def _insert(row: tuple[object, ...]) -> str:
    """The statement that inserts a row of all columns."""
    holders = ", ".join("?" * len(row))
    return f"insert or replace into utterance ({_SAVED}) values ({holders})"
