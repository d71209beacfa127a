"""Handles the engine's results for a dictation: final texts and failures.

A text is saved in the library before it is inserted. Knows no keys and shows no state.
"""

import logging
from collections.abc import Callable

from mica.dictation.final_text import FinalTexts
from mica.dictation.retry import Retry, failure
from mica.dictation.state_reporter import StateReporter
from mica.dictation.strings import ENGINE_RESTARTED, NO_SPEECH, NOTHING_LOST
from mica.dictation.utterances import PendingUtterance, Utterances
from mica.engine.client import (
    Committed,
    EngineEvent,
    Failed,
    Finished,
    Ready,
    Restarted,
)
from mica.errors import MicaError
from mica.events import Transcript
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertRequest

_log = logging.getLogger(__name__)


class Results:
    """Routes the engine's events. Main thread only.

    stop_listening   called if the utterance being recorded fails
    """

    def __init__(
        self,
        utterances: Utterances,
        insertion: InsertionQueue,
        texts: FinalTexts,
        retry: Retry,
        reporter: StateReporter,
        stop_listening: Callable[[], None],
    ) -> None:
        self._utterances, self._insertion = utterances, insertion
        self._texts, self._retry = texts, retry
        self._reporter, self._stop_listening = reporter, stop_listening

    def on_engine(self, event: EngineEvent) -> bool:
        """Act on an event of the engine client; whether it was a final text."""
        if self._retry.on_engine(event):
            return False
        match event:
            case Ready(model, load_s):
                _log.info("the model is ready: %s, %.1f s", model, load_s)
                self._reporter.engine_ready()
            case Failed(None, error):
                self._reporter.show_engine_trouble(error.line())
            case Restarted(int(utterance)):
                at = self._utterances.find(utterance)
                is_whole = at is not None and not at.is_damaged
                self._reporter.show_message(
                    f"{ENGINE_RESTARTED} {NOTHING_LOST}"
                    if is_whole
                    else ENGINE_RESTARTED
                )
            case Committed(utterance, text=text):
                if (pending := self._utterances.find(utterance)) is not None:
                    self._utterances.commit(pending, text)
            case Finished(utterance, transcript):
                if (pending := self._utterances.find(utterance)) is not None:
                    self.finish(pending, transcript)
                    return True
            case Failed(int(utterance), error):
                if (pending := self._utterances.find(utterance)) is not None:
                    self._fail_once(pending, error)
        return False

    def finish(self, pending: PendingUtterance, transcript: Transcript) -> None:
        """Save the text in the library, then queue it for the window."""
        if not self._utterances.finish(pending, transcript):
            return
        self._reporter.show_messages(pending.late_notices())
        for note in transcript.notes:
            self._reporter.show_message(note)
        if not transcript.text:
            self._reporter.show_message(NO_SPEECH)
            return
        self._texts.offer(None)
        if pending.history_only:
            self._texts.record_missed(pending.number)
        else:
            keywords = pending.recording.options.keywords
            place = pending.target, pending.options, keywords
            request = InsertRequest(pending.number, transcript.text, *place)
            self._insertion.add(request)
        self._reporter.show_text(transcript.text)

    def fail(self, pending: PendingUtterance, error: MicaError) -> None:
        """End the utterance without a text, and tell the user why."""
        is_speaking = pending is self._utterances.speaking
        self._utterances.fail(pending, error)
        if is_speaking:
            self._stop_listening()
        line = failure(error, is_saved=pending.recording.is_saved)
        self._reporter.show_trouble(line)

    def _fail_once(self, pending: PendingUtterance, error: MicaError) -> None:
        """Fail at the second failure only. Only the key ends a recording: it continues,
        and is then replayed to the engine."""
        _log.warning("the engine failed: %s", error.line())
        if pending.engine_failure is not None:
            self.fail(pending, error)
        pending.engine_failure = error
