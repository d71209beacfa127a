"""A dictation's utterances without their final text, and how each of them ends.

One is being recorded, one may be cancelled but undoable, any number are being
transcribed. Every change is written to the library at once. Knows no keys; shows and
inserts nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from mica.dictation.recorded_utterance import RecordedUtterance
from mica.dictation.recording_events import RecordingEvent
from mica.dictation.services import Services, recordings_folder
from mica.errors import MicaError
from mica.events import TranscribeOptions, Transcript
from mica.host.ports import Host
from mica.host.values import Target
from mica.insertion.options import InsertOptions, options_for, transcribe_options
from mica.library.store import EntryStatus
from mica.library.writer import LibraryWriter
from mica.settings import OverlayStyle, Settings

LATE_S: Final = 2.5  # after the key-up, most texts come within one second


@dataclass(slots=True, kw_only=True)
class PendingUtterance(RecordedUtterance):
    """A dictation's utterance without its final text.

    target          the window it is for; None: none had the focus, or not known yet
    transcript      its final text, if that came while it was cancelled
    history_only    the user is away: its text is not inserted
    released_s      when its recording was to end; None: it goes on
    is_late         the user was told that its text takes long
    """

    target: Target | None = None
    options: InsertOptions = field(default_factory=InsertOptions)
    transcript: Transcript | None = None
    history_only: bool = False
    released_s: float | None = None
    is_late: bool = False

    def release(self, now_s: float) -> None:
        """Stop recording; the text may take until now + LATE_S."""
        self.recording.release()
        self.released_s = now_s

    def gets_late(self, now_s: float) -> bool:
        """Whether the user is to be told now that its text takes long."""
        if self.is_late or self.released_s is None:
            return False
        self.is_late = now_s - self.released_s >= LATE_S
        return self.is_late


class Utterances:
    """The pending utterances. Main thread only.

    speaking    the one being recorded
    cancelled   the cancelled one, while that can be undone
    """

    def __init__(self, host: Host, services: Services, writer: LibraryWriter) -> None:
        self.speaking: PendingUtterance | None = None
        self.cancelled: PendingUtterance | None = None
        self._host, self._services, self._writer = host, services, writer
        self._pending: dict[int, PendingUtterance] = {}

    def __iter__(self) -> Iterator[PendingUtterance]:
        """Iterates over a copy, because the utterances may change meanwhile."""
        return iter(list(self._pending.values()))

    def find(self, utterance: int) -> PendingUtterance | None:
        """The pending utterance with this number; None if it is not pending here."""
        return self._pending.get(utterance)

    @property
    def busy(self) -> bool:
        """Whether one is being recorded or transcribed."""
        return len(self._pending) > (self.cancelled is not None)

    @property
    def shown(self) -> bool:
        """Whether the user sees one that is being recorded, or that can be undone."""
        return self.speaking is not None or self.cancelled is not None

    @property
    def replays(self) -> bool:
        """Whether a recording is being replayed to the engine, or will be."""
        return any(pending.engine_failure is not None for pending in self)

    def begin(
        self,
        settings: Settings,
        on_event: Callable[[RecordingEvent], None],
        *,
        replaces_silent: bool,
    ) -> PendingUtterance:
        """Start recording a new utterance, before anything else is asked: neither disk
        nor windows. describe() must follow. on_event: called on the main thread."""
        services, number = self._services, self._writer.reserve()
        is_private = settings.private_dictation
        recording = services.recording(number, on_event)
        recording.start(
            settings.microphone,
            services.microphone,
            lambda: recordings_folder(is_private),
            replaces_silent=replaces_silent,
            is_private=is_private,
        )
        pending = PendingUtterance(recording, is_private=is_private)
        self.speaking = self._pending[number] = pending
        return pending

    def describe(
        self, pending: PendingUtterance, settings: Settings, *, translated: bool
    ) -> None:
        """Note which window an utterance is for and how it is to be transcribed."""
        services, now_s = self._services, self._services.wall_clock()
        to = settings.translate_to if translated else None
        wanted = TranscribeOptions(style=settings.style, target_language=to)
        try:
            pending.target = target = self._host.focus.current()
            pending.options = options = options_for(settings, target)
            wanted = replace(
                transcribe_options(settings, options, services.keywords()),
                target_language=to,
                live=settings.overlay is OverlayStyle.LIVE,
            )
        finally:  # whatever happens, it is transcribed
            name = pending.target.name if pending.target is not None else ""
            row = pending.number, now_s, wanted.style, name
            self._writer.begin(*row, to=to, is_private=pending.is_private)
            pending.recording.transcribe(wanted)

    def release(self) -> None:
        """Stop recording; what was said is transcribed."""
        if self.speaking is not None:
            self.speaking.release(self._services.clock())
            self._set_status(self.speaking, EntryStatus.WORKING)
            self.speaking = None

    def discard(self) -> None:
        """Drop it and all saved of it: it was a shortcut, and nobody spoke."""
        if self.speaking is not None:
            self.speaking.recording.discard()
            self._drop(self.speaking)
            self._writer.remove(self.speaking.number)
            self.speaking = None

    def cancel(self) -> None:
        """Transcribe it like release(), but hold its text back."""
        if self.speaking is not None:
            self.speaking.release(self._services.clock())
            self._set_status(self.speaking, EntryStatus.CANCELLED)
            self.cancelled, self.speaking = self.speaking, None

    def undo(self) -> PendingUtterance | None:
        """Undo cancel(); returns the utterance, now as if released."""
        pending, self.cancelled = self.cancelled, None
        if pending is not None:
            self._set_status(pending, EntryStatus.WORKING)
        return pending

    def forget(self) -> None:
        """Drop the cancelled one for good; its journal stays."""
        pending, self.cancelled = self.cancelled, None
        if pending is not None:
            self._drop(pending)

    def commit(self, pending: PendingUtterance, text: str) -> None:
        """Save words that are now final, in case no more come."""
        pending.committed.append(text)
        self._writer.set_committed(pending.number, pending.words)

    def finish(self, pending: PendingUtterance, transcript: Transcript) -> bool:
        """Save its final text; False if it is cancelled and its text is held back."""
        if pending is self.cancelled:
            pending.transcript = transcript
            return False
        number = pending.number
        del self._pending[number]
        notes = (*transcript.notes, *pending.device_changes)
        self._writer.set_text(number, replace(transcript, notes=notes))
        self._forget_private(pending)
        return True

    def replay(self) -> None:
        """Replay ended recordings for which the engine failed."""
        for pending in self:
            pending.replay()

    def is_saved(self, pending: PendingUtterance) -> bool:
        """Whether its text is in the library, as far as it is going to be."""
        return self._writer.is_saved(pending.number)

    def fail(self, pending: PendingUtterance, error: MicaError) -> None:
        """End it without a text, after its recording has stopped."""
        del self._pending[pending.number]
        if pending is self.cancelled:
            self.cancelled = None
        if pending is self.speaking:
            self.speaking = None
        if pending.recording.recorded:
            self._set_status(pending, EntryStatus.FAILED, error.line())
        else:
            self._writer.remove(pending.number)  # nothing was said

    def close(self) -> None:
        """The app quits: what is being said stays in its journal."""
        for pending in self:
            pending.recording.cancel()
        for pending in self:
            pending.recording.over.wait(1.0)

    def _drop(self, pending: PendingUtterance) -> None:
        """Stop recording and transcribing it."""
        number = pending.number
        pending.recording.cancel()
        if pending.recording.over.is_set():
            self._services.engine.cancel(number)
        del self._pending[number]
        self._writer.set_committed(number, "")
        self._forget_private(pending)

    def _forget_private(self, pending: PendingUtterance) -> None:
        """Delete the recording of a private dictation, which needs no text any more."""
        if pending.is_private:
            self._writer.set_journal(pending.number, None)
            pending.recording.discard()

    def _set_status(
        self, pending: PendingUtterance, status: EntryStatus, error: str | None = None
    ) -> None:
        self._writer.set_status(pending.number, status, error)
