"""Transcribes a saved recording again at the user's request, and repairs at the start
what a crash or kill left behind.

The text goes into the recording's row and is offered for pasting, never inserted
automatically. New dictations take precedence.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mica.audio import journal
from mica.dictation.recording import Recording
from mica.dictation.services import Services
from mica.dictation.strings import (
    FOUND_MANY,
    FOUND_ONE,
    NO_RECORDING,
    NOT_ENDED,
    NOTHING_TO_RETRY,
    PART_SAFE,
    RECORDING_SAFE,
    RECORDING_SHORTER,
    RECORDING_SILENT,
    RECOVERABLE_MANY,
    RECOVERABLE_ONE,
    RETRY_BUSY,
    TRANSCRIPTION_FAILED,
    UNINSERTED,
)
from mica.engine.client_events import Committed, EngineEvent, Failed, Finished
from mica.errors import EngineError, MicaError
from mica.events import Priority, Transcript
from mica.host.values import Target
from mica.insertion.options import options_for, transcribe_options
from mica.library.entries import IN_PROGRESS
from mica.library.recovery import recover
from mica.library.store import (
    FOUND,
    TRANSCRIBED_AGAIN,
    EntryStatus,
    Library,
    LibraryEntry,
)
from mica.library.writer import LibraryWriter, has_samples

_log = logging.getLogger(__name__)


class Retry:
    """Transcribes one recording again. Main thread only.

    refusal        why transcription is impossible now, or None
    on_text        called with the row once it has its text; tells the user
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

    def is_transcribing(self, utterance: int) -> bool:
        """Whether it is transcribing this recording."""
        return self._entry is not None and self._entry.id == utterance

    @property
    def possible(self) -> bool:
        """Whether a recording failed, still exists, and no retry is in progress."""
        return not self.busy and self._writer.failed() is not None

    def begin(self, utterance: int | None = None) -> None:
        """Transcribe a recording, or tell the user why not.

        utterance   None: the newest failed one
        """
        if utterance is None:
            entry, missing = self._writer.failed(), NOTHING_TO_RETRY
        else:
            entry, missing = self._writer.entry(utterance), NO_RECORDING
        problem = self.refusal()
        if self.busy:
            self._show_message(RETRY_BUSY, False)
        elif entry is not None and entry.status in IN_PROGRESS:
            self._show_message(NOT_ENDED, False)
        elif entry is None or not has_samples(entry):
            self._show_message(missing, False)
        elif problem is not None:
            self._show_message(problem.line(), True)
        else:
            self._entry = entry
            self._send(entry)

    def _send(self, entry: LibraryEntry) -> None:
        """Send it to the engine, with a lower priority than live speech."""
        assert entry.journal is not None
        rate_hz, samples = journal.extent(entry.journal)
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
                self._show_message(failure(error, None), True)
            case Committed(utterance) if utterance == number:
                pass
            case _:
                return False
        return True

    def _finished(self, entry: LibraryEntry, transcript: Transcript) -> None:
        is_better = self._writer.may_replace_text(entry.id, transcript)
        if is_better:
            self._writer.set_text(entry.id, transcript)
            self._writer.set_status(entry.id, EntryStatus.WRITTEN, TRANSCRIBED_AGAIN)
        else:  # words that were heard before
            self._writer.set_status(entry.id, entry.status, entry.error)
        if not transcript.text:
            self._show_message(RECORDING_SILENT, False)
            return
        if not is_better:
            self._show_message(RECORDING_SHORTER, False)
            return
        if entry.journal is not None and journal.is_private(entry.journal):
            self._writer.set_journal(entry.id, None)
            journal.remove(entry.journal)
        written = self._writer.entry(entry.id)
        if written is not None:
            self._on_text(written)


def failure(error: MicaError, recording: Recording | None) -> str:
    """The message about an utterance that has no text; details are in the log.

    recording   what to look for on disk; None: it is there
    """
    if recording is not None and not recording.is_saved:
        return error.line()
    is_inside = isinstance(error, EngineError)  # nothing the user could fix
    is_whole = recording is None or recording.is_whole
    safe = RECORDING_SAFE if is_whole else PART_SAFE
    return f"{TRANSCRIPTION_FAILED if is_inside else error.line()} {safe}"


def recovered(library: Library, folder: Path) -> list[str]:
    """Messages about recordings to recover and texts not inserted; empty if none.

    folder   of the recordings
    """
    recordings = recover(library, folder)
    unknown = [entry for entry in recordings if entry.error == FOUND]
    lines = []
    if interrupted := len(recordings) - len(unknown):
        many = RECOVERABLE_MANY.format(interrupted)
        lines.append(RECOVERABLE_ONE if interrupted == 1 else many)
    if unknown:
        many = FOUND_MANY.format(len(unknown))
        lines.append(FOUND_ONE if len(unknown) == 1 else many)
    waiting, last = library.uninserted(), library.newest()
    if last is not None and last.id in [entry.id for entry in waiting]:
        lines.append(UNINSERTED)
    return lines
