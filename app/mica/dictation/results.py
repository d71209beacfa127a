"""Handles the engine's results for a dictation, and inserts or copies the last one.

A text is saved in the library before it is inserted. How and in which order texts get
into windows is up to insertion/queue.py. Knows no keys and shows no state.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mica.dictation.retry import Retry, failure
from mica.dictation.state_reporter import StateReporter
from mica.dictation.strings import (
    COPIED,
    ENGINE_RESTARTED,
    ENGINE_UNRESPONSIVE,
    LAST_FAILED,
    LAST_LOST,
    LAST_WORKING,
    MISSED,
    NO_RECORDING,
    NO_TEXT,
    NO_TEXT_YET,
    NOTHING_LOST,
    RECORDING_COPIED,
)
from mica.dictation.utterances import PendingUtterance, Utterances
from mica.engine.client import (
    Committed,
    EngineEvent,
    Failed,
    Finished,
    Ready,
    Restarted,
    Unresponsive,
)
from mica.errors import MicaError
from mica.events import Style, Transcript
from mica.host.ports import Focus
from mica.insertion.options import options_for
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertReport, InsertRequest
from mica.library.store import EntryStatus, LibraryEntry
from mica.library.writer import LibraryWriter, has_samples
from mica.settings import Settings

SAVE_S: Final = 0.5  # for saving a text before it is inserted
_log = logging.getLogger(__name__)


class FinalTexts:
    """Pastes or copies the last dictation, and records outcomes. Main thread only.

    settings       those in effect
    away           the user is away, so nothing is inserted
    show_text      shows the last dictation
    show_message   shows a line to the user
    """

    def __init__(
        self,
        focus: Focus,
        writer: LibraryWriter,
        insertion: InsertionQueue,
        settings: Callable[[], Settings],
        keywords: Callable[[], list[str]],
        show_text: Callable[[str], None],
        show_message: Callable[[str], None],
    ) -> None:
        self._focus, self._writer, self._insertion = focus, writer, insertion
        self._settings, self._keywords = settings, keywords
        self._show_text, self._show_message = show_text, show_message
        self._words: dict[int, str] = {}  # of texts whose punctuation was removed
        self.away = self._missed = False

    @property
    def last(self) -> str:
        """The newest text in the library; empty if there is none."""
        entry = self._writer.last()
        return self._as_inserted(entry).text if entry is not None else ""

    def on_transcribed(self, utterance: int) -> bool:
        """A recording was transcribed again; whether it is the last dictation."""
        self._words.pop(utterance, None)
        newest = self._writer.newest()
        return newest is not None and newest.id == utterance

    def forget(self) -> None:
        """The texts were deleted."""
        self._words.clear()

    def record_missed(self, utterance: int) -> None:
        """Record that the user was away, so that only the library has the text."""
        self._writer.set_status(utterance, EntryStatus.WRITTEN, MISSED)

    def paste_last(self) -> None:
        """Insert the last dictation again, into the focused window."""
        if not self.away and (entry := self._last()) is not None:
            self._insert(self._as_inserted(entry))

    def copy_last(self) -> None:
        """Copy the last dictation, for the user to paste."""
        entry = self._last()
        if entry is not None:
            self._insertion.copy(self._as_inserted(entry).text, COPIED)

    def insert(self, utterance: int) -> None:
        """Insert the text of any recording into the focused window."""
        if not self.away and (entry := self._with_text(utterance)) is not None:
            self._insert(entry)

    def copy(self, utterance: int) -> None:
        """Copy the text of any recording, for the user to paste."""
        entry = self._with_text(utterance)
        if entry is not None:
            self._insertion.copy(entry.text, RECORDING_COPIED)

    def _insert(self, entry: LibraryEntry) -> None:
        if self._insertion.is_inserting(entry.id):
            return
        target = self._focus.current()
        options = options_for(self._settings(), target)
        options_now = replace(options, style=entry.style, submits=False)
        keywords = tuple(self._keywords())
        request = InsertRequest(entry.id, entry.text, target, options_now, keywords)
        self._insertion.add(request)

    def _with_text(self, utterance: int) -> LibraryEntry | None:
        """The row of a recording that has a text; None: the user was told."""
        entry = self._writer.entry(utterance)
        if entry is not None and entry.text:
            return entry
        self._show_message(NO_RECORDING if entry is None else NO_TEXT_YET)
        return None

    def _as_inserted(self, entry: LibraryEntry) -> LibraryEntry:
        """The entry with the words that replaced its text; the library keeps that."""
        words = self._words.get(entry.id)
        return entry if words is None else replace(entry, text=words, style=Style.RAW)

    def _replace_by_words(self, utterance: int, words: str) -> None:
        self._words[utterance] = words
        newest = self._writer.newest()
        if newest is not None and utterance == newest.id:
            self._show_text(words)

    def _last(self) -> LibraryEntry | None:
        """The last dictation, never silently another; None: the user was told."""
        newest = self._writer.newest()
        if newest is None:
            self._show_message(NO_TEXT)
        elif newest.status is EntryStatus.WORKING:
            self._show_message(LAST_WORKING)
        elif newest.status is not EntryStatus.FAILED:
            return newest
        else:
            self._show_message(LAST_FAILED if has_samples(newest) else LAST_LOST)
        return None

    def suspend(self, working: bool) -> None:
        """Cancel all insertions and begin none, because the user is away.

        working   something was in progress; the user is told in resume()
        """
        self.away = True
        self._missed |= working
        self._insertion.cancel()

    def resume(self) -> None:
        """The user is back: tell them what was not inserted."""
        self.away = False
        if self._missed:
            self._missed = False
            self._show_message(MISSED)

    def on_report(self, report: InsertReport) -> bool:
        """Save and show the outcome; True if the text arrived without a message."""
        if report.utterance is not None:
            entry = self._writer.entry(report.utterance)
            if entry is None or not entry.is_incomplete:  # else its text is partial
                number, status = report.utterance, report.status
                self._writer.set_status(number, status, report.message)
            if report.words is not None:
                self._replace_by_words(report.utterance, report.words)
        if report.message is not None:
            self._show_message(report.message)
        return report.status is EntryStatus.INSERTED and report.message is None


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
        clock: Callable[[], float],
    ) -> None:
        self._utterances, self._insertion = utterances, insertion
        self._texts, self._retry = texts, retry
        self._reporter, self._stop_listening = reporter, stop_listening
        self._clock = clock
        self._unsaved: deque[tuple[PendingUtterance, InsertRequest, float]] = deque()

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
            case Unresponsive() if self._utterances.speaking is not None:
                self._reporter.show_message(ENGINE_UNRESPONSIVE)
            case Restarted(int(utterance)):
                at = self._utterances.find(utterance)
                is_whole = at is not None and _is_whole(at)
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
            self._reporter.show_messages([pending.why_empty(transcript.duration_s)])
            return
        if pending.history_only:
            self._texts.record_missed(pending.number)
        else:
            keywords = pending.recording.options.keywords
            place = pending.target, pending.options, keywords
            request = InsertRequest(pending.number, transcript.text, *place)
            self._unsaved.append((pending, request, self._clock() + SAVE_S))
            self.tick()
        self._reporter.show_text(transcript.text)

    def tick(self) -> None:
        """Insert the texts that are in the library, in order; without waiting longer
        for those that can't be saved."""
        while self._unsaved:
            pending, request, latest_s = self._unsaved[0]
            if not self._utterances.is_saved(pending) and self._clock() < latest_s:
                return
            self._unsaved.popleft()
            self._insertion.add(request)

    @property
    def busy(self) -> bool:
        """Whether a text waits to be saved before it is inserted."""
        return bool(self._unsaved)

    def fail(self, pending: PendingUtterance, error: MicaError) -> None:
        """End the utterance without a text, and tell the user why."""
        is_speaking = pending is self._utterances.speaking
        self._utterances.fail(pending, error)
        if is_speaking:
            self._stop_listening()
        self._reporter.show_trouble(failure(error, pending.recording))

    def _fail_once(self, pending: PendingUtterance, error: MicaError) -> None:
        """Fail after the replay only. Only the key ends a recording: it continues, and
        is then replayed to the engine."""
        _log.warning("the engine failed: %s", error.line())
        if pending.fails_for_good(error):
            self.fail(pending, error)


def _is_whole(pending: PendingUtterance) -> bool:
    """Whether all that was said is on disk; looks just now."""
    return not pending.is_damaged and pending.recording.is_whole
