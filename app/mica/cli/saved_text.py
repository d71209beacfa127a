"""Saves what `mica listen` hears in the library, as the app saves captions."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mica import paths
from mica.cli.reporting import report
from mica.engine.client import Committed, EngineEvent
from mica.errors import LibraryError
from mica.events import Style, Transcript
from mica.library.entries import EntryStatus, Kind
from mica.library.store import Library

WAIT_S: Final = 0.2  # for another process: the microphone is open meanwhile


class SavedText:
    """One row. If the library can't be used, that is reported once; the recording is
    kept anyway, and the library finds it later."""

    def __init__(self) -> None:
        self._library: Library | None = None
        self._number = 0
        self._committed: list[str] = []
        self._is_reported = False

    def begin(self, style: Style) -> int:
        """Add the row; returns the number for the recording."""

        def add() -> None:
            self._library = Library(paths.history_file(), WAIT_S, sets_aside=False)
            kind = Kind.CAPTIONS
            self._number = self._library.add(time.time(), style, kind=kind)

        self._try(add)
        return self._number or 1

    def set_recording(self, recording: Path) -> None:
        """Save where the recording is."""
        self._write(lambda library, number: library.set_journal(number, recording))

    def on_event(self, event: EngineEvent) -> None:
        """Save the words that are final."""
        if isinstance(event, Committed):
            self._committed.append(event.text)
            so_far = " ".join(self._committed)
            self._write(lambda library, number: library.set_committed(number, so_far))

    def finish(self, transcript: Transcript) -> None:
        """Save the whole text."""
        self._write(lambda library, number: library.set_text(number, transcript))

    def fail(self, line: str) -> None:
        """Save why there is no text."""
        failed = EntryStatus.FAILED
        self._write(lambda library, number: library.set_status(number, failed, line))

    def _write(self, write: Callable[[Library, int], None]) -> None:
        library, number = self._library, self._number
        if library is not None and number:
            self._try(lambda: write(library, number))

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except LibraryError as error:
            if not self._is_reported:
                self._is_reported = True
                report(error.line())
