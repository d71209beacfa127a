"""One utterance's recording: microphone to disk, then on to the engine.

Its own thread is the only reader of the microphones: what they give is appended to the
journal before the engine client gets it. After the key-up it goes on for the tail. It
decides nothing about text or state; the session looks at its fields.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from mica.audio.device_selection import Device, WantedDevice
from mica.audio.failover import AudioSpan, FailoverMicrophone, MakeSource
from mica.audio.journal import Journal, extent, journal_path
from mica.audio.level import LevelMonitor
from mica.dictation.engine_queue import EngineQueue
from mica.engine.endpointing import Endpointer
from mica.errors import EngineError, MicaError
from mica.events import TranscribeOptions
from mica.host.sound import Transport

POLL_S: Final = 0.02  # how soon a key-up or a lost device is noticed
TURN_S: Final = 2.0  # how long a recording before this one may take to end
NOT_SAVED: Final = "The recording could not be saved."
_log = logging.getLogger(__name__)


class Engine(Protocol):
    """The part of the engine client a recording uses."""

    def begin(
        self,
        utterance: int,
        rate_hz: int,
        options: TranscribeOptions,
        journal: Path | None,
    ) -> None: ...

    def push(self, utterance: int, first: int, pcm: bytes) -> None: ...

    def end(self, utterance: int, last: int) -> None: ...

    def cancel(self, utterance: int) -> None: ...


class Recording:
    """Threads: start, release, cancel and the fields on the main thread.

    journal    the file, once it is open
    device     the microphone that listens now, once it gives samples
    health     of its samples
    heard      samples journalled so far
    error      why it came to nothing
    trouble    what went wrong without ending it: a full disk, lost samples
    lost       the microphone vanished and no other was found; what was said is kept
    heard_out  nothing more is heard
    signalled  the user was told that it listens
    seams      a line for each change of the microphone
    wished     of these, those the user wanted
    over       the engine has it all, or there is nothing to have
    """

    def __init__(
        self,
        utterance: int,
        options: TranscribeOptions,
        engine: Engine,
        turns: EngineQueue,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.utterance, self.options = utterance, options
        self.journal: Path | None = None
        self.device: Device | None = None
        self.health: LevelMonitor | None = None
        self.heard = 0
        self.error: MicaError | None = None
        self.trouble: MicaError | None = None
        self.over = threading.Event()
        self.lost = self.heard_out = self.signalled = False
        self.device_changes: list[str] = []
        self.user_requested: set[str] = set()
        self.rate_hz = 0
        self._engine, self._clock = engine, clock
        self._before = turns.take(self.over)
        self._takes: FailoverMicrophone | None = None
        self._released: int | None = None
        self._cancelled = threading.Event()
        self._begun = self._disk_refused = False
        self._unsent: list[tuple[int, bytes]] = []
        self._deaf = False  # no microphone listens now
        self._tail: Endpointer | None = None

    @property
    def quiet_s(self) -> float:
        """How long nobody has spoken into it."""
        return self._tail.quiet_s if self._tail is not None else 0.0

    def start(self, wanted: WantedDevice, source: MakeSource, folder: Path) -> None:
        """Open the microphone and listen; returns at once."""
        takes = self._takes = FailoverMicrophone(wanted, source, self._clock)
        name = f"recording-{self.utterance}"
        args = (takes, folder)
        threading.Thread(target=self._run, args=args, name=name, daemon=True).start()

    def listen_by(self, wanted: WantedDevice) -> None:
        """Go on with another microphone where that means one; it was started."""
        assert self._takes is not None
        self._takes.want(wanted)

    def release(self) -> None:
        """The key came up: what the sound card has given by now was said."""
        if self._released is None:
            self._released = self._takes.captured if self._takes is not None else 0

    def cancel(self) -> None:
        """Forget it; the journal stays."""
        self._cancelled.set()

    @property
    def is_kept(self) -> bool:
        """Whether some of it is on the disk."""
        return self.journal is not None and extent(self.journal)[1] > 0

    def replay(self) -> None:
        """Have the engine hear it once more, from the disk. It is over, and it is
        nobody's turn."""
        self._tell_begin(replace(self.options, live=False))
        self._engine.push(self.utterance, self.heard, b"")
        self._tell_end()

    def _run(self, takes: FailoverMicrophone, folder: Path) -> None:
        try:
            self._record(takes, folder)
        except MicaError as why:
            self.error = why
        except Exception as why:  # noqa: BLE001 a session step: said, and the next works
            self.error = EngineError(f"The recording failed: {why}.", "Try again.")
        finally:
            if self._begun and (self.error or self._cancelled.is_set()):
                self._engine.cancel(self.utterance)
            self.over.set()

    def _record(self, takes: FailoverMicrophone, folder: Path) -> None:
        journal: Journal | None = None
        try:
            takes.open()
            self.rate_hz = takes.rate_hz
            self._tail = Endpointer(self.rate_hz)
            journal = self._opened(folder)
            self._listen(takes, journal)
        finally:
            self.heard_out = True
            takes.close()
            if journal is not None:
                journal.close()
        if not self._cancelled.is_set():
            self._begin(wait_s=TURN_S)
            self._engine.push(self.utterance, self.heard, b"")
            self._tell_end()

    def _opened(self, folder: Path) -> Journal | None:
        """The journal; None where the disk takes none."""
        try:
            number = _free(folder, self.utterance)
            journal = Journal.open(folder, number, self.rate_hz)
        except (MicaError, OSError) as why:
            self._refuse_disk(why)
            return None
        self.journal = journal.path
        return journal

    def _listen(self, takes: FailoverMicrophone, journal: Journal | None) -> None:
        """Until the tail is over, no microphone is left or the user cancels."""
        assert self._tail is not None
        told = False
        while not self._cancelled.is_set():
            if self._released is not None and not told:
                self._tail.release(self._released)
                told = True
            if self._tail.end is not None and self.heard >= self._tail.end:
                return
            try:
                stretch = takes.get(POLL_S)
            except queue.Empty:
                if takes.reconnecting and not self._deaf:
                    self._deaf, self.health = True, self._fresh_health(takes)
                if takes.lost or (told and takes.reconnecting):
                    self.lost = takes.lost
                    return
                continue
            if len(takes.device_changes) > len(self.device_changes):
                self._sewn(takes, journal)
            self._keep(stretch, takes, journal)

    def _fresh_health(self, takes: FailoverMicrophone) -> LevelMonitor:
        """Of the microphone that listens from now on."""
        self.device = takes.device
        transport = takes.device.transport if takes.device else Transport.UNKNOWN
        return LevelMonitor(self.rate_hz, transport)

    def _sewn(self, takes: FailoverMicrophone, journal: Journal | None) -> None:
        """Another microphone goes on."""
        self._deaf, self.health = False, self._fresh_health(takes)
        device_change = takes.device_changes[-1]
        line = device_change.line(self.rate_hz)
        if journal is not None:
            journal.mark(device_change.at, line)
        if device_change.user_requested:
            self.user_requested.add(line)
        self.device_changes.append(line)

    def _keep(
        self, stretch: AudioSpan, takes: FailoverMicrophone, journal: Journal | None
    ) -> None:
        """Disk first, then the engine."""
        assert self._tail is not None
        pcm = stretch.pcm
        if takes.overflow and self.trouble is None:
            what = "The disk is too slow; a part of the recording is missing."
            self.trouble = MicaError(what, "Close other programs.")
        self._append(journal, pcm)
        if stretch.heard:
            self.health = self.health or self._fresh_health(takes)
            self.health.push(pcm)
        self._tail.push(np.frombuffer(pcm, "<f4"), heard=stretch.heard)
        self._begin()
        if self._begun:
            self._engine.push(self.utterance, self.heard, pcm)
        elif self._disk_refused:
            self._unsent.append((self.heard, pcm))  # no disk has it for later
        self.heard += len(pcm) // 4

    def _append(self, journal: Journal | None, pcm: bytes) -> None:
        """To disk; when that is full the engine still gets the samples."""
        if journal is None or self._disk_refused:
            return
        try:
            journal.append(pcm)
        except MicaError as why:
            self._refuse_disk(why)

    def _refuse_disk(self, why: Exception) -> None:
        """The rest goes to the engine alone."""
        _log.warning("not recorded: %s", why)
        self._disk_refused = True
        self.trouble = MicaError(NOT_SAVED, "Free some disk space.")

    def _begin(self, wait_s: float = 0.0) -> None:
        """Tell the engine, when it is this utterance's turn: one after the other."""
        if self._begun:
            return
        if not all(over.wait(wait_s) for over in self._before):
            return
        self._tell_begin(self.options)
        self._begun = True
        for first, pcm in self._unsent:
            self._engine.push(self.utterance, first, pcm)
        self._unsent.clear()

    def _tell_begin(self, options: TranscribeOptions) -> None:
        self._engine.begin(self.utterance, self.rate_hz, options, self.journal)

    def _tell_end(self) -> None:
        last = self.heard if self._released is None else self._released
        self._engine.end(self.utterance, min(last, self.heard))


def _free(folder: Path, number: int) -> int:
    """The first number from this one on that no older recording has."""
    while journal_path(folder, number).exists():
        number += 1
    return number
