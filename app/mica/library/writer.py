"""Writes to the library in the background, retrying failed writes, for example after a
full disk.

A dictation continues even if nothing can be saved. A failed write is retried before
anything else is written to the same row, or read.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from mica.audio import journal
from mica.errors import LibraryError
from mica.events import Language, Style, Transcript
from mica.library.background import RunsWrites, run_at_once
from mica.library.store import EntryStatus, Kind, Library, LibraryEntry
from mica.unhandled import trace

MOVE: Final = "move_to_disk"
NOT_SAVED: Final = "This dictation couldn’t be saved to the history."
#: Errors of one statement, which trying again would only repeat.
_PERMANENT: Final = (
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
_log = logging.getLogger(__name__)


class LibraryWriter:
    """Saves the states and texts of utterances. Main thread only; nothing waits for the
    disk but reading.

    on_trouble   called with a line for the user, once for each utterance; on the thread
                 of the write
    background   runs settle() on a thread of its own
    """

    def __init__(
        self,
        library: Library,
        on_trouble: Callable[[str], None],
        background: RunsWrites = run_at_once,
    ) -> None:
        self._library, self._on_trouble = library, on_trouble
        self._background = background
        self._reported = ""  # the last line since the newest utterance began
        self._settling = threading.RLock()
        self._lock = threading.Lock()  # guards _unwritten
        self._unwritten: dict[tuple[int, str], Callable[[], object]] = {}  # in order

    def reserve(self) -> int:
        """A number for a new utterance; asks no disk."""
        return self._library.reserve()

    def begin(
        self,
        number: int,
        started_s: float,
        style: Style,
        target: str,
        *,
        kind: Kind = Kind.DICTATION,
        to: Language | None = None,
        is_private: bool = False,
    ) -> None:
        """Add the row of an utterance with a reserved number. If the disk refuses it,
        it is in memory until it can be saved.

        is_private   nothing of it may be on disk
        """
        self._reported = ""
        row = started_s, style, target
        add = partial(self._library.add, *row, kind=kind, to=to, number=number)
        if is_private:
            add(in_memory=True)
        else:
            self._write((number, "begin"), lambda: self._add(number, add))

    def _add(self, number: int, add: Callable[..., int]) -> None:
        try:
            add()
        except LibraryError as why:
            self._report(why)
            add(in_memory=True)
            self._move_later(number)

    def _holds(self, number: int, write: Callable[[], object]) -> bool:
        """Whether a row that the disk refuses to change could be changed in memory, so
        that reading gives what is true."""
        try:
            self._library.hold(number)
            if not self._library.is_in_memory(number):
                return False
            write()
        except (LibraryError, sqlite3.Error):
            return False
        self._move_later(number)
        return True

    def _move_later(self, number: int) -> None:
        with self._lock:
            key = number, MOVE
            self._unwritten[key] = lambda: self._library.move_to_disk(number)

    def set_status(
        self, utterance: int, status: EntryStatus, error: str | None = None
    ) -> None:
        self._write(
            (utterance, "status"),
            lambda: self._library.set_status(utterance, status, error),
        )

    def remove(self, utterance: int) -> None:
        """Delete its row, after all pending writes to it."""
        self._write((utterance, "remove"), lambda: self._library.remove(utterance))

    def set_committed(self, utterance: int, text: str) -> None:
        self._write(
            (utterance, "set_committed"),
            lambda: self._library.set_committed(utterance, text),
        )

    def set_text(self, utterance: int, transcript: Transcript) -> None:
        self._write(
            (utterance, "set_text"),
            lambda: self._library.set_text(utterance, transcript),
        )

    def set_journal(self, utterance: int, path: Path | None) -> None:
        self._write(
            (utterance, "set_journal"),
            lambda: self._library.set_journal(utterance, path),
        )

    def entry(self, utterance: int) -> LibraryEntry | None:
        return self._read(lambda: self._library.entry(utterance))

    def may_replace_text(self, utterance: int, transcript: Transcript) -> bool:
        """As Library's; True if the library cannot be read."""
        self.settle()
        try:
            return self._library.may_replace_text(utterance, transcript)
        except LibraryError as why:
            self._report(why)
            return True

    def last(self) -> LibraryEntry | None:
        """The newest dictation that has its whole text."""
        return self._read(self._library.last)

    def newest(self) -> LibraryEntry | None:
        """The newest spoken dictation, transcribed or not."""
        return self._read(self._library.newest)

    def failed(self) -> LibraryEntry | None:
        """The newest failed utterance whose recording has samples."""
        return self._read(
            lambda: next(filter(has_samples, self._library.failed()), None)
        )

    def is_saved(self, utterance: int) -> bool:
        """Whether all of it that was to be written is on disk."""
        with self._lock:
            return all(number != utterance for number, _ in self._unwritten)

    def flush(self) -> None:
        """Have everything written that is not yet."""
        self._background(self.settle)

    def settle(self) -> bool:
        """Write what is not written yet; whether all is. Once the disk refuses a row,
        only rows in memory are written. Run by `background`."""
        with self._settling:
            with self._lock:
                todo = list(self._unwritten.items())
            is_refused = False
            for key, write in todo:
                number, what = key
                is_for_disk = what == MOVE or not self._library.is_in_memory(number)
                if is_for_disk and is_refused:
                    continue
                if not self._is_done(write):
                    is_refused = True
                    if what == MOVE or not self._holds(number, write):
                        continue
                with self._lock:
                    if self._unwritten.get(key) is write:  # not replaced meanwhile
                        del self._unwritten[key]
            with self._lock:
                return not self._unwritten

    def _is_done(self, write: Callable[[], object]) -> bool:
        """Whether a write worked, or never will."""
        try:
            write()
        except LibraryError as why:
            self._report(why)
            return isinstance(why.__cause__, _PERMANENT)
        except Exception as why:  # noqa: BLE001 it must not stop the others
            _log.error("library: %s", trace(why))
            self._report(LibraryError(NOT_SAVED))
        return True

    def _read(self, find: Callable[[], LibraryEntry | None]) -> LibraryEntry | None:
        self.settle()
        try:
            return find()
        except LibraryError as why:
            self._report(why)
            return None

    def _write(self, key: tuple[int, str], write: Callable[[], object]) -> None:
        """Write after all pending writes; a newer write replaces a pending one of the
        same kind."""
        with self._lock:
            self._unwritten.pop(key, None)
            self._unwritten[key] = write
        self._background(self.settle)

    def _report(self, why: LibraryError) -> None:
        if why.line() != self._reported:
            self._reported = why.line()
            self._on_trouble(self._reported)


def has_samples(entry: LibraryEntry) -> bool:
    """Whether its recording has samples to transcribe."""
    return entry.journal is not None and journal.extent(entry.journal)[1] > 0
