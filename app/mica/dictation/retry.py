"""Transcribes a saved recording again at the user's request, and repairs at the start
what a crash or kill left behind.

The text goes into the recording's row and is offered for pasting, never inserted
automatically. New dictations take precedence.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from mica.audio.journal import extent, recover
from mica.dictation.services import Services
from mica.dictation.strings import (
    NOTHING_TO_RETRY,
    RECORDING_SAFE,
    RECORDING_SILENT,
    RECOVERABLE_MANY,
    RECOVERABLE_ONE,
    TRANSCRIBED,
    TRANSCRIPTION_FAILED,
    UNINSERTED,
)
from mica.engine.client_events import Committed, EngineEvent, Failed, Finished
from mica.errors import EngineError, MicaError
from mica.events import Priority, Transcript
from mica.host.values import Target
from mica.insertion.options import options_for, transcribe_options
from mica.library.store import TRANSCRIBED_AGAIN, EntryStatus, Library, LibraryEntry
from mica.library.writer import LibraryWriter, has_samples

_log = logging.getLogger(__name__)


class Retry:
    """Transcribes one recording again. Main thread only.

    refusal        why transcription is impossible now, or None
    on_text        called with the row once it has its text
    show_message   a line for the user, and whether it is trouble
    """

    def __init__(
        self,
        services: Services,
        writer: LibraryWriter,
        on_text: Callable[[LibraryEntry], None],
        show_message: Callable[[str, bool], None],
    ) -> None:
        self.refusal: Callable[[], MicaError | None] = lambda: None
        self._services, self._writer = services, writer
        self._on_text, self._show_message = on_text, show_message
        self._entry: LibraryEntry | None = None

    @property
    def busy(self) -> bool:
        return self._entry is not None

    @property
    def possible(self) -> bool:
        """Whether a recording failed, still exists, and no retry is in progress."""
        return not self.busy and self._writer.failed() is not None

    def begin(self) -> None:
        """Transcribe the newest failed recording, or tell the user why not."""
        if self.busy:
            return
        entry, problem = self._writer.failed(), self.refusal()
        if entry is None:
            self._show_message(NOTHING_TO_RETRY, False)
        elif problem is not None:
            self._show_message(problem.line(), True)
        else:
            self._entry = entry
            self._send(entry)

    def _send(self, entry: LibraryEntry) -> None:
        """Send it to the engine, with a lower priority than live speech."""
        assert entry.journal is not None
        rate_hz, samples = extent(entry.journal)
        services, target = self._services, Target(0, None, entry.target)
        settings = services.settings()
        insert = options_for(settings, target)
        options = replace(
            transcribe_options(settings, insert, services.keywords()),
            style=entry.style,
            target_language=entry.to,
            live=False,
            priority=Priority.FILE,
        )
        services.engine.begin(entry.id, rate_hz, options, entry.journal)
        services.engine.push(entry.id, samples, b"")  # read from the recording
        services.engine.end(entry.id, samples)

    def on_engine(self, event: EngineEvent) -> bool:
        """Act on an event of the engine client; whether it was about this recording."""
        entry = self._entry
        if entry is None:
            return False
        number = entry.id
        match event:
            case Finished(utterance, transcript) if utterance == number:
                self._entry = None
                self._finished(entry, transcript)
            case Failed(utterance, error) if utterance == number:
                self._entry = None
                _log.warning("not transcribed: %s", error.line())
                self._writer.set_status(number, EntryStatus.FAILED, error.line())
                self._show_message(failure(error, is_saved=True), True)
            case Committed(utterance) if utterance == number:
                pass
            case _:
                return False
        return True

    def _finished(self, entry: LibraryEntry, transcript: Transcript) -> None:
        self._writer.set_text(entry.id, transcript)
        self._writer.set_status(entry.id, EntryStatus.WRITTEN, TRANSCRIBED_AGAIN)
        if not transcript.text:
            self._show_message(RECORDING_SILENT, False)
            return
        written = self._writer.entry(entry.id)
        if written is not None:
            self._on_text(written)
            self._show_message(TRANSCRIBED, False)


def failure(error: MicaError, *, is_saved: bool) -> str:
    """The message about an utterance that has no text; details are in the log.

    is_saved   its recording is on disk
    """
    if not is_saved:
        return error.line()
    is_inside = isinstance(error, EngineError)  # nothing the user could fix
    return f"{TRANSCRIPTION_FAILED if is_inside else error.line()} {RECORDING_SAFE}"


def recovered(history: Library) -> list[str]:
    """Messages about recordings to recover and texts not inserted; empty if none."""
    saved = [entry for entry in history.interrupted() if _is_repaired(entry)]
    lines = []
    if saved:
        lines.append(
            RECOVERABLE_ONE if len(saved) == 1 else RECOVERABLE_MANY.format(len(saved))
        )
    waiting, last = history.uninserted(), history.newest()
    if last is not None and last.id in [entry.id for entry in waiting]:
        lines.append(UNINSERTED)
    return lines


def _is_repaired(entry: LibraryEntry) -> bool:
    """Repair the header of its recording; returns whether it has samples."""
    if entry.journal is not None:
        with suppress(OSError):
            recover(entry.journal)
    return has_samples(entry)
