"""A kept recording made into text once more, because the user asked for it.

Its text goes into its row and is offered to be pasted; it is never inserted by itself.
What is dictated meanwhile comes first.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from mica.audio.journal import extent
from mica.dictation.engine_queue import EngineQueue
from mica.dictation.recording import Engine
from mica.engine.client_events import Committed, EngineEvent, Failed, Finished
from mica.errors import EngineError, MicaError
from mica.events import Transcript
from mica.host.ports import Target
from mica.insertion.options import options_for, transcribe_options
from mica.library.store import AGAIN, EntryStatus, LibraryEntry
from mica.library.writer import LibraryWriter
from mica.settings import Settings

NOTHING: Final = "There is no failed dictation to transcribe."
NO_SPEECH: Final = "No speech detected in the recording."
FAILED: Final = "Transcription failed."
READY: Final = "Transcribed. Choose Paste Last Dictation to insert it."
SAFE: Final = "Your recording is safe: choose Transcribe Again from the menu."
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Wanted:
    """sent   the engine has it; else it waits for its turn"""

    entry: LibraryEntry
    sent: bool = False


class Retry:
    """Main thread only; tick() while busy.

    settings    those in force
    refusal     why nothing can be transcribed now
    on_text     it has its text: its row, with the text in it
    say         a line for the user, and whether it is trouble
    """

    def __init__(
        self,
        engine: Engine,
        turns: EngineQueue,
        writer: LibraryWriter,
        settings: Callable[[], Settings],
        keywords: Callable[[], list[str]],
        on_text: Callable[[LibraryEntry], None],
        say: Callable[[str, bool], None],
    ) -> None:
        self.refusal: Callable[[], MicaError | None] = lambda: None
        self._engine, self._turns, self._writer = engine, turns, writer
        self._settings, self._keywords = settings, keywords
        self._on_text, self._say = on_text, say
        self._wanted: _Wanted | None = None

    @property
    def busy(self) -> bool:
        return self._wanted is not None

    @property
    def possible(self) -> bool:
        """Whether one has failed, has its recording, and is not at work."""
        return not self.busy and self._writer.failed() is not None

    def begin(self) -> None:
        """With the newest that failed."""
        if self._wanted is not None:
            return
        entry, problem = self._writer.failed(), self.refusal()
        if entry is None:
            self._say(NOTHING, False)
        elif problem is not None:
            self._say(problem.line(), True)
        else:
            self._wanted = _Wanted(entry)
            self.tick()

    def tick(self) -> None:
        """Send it where nobody records."""
        wanted = self._wanted
        if wanted is None or wanted.sent or not self._turns.free:
            return
        entry = wanted.entry
        assert entry.journal is not None
        rate_hz, samples = extent(entry.journal)
        settings, target = self._settings(), Target(0, None, entry.target)
        options = replace(
            transcribe_options(
                settings, options_for(settings, target), self._keywords()
            ),
            style=entry.style,
            target_language=entry.to,
            live=False,
        )
        wanted.sent = True
        self._engine.begin(entry.id, rate_hz, options, entry.journal)
        self._engine.push(entry.id, samples, b"")  # read from the recording
        self._engine.end(entry.id, samples)

    def pause_for_dictation(self) -> None:
        """The user dictates: an hour's recording would keep them waiting."""
        if self._wanted is not None and self._wanted.sent:
            self._engine.cancel(self._wanted.entry.id)
            self._wanted.sent = False

    def on_engine(self, event: EngineEvent) -> bool:
        """Whether what the engine client tells was about this one alone."""
        wanted = self._wanted
        if wanted is None or not wanted.sent:
            return False
        number = wanted.entry.id
        match event:
            case Finished(utterance, transcript) if utterance == number:
                self._wanted = None
                self._finished(wanted.entry, transcript)
            case Failed(utterance, error) if utterance == number:
                self._wanted = None
                _log.warning("not transcribed: %s", error.line())
                self._writer.mark(number, EntryStatus.FAILED, error.line())
                self._say(failure(error, kept=True), True)
            case Committed(utterance) if utterance == number:
                pass
            case _:
                return False
        return True

    def _finished(self, entry: LibraryEntry, transcript: Transcript) -> None:
        self._writer.set_text(entry.id, transcript)
        self._writer.mark(entry.id, EntryStatus.WRITTEN, AGAIN)
        if not transcript.text:
            self._say(NO_SPEECH, False)
            return
        written = self._writer.entry(entry.id)
        if written is not None:
            self._on_text(written)
            self._say(READY, False)


def failure(error: MicaError, *, kept: bool) -> str:
    """What the user is told of an utterance without a text; the rest is in the log.

    kept   its recording is on the disk
    """
    if not kept:
        return error.line()
    is_inside = isinstance(error, EngineError)  # nothing the user could do about it
    return f"{FAILED if is_inside else error.line()} {SAFE}"
