"""Live captions of the microphone: utterances that are shown and kept, never inserted.

Dictation comes first: while the user dictates captions stand aside, and then go on
with an utterance of their own. It knows no window toolkit; callers marshal every call
to the main thread and call tick() every TICK_S, from wake() until it is quiet.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Final

from mica import paths
from mica.audio.capture import Microphone
from mica.audio.device_selection import WantedDevice
from mica.audio.failover import MakeSource
from mica.audio.journal import prune
from mica.dictation.engine_queue import EngineQueue
from mica.dictation.heard import CaptionUtterance
from mica.dictation.recording import Engine, Recording
from mica.dictation.retry import failure
from mica.dictation.utterances import DENIED, MicrophoneAccess, PendingUtterance
from mica.engine.client import (
    Committed,
    EngineEvent,
    Failed,
    Finished,
    Hypothesis,
)
from mica.errors import MicaError
from mica.events import Transcript
from mica.host.ports import Permissions
from mica.insertion.options import options_for, transcribe_options
from mica.library.store import EntryStatus, Kind, Library
from mica.library.writer import LibraryWriter
from mica.settings import Settings

TICK_S: Final = 0.1
LEFT: Final = "You left, so the captions ended. What was heard is in the history."
CUT: Final = "Mica quit while this was said; its last words were not checked."
_log = logging.getLogger(__name__)


class Phase(Enum):
    """What captions are doing."""

    OFF = "off"
    ARMING = "arming"  # no real sample comes: not yet, or no longer
    LISTENING = "listening"
    ASIDE = "aside"  # the user dictates


class Captions:
    """Main thread only.

    on_phase     what to show
    on_words     words that are final now, and those that may still change
    on_message   a line for the user, and whether it is trouble
    turns        shared with the dictation
    settings     those in force
    refusal      why nothing can be transcribed now
    wake         called while something is under way; ticks are needed from then on
    """

    def __init__(
        self,
        *,
        permissions: Permissions,
        client: Engine,
        history: Library,
        settings: Callable[[], Settings],
        keywords: Callable[[], list[str]],
        turns: EngineQueue,
        on_phase: Callable[[Phase], None],
        on_words: Callable[[str, str], None],
        on_message: Callable[[str, bool], None],
        microphone: MakeSource = Microphone,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self.wake: Callable[[], None] = lambda: None
        self.refusal: Callable[[], MicaError | None] = lambda: None
        self._permissions, self._client, self._turns = permissions, client, turns
        self._access = MicrophoneAccess(permissions)
        self._writer = LibraryWriter(
            history, lambda line: self._say(line, trouble=True)
        )
        self._keywords, self._microphone = keywords, microphone
        self._on_phase, self._on_words = on_phase, on_words
        self._on_message = on_message
        self._clock, self._wall_clock = clock, wall_clock
        self._heard: dict[
            int, CaptionUtterance
        ] = {}  # by utterance, those without their end
        self._open: CaptionUtterance | None = None  # the one that is spoken into
        self._run = 0
        self._texts: list[str] = []  # of this run, where they have their end
        self._wanted = self._dictating = self._away = self._left = False
        self._phase = Phase.OFF

    @property
    def is_on(self) -> bool:
        return self._wanted

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way, so that no tick is needed."""
        return not self._wanted and not self._heard

    @property
    def text(self) -> str:
        """All words since captions began last, a line for each utterance."""
        mine = [heard for heard in self._heard.values() if heard.run == self._run]
        lines = [*self._texts, *(heard.so_far("").text for heard in mine)]
        return "\n".join(line for line in lines if line)

    def toggle(self) -> None:
        """Begin, or end."""
        if self._wanted:
            self._stop()
        elif (problem := self.refusal() or self._access.problem()) is not None:
            self._say(problem.line(), trouble=True)
        elif not self._away:  # nobody looks at a locked screen
            self._wanted, self._texts = True, []
            self._run += 1
            prune(paths.journal_folder())  # they fill a disk sooner than dictations
        self.tick()

    def pause_for_dictation(self, dictating: bool) -> None:
        """The user begins to dictate, or no longer speaks."""
        self._dictating = dictating
        if dictating:
            self._end_utterance()
        self._show()

    def change_microphone(self, wanted: WantedDevice) -> None:
        """They go on with another one, where that means one."""
        if self._open is not None:
            self._open.recording.listen_by(wanted)

    def leave(self) -> None:
        """The user went: sleep, a locked screen, another user's turn."""
        self._away = True
        self._left |= self._wanted
        self._stop()
        self._show()

    def come_back(self) -> None:
        """The user is here again."""
        self._away = False
        if self._left:
            self._left = False
            self._say(LEFT)

    def on_engine(self, event: EngineEvent) -> bool:
        """Whether what the engine client tells was about captions alone."""
        match event:
            case Hypothesis(number, text) if number in self._heard:
                self._hear(self._heard[number], "", text)
            case Committed(number, text=text) if number in self._heard:
                self._hear(self._heard[number], text, "")
            case Finished(number, transcript) if number in self._heard:
                self._look_at(self._heard[number])  # its journal may be news
                if number in self._heard:
                    self._finished(self._heard[number], transcript)
            case Failed(number, error) if number in self._heard:
                self._failed(self._heard[number], error)
            case _:
                return False
        self._show()
        return True

    def tick(self) -> None:
        """Look after the recordings, and begin the next where it is time."""
        for heard in list(self._heard.values()):
            self._look_at(heard)
        if self._open is not None and self._open.is_long:
            self._end_utterance()
        listens = self._open is not None or self._dictating
        if self._wanted and not listens and self._turns.free:
            self._begin_utterance()
        self._show()

    def close(self) -> None:
        """The app quits: the recording is kept, and the words so far."""
        self._wanted, self._open = False, None
        for heard in self._heard.values():
            heard.recording.cancel()
        for number, heard in self._heard.items():
            heard.recording.over.wait(1.0)
            self._keep(number, heard, CUT)
        self._writer.settle()

    def _stop(self) -> None:
        self._wanted = False
        self._end_utterance()

    def _begin_utterance(self) -> None:
        chosen = self._settings()
        options = options_for(chosen, None)
        wanted = transcribe_options(chosen, options, self._keywords())
        now_s = self._wall_clock()
        number = self._writer.begin(now_s, options.style, "", kind=Kind.CAPTIONS)
        recording = Recording(number, wanted, self._client, self._turns, self._clock)
        pending = PendingUtterance(recording, None, options)
        self._open = self._heard[number] = CaptionUtterance(pending, self._run)
        recording.start(chosen.microphone, self._microphone, paths.journal_folder())

    def _end_utterance(self) -> None:
        """What was said becomes text, behind what is shown."""
        if self._open is not None:
            self._open.recording.release()
            self._writer.mark(self._open.recording.utterance, EntryStatus.WORKING)
            self._open = None

    def _look_at(self, heard: CaptionUtterance) -> None:
        recording, pending = heard.recording, heard.pending
        if recording.error is not None:
            self._failed(heard, recording.error)
            return
        pending.note_journal(self._writer)
        listens = heard is self._open
        news = pending.news(self._permissions, listens=listens, steady=True)
        for line, trouble in news:
            self._say(line, trouble=trouble)
        if listens and (recording.lost or DENIED in pending.told):
            self._stop()

    def _hear(self, heard: CaptionUtterance, committed: str, tentative: str) -> None:
        if committed:
            heard.committed.append(committed)
            self._writer.set_committed(
                heard.recording.utterance, " ".join(heard.committed)
            )
        heard.tentative = tentative
        if self._wanted and heard.run == self._run:
            self._on_words(committed, tentative)

    def _finished(self, heard: CaptionUtterance, transcript: Transcript) -> None:
        number = heard.recording.utterance
        del self._heard[number]
        for line, trouble in heard.pending.late_news():
            self._say(line, trouble=trouble)
        notes = (*transcript.notes, *heard.recording.device_changes)
        self._writer.set_text(number, replace(transcript, notes=notes))
        self._ended(heard, transcript.text)

    def _failed(self, heard: CaptionUtterance, error: MicaError) -> None:
        """It goes on without this one, unless it was spoken into."""
        number = heard.recording.utterance
        del self._heard[number]
        if heard is self._open:
            heard.recording.cancel()
            self._open, self._wanted = None, False
        self._keep(number, heard, error.line())
        self._writer.mark(number, EntryStatus.FAILED, error.line())
        self._ended(heard, heard.so_far("").text)
        self._say(failure(error, kept=heard.recording.is_kept), trouble=True)

    def _ended(self, heard: CaptionUtterance, text: str) -> None:
        """Nothing of it changes any more."""
        if heard.run == self._run:
            self._texts.append(text)
        self._hear(heard, "", "")

    def _keep(self, number: int, heard: CaptionUtterance, note: str) -> None:
        transcript = heard.so_far(note)
        if transcript.text:
            self._writer.set_text(number, transcript)

    def _say(self, text: str, *, trouble: bool = False) -> None:
        _log.info("told: %s", text)  # never what was heard
        self._on_message(text, trouble)

    def _show(self) -> None:
        phase = self._now()
        if phase is not self._phase:
            self._phase = phase
            self._on_phase(phase)
        if not self.is_quiet:
            self.wake()

    def _now(self) -> Phase:
        if not self._wanted:
            return Phase.OFF
        if self._dictating:
            return Phase.ASIDE
        health = self._open.recording.health if self._open is not None else None
        if health is None:  # between two utterances nothing changes to the eye
            return Phase.LISTENING if self._phase is Phase.LISTENING else Phase.ARMING
        return Phase.LISTENING if health.flowing else Phase.ARMING
