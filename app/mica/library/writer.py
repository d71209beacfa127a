"""Writes to the library, retrying failed writes, for example after a full disk.

A dictation continues even if nothing can be saved. A failed write is retried before
anything else is written or read.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from mica.audio import journal
from mica.errors import LibraryError
from mica.events import Language, Style, Transcript
from mica.library.store import EntryStatus, Kind, Library, LibraryEntry


class LibraryWriter:
    """Saves the states and texts of utterances. Main thread only.

    on_trouble   called with a line for the user, once for each utterance
    """

    def __init__(self, library: Library, on_trouble: Callable[[str], None]) -> None:
        self._library, self._on_trouble = library, on_trouble
        self._reported = ""  # the last line since the newest utterance began
        self._unwritten: dict[tuple[int, str], Callable[[], None]] = {}  # in order

    def begin(
        self,
        now_s: float,
        style: Style,
        target: str,
        *,
        kind: Kind = Kind.DICTATION,
        to: Language | None = None,
        is_private: bool = False,
    ) -> int:
        """Begin an utterance; returns its number, the id of its row. If the disk
        refuses the row, it is in memory until it can be saved.

        is_private   nothing of it may be on disk
        """
        self._reported = ""
        self.settle()
        add = partial(self._library.add, now_s, style, target, kind=kind, to=to)
        if is_private:
            return add(in_memory=True)
        try:
            return add()
        except LibraryError as why:
            self._report(why)
            number = add(in_memory=True)
            key = (number, "move_to_disk")
            self._unwritten[key] = lambda: self._library.move_to_disk(number)
            return number

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

    def settle(self) -> None:
        """Retry the writes that have failed so far."""
        for key, write in list(self._unwritten.items()):
            try:
                write()
            except LibraryError as why:
                self._report(why)
                return
            del self._unwritten[key]

    def _read(self, find: Callable[[], LibraryEntry | None]) -> LibraryEntry | None:
        self.settle()
        try:
            return find()
        except LibraryError as why:
            self._report(why)
            return None

    def _write(self, key: tuple[int, str], write: Callable[[], None]) -> None:
        """Write after all pending writes; a newer write replaces a pending one of the
        same kind. What is in memory can be written at once."""
        if self._library.is_in_memory(key[0]):
            write()
        else:
            self._unwritten.pop(key, None)
            self._unwritten[key] = write
        self.settle()

    def _report(self, why: LibraryError) -> None:
        if why.line() != self._reported:
            self._reported = why.line()
            self._on_trouble(self._reported)


def has_samples(entry: LibraryEntry) -> bool:
    """Whether its recording has samples to transcribe."""
    return entry.journal is not None and journal.extent(entry.journal)[1] > 0
