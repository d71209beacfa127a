"""One utterance's recording: from the microphone to disk, then to the engine.

Its own thread is the only reader of the microphones and appends each chunk to the
journal before sending it to the engine. After the key-up it continues until the last
word ends. It posts events (recording_events.py) and decides nothing about text or
state.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import numpy as np

from mica.audio.device_selection import WantedDevice
from mica.audio.failover import FailoverMicrophone
from mica.audio.journal import Journal, extent, journal_path, remove
from mica.audio.microphone_source import MakeSource
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

POLL_S: Final = 0.02  # how soon a key-up or a lost device is noticed
NOT_SAVED: Final = MicaError(
    "The recording could not be saved.", "Free some disk space."
)
DISK_SLOW: Final = MicaError(
    "The disk is too slow; a part of the recording is missing.", "Close other programs."
)
_log = logging.getLogger(__name__)


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

    options    how it is transcribed
    journal    its file; None before Opened, and if none could be created
    recorded   samples so far
    over       set when its thread has finished, after Ended was posted
    """

    def __init__(
        self,
        utterance: int,
        options: TranscribeOptions,
        engine: Engine,
        active: ActiveRecordings,
        post: Callable[[RecordingEvent], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """post: called on the recording's thread; must return at once."""
        self.utterance, self.options = utterance, options
        self.journal: Path | None = None
        self.recorded = 0
        self.over = threading.Event()
        active.add(self.over)
        self._feed = EngineFeed(utterance, options, engine)
        self._post, self._clock = post, clock
        self._microphone: FailoverMicrophone | None = None
        self._released: int | None = None
        self._cancelled = threading.Event()
        self._is_discarded = False
        self._removing = threading.Lock()
        self._is_damaged = False  # a DiskProblem was posted
        self._replaces_silent, self._is_private = True, False

    def start(
        self,
        wanted: WantedDevice,
        source: MakeSource,
        folder: Path,
        *,
        replaces_silent: bool = True,
        is_private: bool = False,
    ) -> None:
        """Open the microphone and record; returns at once.

        folder            of its file, which has no name if it is private
        replaces_silent   reopen or replace a microphone that gives only zeros
        """
        self._replaces_silent, self._is_private = replaces_silent, is_private
        microphone = FailoverMicrophone(wanted, source, self._clock)
        self._microphone = microphone
        name = f"recording-{self.utterance}"
        args = (microphone, folder)
        threading.Thread(target=self._run, args=args, name=name, daemon=True).start()

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

    def replay(self) -> None:
        """Have the engine transcribe it again from the disk; only after `over`."""
        self._feed.replay(self.recorded, self._last)

    @property
    def _last(self) -> int:
        """The index of the sample at which the key came up."""
        released = self._released
        return self.recorded if released is None else min(released, self.recorded)

    def _run(self, microphone: FailoverMicrophone, folder: Path) -> None:
        error: MicaError | None = None
        try:
            self._record(microphone, folder)
            if not self._cancelled.is_set():
                self._feed.end(self.recorded, self._last)
        except MicaError as why:
            error = why
        except Exception as why:  # noqa: BLE001 a session step: report it, and continue
            error = EngineError(f"The recording failed: {why}.", "Try again.")
        finally:
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

    def _record(self, microphone: FailoverMicrophone, folder: Path) -> None:
        with ExitStack() as closing:  # closed in reverse order
            closing.callback(microphone.close)
            closing.callback(self._post, Stopped(self.utterance))
            microphone.open()
            journal = self._open_journal(folder, microphone.rate_hz)
            if journal is not None:
                closing.callback(journal.close)
            self._feed.open(microphone.rate_hz, self.journal)
            self._post(Opened(self.utterance, self.journal))
            self._listen(microphone, journal)

    def _open_journal(self, folder: Path, rate_hz: int) -> Journal | None:
        """The journal; None if it could not be created."""
        try:
            if self._is_private:
                journal = Journal.open_private(folder, rate_hz)
            else:
                number = _free(folder, self.utterance)
                journal = Journal.open(folder, number, rate_hz)
        except (MicaError, OSError) as why:
            self._report_unsaved(why)
            return None
        self.journal = journal.path
        return journal

    def _listen(self, microphone: FailoverMicrophone, journal: Journal | None) -> None:
        """Record until the last word ends, the user cancels or no microphone is
        left."""
        endpointer = Endpointer(microphone.rate_hz)
        reporter = MicrophoneReporter(self.utterance, microphone.rate_hz, self._post)
        reporter.start(microphone.device)
        while not self._cancelled.is_set():
            released = self._released
            if released is not None:
                endpointer.release(released)
            if endpointer.end is not None and self.recorded >= endpointer.end:
                return
            try:
                span = microphone.get(POLL_S)
            except queue.Empty:
                if microphone.reconnecting:
                    reporter.disconnected()
                if microphone.lost:
                    self._post(Lost(self.utterance))
                if microphone.lost or (
                    microphone.reconnecting and released is not None
                ):
                    return
                continue
            if span.recorded:
                reporter.push(span.pcm)
                is_dead = reporter.is_dead(has_worked=microphone.has_worked)
                if self._replaces_silent and is_dead:
                    microphone.replace_silent()
            else:  # silence in place of the time until the next microphone was open
                reporter.start(microphone.device)
                self._report_change(microphone, journal)
            if microphone.overflow and not self._is_damaged:
                self._report_damage(DISK_SLOW)
            journal = self._append(journal, span.pcm)
            self._feed.push(self.recorded, span.pcm)
            self.recorded += len(span.pcm) // 4
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
        except MicaError as why:
            self._report_unsaved(why)
            return None
        return journal

    def _report_unsaved(self, why: Exception) -> None:
        _log.warning("not recorded: %s", why)
        self._report_damage(NOT_SAVED)

    def _report_damage(self, error: MicaError) -> None:
        self._is_damaged = True
        self._post(DiskProblem(self.utterance, error))


def _free(folder: Path, number: int) -> int:
    """The first number from this one on that has no recording yet."""
    while journal_path(folder, number).exists():
        number += 1
    return number
