"""Live captions of the microphone: utterances that are shown and saved, never inserted.

Dictation takes precedence: captions pause for it and resume with a new utterance. Main
thread only; callers call tick() every TICK_S from wake() until it is quiet. Over 300
lines: it handles every event of captions.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from mica import paths
from mica.audio.device_selection import WantedDevice
from mica.dictation.permission_notices import MicrophoneAccess
from mica.dictation.recorded_utterance import (
    NO_SOUND_SYSTEM,
    CaptionUtterance,
    Notice,
)
from mica.dictation.recording_events import (
    Ended,
    Level,
    Lost,
    Opened,
    RecordingEvent,
)
from mica.dictation.retry import failure
from mica.dictation.services import Services, recordings_folder
from mica.dictation.strings import CAPTIONS_CUT, CAPTIONS_ENDED_AWAY
from mica.engine.client import (
    Committed,
    EngineEvent,
    Failed,
    Finished,
    Hypothesis,
)
from mica.errors import MicaError
from mica.events import Priority, TranscribeOptions, Transcript
from mica.host.ports import Permissions
from mica.insertion.options import options_for, transcribe_options
from mica.library.recovery import prune
from mica.library.store import EntryStatus, Kind
from mica.library.writer import LibraryWriter

TICK_S: Final = 0.1
SAVE_S: Final = 1.0  # how often words are saved that may still change
_log = logging.getLogger(__name__)


class Phase(Enum):
    """The phases of captions."""

    OFF = "off"
    ARMING = "arming"  # no nonzero sample yet, or the microphone was lost
    LISTENING = "listening"
    PAUSED = "paused"  # while the user dictates


@dataclass(frozen=True, slots=True)
class CaptionsCallbacks:
    """Callbacks that show captions. Called on the main thread.

    on_phase     the phase to show
    on_words     words that are now final, and words that may still change
    on_message   a line for the user, and whether it is trouble
    on_retracted a line that no longer applies
    """

    on_phase: Callable[[Phase], None]
    on_words: Callable[[str, str], None]
    on_message: Callable[[str, bool], None]
    on_retracted: Callable[[str], None] = lambda line: None


class Captions:
    """The live captions. Main thread only.

    refusal      why transcription is impossible now, or None
    wake         called when work begins; tick() must be called from then on
    """

    def __init__(
        self, permissions: Permissions, services: Services, callbacks: CaptionsCallbacks
    ) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.refusal: Callable[[], MicaError | None] = lambda: None
        self._permissions, self._services = permissions, services
        self._callbacks, self._access = callbacks, MicrophoneAccess(permissions)
        post, show = services.post, self._show_message
        self._writer = LibraryWriter(
            services.library,
            lambda line: post(lambda: show(line)),
            services.library_thread,
        )
        self._pending: dict[int, CaptionUtterance] = {}  # by number
        self._speaking: CaptionUtterance | None = None  # the one being recorded
        self._session = 0
        self._texts: list[str] = []  # of this session, once they are final
        self._is_on = self._dictating = self._away = self._ended_away = False
        self._phase = Phase.OFF

    @property
    def is_on(self) -> bool:
        return self._is_on

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is in progress, so that no tick is needed."""
        return not self._is_on and not self._pending

    @property
    def text(self) -> str:
        """All words since captions were last turned on, one line per utterance."""
        lines = list(self._texts)
        for pending in self._pending.values():
            if pending.session == self._session:
                lines.append(pending.so_far("").text)
        return "\n".join(line for line in lines if line)

    def toggle(self) -> MicaError | None:
        """Turn captions on or off; if that is impossible, show and return why."""
        problem = None
        if self._is_on:
            self._stop()
        elif (problem := self.refusal() or self._access.problem()) is not None:
            self._show_message(problem.line())
        elif not self._away:  # nobody sees captions on a locked screen
            self._is_on, self._texts = True, []
            self._session += 1
        self.tick()
        return problem

    def forget(self) -> None:
        """The texts were deleted."""
        self._texts.clear()

    def pause_for_dictation(self, dictating: bool) -> None:
        """Pause while the user dictates, and resume afterwards."""
        self._dictating = dictating
        if dictating:
            self._end_utterance()
        self._show()

    def change_microphone(self, wanted: WantedDevice) -> None:
        """Continue on another microphone if `wanted` selects one."""
        if self._speaking is not None:
            self._speaking.recording.use_microphone(wanted)

    def suspend(self) -> None:
        """Turn captions off because the user is away: sleep, lock or user switch."""
        self._away = True
        self._ended_away |= self._is_on
        self._stop()
        self._show()

    def resume(self) -> None:
        """The user is back: tell them if captions ended meanwhile."""
        self._away = False
        if self._ended_away:
            self._ended_away = False
            self._show_message(CAPTIONS_ENDED_AWAY, False)

    def on_recording(self, event: RecordingEvent) -> None:
        """Act on what a recording reports."""
        pending = self._pending.get(event.utterance)
        if pending is None:  # it has already ended
            return
        listens = pending is self._speaking
        notices = pending.on_recording(event, self._permissions, listens=listens)
        self._show_notices(notices)
        match event:
            case Opened(journal=Path() as journal):
                self._writer.set_journal(pending.number, journal)
            case Level(recorded_s=recorded_s):
                pending.recorded_s = recorded_s
                if listens and pending.is_long(event):
                    self._end_utterance()
            case Lost() if listens:
                self._stop()
            case Ended(error=MicaError() as error):
                self._failed(pending, error)
        if listens and pending.is_denied:
            self._stop()
        self._show()

    def on_engine(self, event: EngineEvent) -> bool:
        """Act on an event of the engine client; whether it concerned captions alone."""
        match event:
            case Hypothesis(number, text) if number in self._pending:
                self._add_words(self._pending[number], "", text)
            case Committed(number, text=text) if number in self._pending:
                self._add_words(self._pending[number], text, "")
            case Finished(number, transcript) if number in self._pending:
                self._finished(self._pending[number], transcript)
            case Failed(number, error) if number in self._pending:
                pending = self._pending[number]
                if pending.fails_for_good(error):
                    self._failed(pending, error)
                elif pending is self._speaking:  # whose words come later
                    self._show_message(error.line())
            case _:
                return False
        self._show()
        return True

    def tick(self) -> None:
        """Begin the next utterance if it is due; call every TICK_S."""
        for pending in list(self._pending.values()):
            pending.replay()
            self._show_notices(pending.stall_notices())
            if pending is not self._speaking and pending.has_missed_microphone:
                pending.recording.cancel()
                self._failed(pending, NO_SOUND_SYSTEM)
        listens = self._speaking is not None or self._dictating
        if self._is_on and not listens and self._services.active.none:
            self._begin_utterance()
        self._show()

    def close(self) -> None:
        """Save the recording and the words so far, as the app quits."""
        self._is_on, self._speaking = False, None
        for pending in self._pending.values():
            pending.recording.cancel()
        for pending in self._pending.values():
            pending.recording.over.wait(1.0)
            self._save_words(pending, CAPTIONS_CUT)
        self._writer.flush()

    def _stop(self) -> None:
        self._is_on = False
        self._end_utterance()

    def _begin_utterance(self) -> None:
        """Start recording; only then ask the disk for anything."""
        services, settings = self._services, self._services.settings()
        number, is_private = self._writer.reserve(), settings.private_dictation
        recording = services.recording(number, self.on_recording)
        pending = CaptionUtterance(
            recording, session=self._session, is_private=is_private
        )
        self._speaking = self._pending[number] = pending
        recording.start(
            settings.microphone,
            services.microphone,
            lambda: recordings_folder(is_private),
            replaces_silent=not self._access.is_denied,
            is_private=is_private,
        )
        options, now_s = TranscribeOptions(style=settings.style), services.wall_clock()
        try:
            insert = options_for(settings, None)
            options = transcribe_options(settings, insert, services.keywords())
        finally:  # whatever happens, it is transcribed
            begin, kind = self._writer.begin, Kind.CAPTIONS
            row = number, now_s, options.style, ""
            begin(*row, kind=kind, is_private=is_private)
            recording.transcribe(replace(options, priority=Priority.LIVE))

    def _end_utterance(self) -> None:
        """Stop recording; what was said is transcribed and still shown."""
        if self._speaking is not None:
            self._speaking.recording.release()
            self._writer.set_status(self._speaking.number, EntryStatus.WORKING)
            self._speaking = None

    def _add_words(
        self, pending: CaptionUtterance, committed: str, tentative: str
    ) -> None:
        if committed:
            pending.committed.append(committed)
        pending.tentative = tentative
        now_s = self._services.clock()
        if committed or now_s >= pending.saved_s + SAVE_S:
            pending.saved_s = now_s
            self._writer.set_committed(pending.number, pending.so_far("").text)
        is_shown = pending.session == self._session and not pending.is_replayed
        if self._is_on and is_shown:
            self._callbacks.on_words(committed, tentative)

    def _finished(self, pending: CaptionUtterance, transcript: Transcript) -> None:
        del self._pending[pending.number]
        for notice in pending.late_notices():
            self._show_message(notice.text, notice.is_trouble)
        if pending.committed and not transcript.text:
            transcript = pending.so_far("")  # what was shown as final stays
        notes = (*transcript.notes, *pending.device_changes)
        self._writer.set_text(pending.number, replace(transcript, notes=notes))
        if pending.is_private:
            self._writer.set_journal(pending.number, None)
            pending.recording.discard()
        self._ended(pending, transcript.text)

    def _failed(self, pending: CaptionUtterance, error: MicaError) -> None:
        """Captions continue without this utterance, unless its recording failed."""
        del self._pending[pending.number]
        if pending is self._speaking:
            pending.recording.cancel()
            self._speaking, self._is_on = None, False
        self._save_words(pending, error.line())
        self._writer.set_status(pending.number, EntryStatus.FAILED, error.line())
        self._ended(pending, pending.so_far("").text)
        self._show_message(failure(error, pending.recording))

    def _ended(self, pending: CaptionUtterance, text: str) -> None:
        """The utterance is final."""
        pending.tentative = ""
        if pending.session == self._session:
            self._texts.append(text)
            if self._is_on:
                self._callbacks.on_words("", "")
        with suppress(MicaError, OSError):  # captions fill a disk soon
            prune(self._services.library, paths.journal_folder())

    def _save_words(self, pending: CaptionUtterance, note: str) -> None:
        transcript = pending.so_far(note)
        if transcript.text:
            self._writer.set_text(pending.number, transcript)

    def _show_notices(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            if notice.is_over:
                self._callbacks.on_retracted(notice.text)
            else:
                self._show_message(notice.text, notice.is_trouble)

    def _show_message(self, text: str, is_trouble: bool = True) -> None:
        _log.info("said: %s", text)  # never what was dictated
        self._callbacks.on_message(text, is_trouble)

    def _show(self) -> None:
        phase = self._now()
        if phase is not self._phase:
            self._phase = phase
            self._callbacks.on_phase(phase)
        if not self.is_quiet:
            self.wake()

    def _now(self) -> Phase:
        if not self._is_on:
            return Phase.OFF
        if self._dictating:
            return Phase.PAUSED
        is_flowing = self._speaking.is_flowing if self._speaking is not None else None
        if is_flowing is None:  # between two utterances the display stays as it is
            is_flowing = self._phase is Phase.LISTENING
        return Phase.LISTENING if is_flowing else Phase.ARMING
