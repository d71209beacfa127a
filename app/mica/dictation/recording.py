"""One utterance's recording: from the microphone to disk, then to the engine.

It starts before anything else is known of the utterance: nothing may stand between the
key and the microphone. Its own thread is the only reader of the microphones and appends
each chunk to the journal before sending it to the engine. After the key-up it continues
until the last word ends. It posts events (recording_events.py) and decides nothing
about text or state. Over 300 lines: all that its thread does, in order.
"""

import errno
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from enum import Enum
from pathlib import Path
from typing import Final

import numpy as np

from mica.audio.device_selection import WantedDevice
from mica.audio.failover import FailoverMicrophone
from mica.audio.journal import Journal, extent, free_number, remove, samples_in
from mica.audio.microphone_source import AudioSpan, MakeSource
from mica.dictation.engine_feed import Engine, EngineFeed
from mica.dictation.microphone_reporter import MicrophoneReporter
from mica.dictation.recording_events import (
    DeviceChanged,
    DiskProblem,
    Ended,
    Lost,
    Opened,
    RecordingEvent,
    Stopped,
)
from mica.engine.endpointing import Endpointer
from mica.errors import EngineError, MicaError
from mica.events import TranscribeOptions
from mica.unhandled import reason, trace

POLL_S: Final = 0.02  # how soon a key-up or a lost device is noticed
STALLED_S: Final = 2.0  # opening a slow headset takes a second
_UNSAVED: Final = "The recording couldn’t be saved."
NOT_SAVED: Final = MicaError(_UNSAVED, "Check the disk and the folder’s permissions.")
DISK_FULL: Final = MicaError(_UNSAVED, "The disk is full. Free some space.")
_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
DISK_SLOW: Final = MicaError(
    "The disk is too slow; a part of the recording is missing.", "Close other programs."
)
_log = logging.getLogger(__name__)


class Stall(Enum):
    """What a recording waits for, longer than it should."""

    MICROPHONE = "microphone"
    DISK = "disk"


class ActiveRecordings:
    """The recordings in progress. Main thread only; shared by dictation and captions.

    Captions begin only if there are none, so that no word is recorded twice.
    """

    def __init__(self) -> None:
        self._under_way: tuple[threading.Event, ...] = ()

    def add(self, over: threading.Event) -> None:
        """Add a recording; `over` is set when it ends."""
        before = (one for one in self._under_way if not one.is_set())
        self._under_way = (*before, over)

    @property
    def none(self) -> bool:
        """Whether no recording is in progress."""
        return all(over.is_set() for over in self._under_way)


class Recording:
    """One recording; the main thread's handle on the recording's thread.

    journal    its file; None before Opened, and if none could be created
    recorded   samples so far
    over       set when its thread has finished, after Ended was posted
    """

    def __init__(
        self,
        utterance: int,
        engine: Engine,
        active: ActiveRecordings,
        post: Callable[[RecordingEvent], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """post: called on the recording's thread; must return at once."""
        self.utterance = utterance
        self.journal: Path | None = None
        self.recorded = 0
        self.over = threading.Event()
        active.add(self.over)
        self._feed = EngineFeed(utterance, engine)
        self._post, self._clock = post, clock
        self._step: tuple[Stall, float] | None = None  # what its thread does, and since
        self._microphone: FailoverMicrophone | None = None
        self._released: int | None = None
        self._cancelled = threading.Event()
        self._is_discarded = False
        self._removing = threading.Lock()
        self._is_damaged = False  # a DiskProblem was posted
        self._is_blind = False  # its samples could not be looked at
        self._feed_error: EngineError | None = None
        self._replaces_silent, self._is_private = True, False

    def start(
        self,
        wanted: WantedDevice,
        source: MakeSource,
        folder: Callable[[], Path],
        *,
        replaces_silent: bool = True,
        is_private: bool = False,
    ) -> None:
        """Open the microphone and record; returns at once. transcribe() must follow.

        folder            of its file, which has no name if it is private; called on
                          the recording's thread
        replaces_silent   reopen or replace a microphone that gives only zeros
        """
        self._replaces_silent, self._is_private = replaces_silent, is_private
        microphone = FailoverMicrophone(wanted, source, self._clock)
        self._microphone = microphone
        name = f"recording-{self.utterance}"
        args = (microphone, folder)
        threading.Thread(target=self._run, args=args, name=name, daemon=True).start()

    def transcribe(self, options: TranscribeOptions) -> None:
        """Say how it is to be transcribed; until then the engine gets nothing. Only the
        first call counts."""
        self._feed.transcribe(options)

    @property
    def options(self) -> TranscribeOptions:
        """How it is transcribed; the defaults until transcribe() was called."""
        return self._feed.options

    def stall(self) -> Stall | None:
        """What it has been waiting for too long, if anything."""
        step = self._step
        if step is None or time.monotonic() - step[1] < STALLED_S:
            return None
        return step[0]

    def use_microphone(self, wanted: WantedDevice) -> None:
        """Switch to another microphone if `wanted` selects one; call after start()."""
        assert self._microphone is not None
        self._microphone.request(wanted)

    def release(self) -> None:
        """The key came up: samples captured from now on only complete the last word."""
        if self._released is None:
            microphone = self._microphone
            self._released = microphone.captured if microphone is not None else 0

    def cancel(self) -> None:
        """Stop recording and make the engine discard it; the journal stays."""
        self._cancelled.set()

    def discard(self) -> None:
        """Like cancel(), and delete the journal."""
        self._is_discarded = True
        self.cancel()
        if self.over.is_set():
            self._remove_discarded()

    @property
    def is_saved(self) -> bool:
        """Whether any of it is on disk."""
        return self.journal is not None and extent(self.journal)[1] > 0

    @property
    def is_whole(self) -> bool:
        """Whether all of it is on disk; asks the disk."""
        recorded, journal = self.recorded, self.journal
        return journal is not None and samples_in(journal) >= recorded

    def replay(self) -> None:
        """Have the engine transcribe it again from the disk; only after `over`."""
        self._feed.replay(self.recorded, self._last)

    @property
    def _last(self) -> int:
        """The index of the sample at which the key came up."""
        released = self._released
        return self.recorded if released is None else min(released, self.recorded)

    def _run(self, microphone: FailoverMicrophone, folder: Callable[[], Path]) -> None:
        error: MicaError | None = None
        try:
            self._record(microphone, folder)
            self._step = None
            if self._feed_error is not None:
                raise self._feed_error
            if not self._cancelled.is_set():
                self._feed.end(self.recorded, self._last, self._cancelled)
        except MicaError as why:
            error = why
        except Exception as why:  # noqa: BLE001 a session step: report it, and continue
            _log.error("recording: %s", trace(why))
            error = EngineError(f"The recording failed ({reason(why)}).", "Try again.")
        finally:
            self._step = None
            if error is not None or self._cancelled.is_set():
                self._feed.cancel()
            self._post(Ended(self.utterance, error))
            self.over.set()
            self._remove_discarded()

    def _remove_discarded(self) -> None:
        """Delete it, once; called at the end and by discard(), and the later call does
        it."""
        with self._removing:
            if self._is_discarded and self.journal is not None:
                with suppress(OSError):
                    remove(self.journal)
                self.journal = None

    def _begin(self, step: Stall) -> None:
        """Note what the thread does next, in case that takes too long."""
        self._step = step, time.monotonic()

    def _record(
        self, microphone: FailoverMicrophone, folder: Callable[[], Path]
    ) -> None:
        with ExitStack() as closing:  # closed in reverse order
            closing.callback(microphone.close)
            closing.callback(self._post, Stopped(self.utterance))
            self._begin(Stall.MICROPHONE)
            microphone.open()
            if self._cancelled.is_set():  # the sound system hung meanwhile
                return
            journal = self._open_journal(folder, microphone.rate_hz)
            if journal is not None:
                closing.callback(journal.close)
            self._feed.open(microphone.rate_hz, self.journal)
            self._post(Opened(self.utterance, self.journal))
            self._listen(microphone, journal)

    def _open_journal(self, folder: Callable[[], Path], rate_hz: int) -> Journal | None:
        """The journal; None if it could not be created."""
        self._begin(Stall.DISK)
        try:
            place = folder()
            if self._is_private:
                journal = Journal.open_private(place, rate_hz)
            else:
                number = free_number(place, self.utterance)
                journal = Journal.open(place, number, rate_hz)
        except Exception as why:  # noqa: BLE001 whatever it is, the recording goes on
            self._report_unsaved(why)
            return None
        self.journal = journal.path
        return journal

    def _listen(self, microphone: FailoverMicrophone, journal: Journal | None) -> None:
        """Record until the last word ends, the user cancels or no microphone is
        left."""
        endpointer = self._make_endpointer(microphone.rate_hz)
        reporter = MicrophoneReporter(self.utterance, microphone.rate_hz, self._post)
        reporter.start(microphone.device)
        while not self._cancelled.is_set() and not self._has_ended(endpointer):
            self._begin(Stall.MICROPHONE)
            try:
                span = microphone.get(POLL_S)
            except queue.Empty:
                if microphone.reconnecting:
                    reporter.disconnected()
                if microphone.lost:
                    self._post(Lost(self.utterance))
                is_ending = microphone.reconnecting and self._released is not None
                if microphone.lost or is_ending:
                    return
                continue
            self._begin(Stall.DISK)
            if not span.recorded:  # silence until the next microphone was open
                self._report_change(microphone, journal)
            if microphone.overflow and not self._is_damaged:
                self._report_damage(DISK_SLOW)
            journal = self._append(journal, span.pcm)
            self._send(span.pcm, saved=journal is not None)
            self.recorded += len(span.pcm) // 4
            if endpointer is None or self._is_blind:
                continue
            try:
                self._observe(span, microphone, reporter, endpointer)
            except Exception as why:  # noqa: BLE001 the recording goes on
                self._is_blind = True
                _log.error("recording: %s", trace(why))

    def _make_endpointer(self, rate_hz: int) -> Endpointer | None:
        try:
            return Endpointer(rate_hz)
        except Exception as why:  # noqa: BLE001 it ends with the key, not the word
            self._is_blind = True
            _log.error("recording: %s", trace(why))
            return None

    def _has_ended(self, endpointer: Endpointer | None) -> bool:
        """Whether the last word has ended after the key-up."""
        released = self._released
        if released is None:
            return False
        if endpointer is None or self._is_blind:
            return self.recorded >= released
        endpointer.release(released)
        return endpointer.end is not None and self.recorded >= endpointer.end

    def _send(self, pcm: bytes, *, saved: bool) -> None:
        """Send samples to the engine; an error ends only that, not the recording."""
        if self._feed_error is not None:
            return
        try:
            self._feed.push(self.recorded, pcm, saved=saved)
        except Exception as why:  # noqa: BLE001 it is replayed later
            _log.error("recording: %s", trace(why))
            what = f"The recording didn’t reach the engine ({reason(why)})."
            self._feed_error = EngineError(what, "Try again.")

    def _observe(
        self,
        span: AudioSpan,
        microphone: FailoverMicrophone,
        reporter: MicrophoneReporter,
        endpointer: Endpointer,
    ) -> None:
        """Report what the samples say, and replace a microphone that is silent."""
        if span.recorded:
            reporter.push(span.pcm)
            is_dead = reporter.is_dead(has_worked=microphone.has_worked)
            if self._replaces_silent and is_dead:
                microphone.replace_silent()
        else:
            reporter.start(microphone.device)
        endpointer.push(np.frombuffer(span.pcm, "<f4"), recorded=span.recorded)
        reporter.report_level(self.recorded, endpointer)

    def _report_change(
        self, microphone: FailoverMicrophone, journal: Journal | None
    ) -> None:
        change = microphone.device_changes[-1]
        line = change.line(microphone.rate_hz)
        if journal is not None:
            journal.add_cue(change.at, line)
        self._post(
            DeviceChanged(
                self.utterance, line, change.user_requested, change.was_silent
            )
        )

    def _append(self, journal: Journal | None, pcm: bytes) -> Journal | None:
        """Append to the journal; None once that fails. The engine still gets all."""
        try:
            if journal is not None:
                journal.append(pcm)
        except Exception as why:  # noqa: BLE001 whatever it is, the recording goes on
            self._report_unsaved(why)
            return None
        return journal

    def _report_unsaved(self, why: Exception) -> None:
        cause = why.__cause__ if isinstance(why, MicaError) else why
        _log.warning("not recorded: %s", reason(cause or why))
        number = cause.errno if isinstance(cause, OSError) else None
        self._report_damage(DISK_FULL if number in _FULL else NOT_SAVED)

    def _report_damage(self, error: MicaError) -> None:
        self._is_damaged = True
        self._post(DiskProblem(self.utterance, error))
