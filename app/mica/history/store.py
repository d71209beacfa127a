"""What was dictated or captioned: one row for each utterance, from its start on.

A row is there before the first sample, its text before anything is inserted. It knows
no audio and no window. A database that cannot be read is kept aside as `.broken` and a
new one begun.
"""

import sqlite3
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

from mica.errors import HistoryError
from mica.events import Style, Transcript
from mica.history.schema import migrate

_REMEDY: Final = "Check the disk and the folder's permissions."
INTERRUPTED: Final = "Mica ended before it was written."
LATELY: Final = 500  # utterances
_COLUMNS: Final = "id, started_s, style, target, journal, status, text, error"


class Status(Enum):
    """How far an utterance came."""

    SPEAKING = "speaking"
    WORKING = "working"
    WRITTEN = "written"  # its text is here, and nowhere else yet
    INSERTED = "inserted"
    COPIED = "copied"  # left on the clipboard
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row. `started_s`: seconds since 1970, UTC."""

    id: int
    started_s: float
    style: Style
    target: str
    journal: Path | None
    status: Status
    text: str
    error: str | None


class History:
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
    ) -> int:
        """A new utterance; its id is its number everywhere.

        captions   it is shown and kept, and meant for no window
        """
        row = (started_s, style.value, target, Status.SPEAKING.value, captions)
        asked = "insert into utterance (started_s, style, target, status, captions)"
        return self._write(f"{asked} values (?, ?, ?, ?, ?)", row)

    def set_journal(self, utterance: int, journal: Path) -> None:
        """Where its recording is."""
        self._write(
            "update utterance set journal = ? where id = ?", (str(journal), utterance)
        )

    def set_text(self, utterance: int, transcript: Transcript) -> None:
        """Its words; call before they go anywhere else."""
        self._write(
            "update utterance set text = ?, transcript = ?, status = ? where id = ?",
            (
                transcript.text,
                msgspec.json.encode(transcript).decode(),
                Status.WRITTEN.value,
                utterance,
            ),
        )

    def mark(self, utterance: int, status: Status, error: str | None = None) -> None:
        """How far it came; `error` is the line the user saw."""
        self._write(
            "update utterance set status = ?, error = ? where id = ?",
            (status.value, error, utterance),
        )

    def interrupted(self) -> list[Entry]:
        """Utterances that were under way when Mica ended; they count as failed."""
        under_way = (Status.SPEAKING.value, Status.WORKING.value)
        found = self._read("where status in (?, ?) order by id", under_way)
        for entry in found:
            self.mark(entry.id, Status.FAILED, INTERRUPTED)
        return found

    def last(self) -> Entry | None:
        """The newest dictation that has a text."""
        asked = "where text != '' and not captions order by id desc limit 1"
        found = self._read(asked)
        return found[0] if found else None

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

    def _read(self, where: str, values: tuple[object, ...] = ()) -> list[Entry]:
        try:
            rows = self._database.execute(
                f"select {_COLUMNS} from utterance {where}", values
            ).fetchall()
        except sqlite3.Error as why:
            raise _error(why) from why
        return [_entry(*row) for row in rows]


def _entry(
    number: int,
    started_s: float,
    style: str,
    target: str,
    journal: str | None,
    status: str,
    text: str,
    error: str | None,
) -> Entry:
    return Entry(
        number,
        started_s,
        Style(style),
        target,
        Path(journal) if journal else None,
        Status(status),
        text,
        error,
    )


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
    return HistoryError(f"The history cannot be used ({why}).", _REMEDY)
