"""One utterance's recording: microphone to disk, then on to the engine.

Its own thread is the only reader of the capture queue: each chunk is appended to the
journal before the engine client gets it. After the key-up it goes on for the tail. It
decides nothing about text or state; the session looks at its fields.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from mica.audio.choice import Wanted
from mica.audio.health import Health
from mica.audio.journal import Journal, journal_path
from mica.audio.queue import ChunkQueue
from mica.engine.tail import Tail
from mica.errors import EngineError, MicaError
from mica.events import Chunk, Style

POLL_S: Final = 0.02  # how soon a key-up or a lost device is noticed
TURN_S: Final = 2.0  # how long the recording before this one may take to end


class Source(Protocol):
    """A microphone: audio/capture.py's, or a test's."""

    rate_hz: int

    def open(self) -> None: ...

    def close(self) -> None: ...


OpenSource = Callable[[Wanted, Callable[[Chunk], None], Callable[[], None]], Source]


class Engine(Protocol):
    """The part of the engine client a recording uses."""

    def begin(
        self,
        utterance: int,
        rate_hz: int,
        style: Style,
        keywords: Sequence[str],
        journal: Path | None,
    ) -> None: ...

    def push(self, utterance: int, first: int, pcm: bytes) -> None: ...

    def end(self, utterance: int, last: int) -> None: ...

    def cancel(self, utterance: int) -> None: ...


class Recording:
    """Threads: start, release, cancel and the fields on the main thread.

    journal    the file, once it is open
    health     of the samples, once they come
    heard      samples journalled so far
    error      why it came to nothing
    trouble    what went wrong without ending it: a full disk, lost samples
    lost       the microphone vanished; what was said is kept
    over       the engine has it all, or there is nothing to have
    """

    def __init__(
        self,
        utterance: int,
        style: Style,
        keywords: Sequence[str],
        engine: Engine,
        before: "Recording | None",
    ) -> None:
        self.utterance = utterance
        self.journal: Path | None = None
        self.health: Health | None = None
        self.heard = 0
        self.error: MicaError | None = None
        self.trouble: MicaError | None = None
        self.over = threading.Event()
        self.rate_hz = 0
        self._style, self._keywords = style, list(keywords)
        self._engine = engine
        self._before = before.over if before is not None else None
        self._chunks = ChunkQueue()
        self._captured = 0  # written by the audio thread
        self._released: int | None = None
        self._cancelled, self._lost = threading.Event(), threading.Event()
        self._begun = self._disk_refused = False
        self._tail: Tail | None = None

    @property
    def lost(self) -> bool:
        return self._lost.is_set()

    def start(self, wanted: Wanted, source: OpenSource, folder: Path) -> None:
        """Open the microphone and listen; returns at once."""
        name = f"recording-{self.utterance}"
        args = (wanted, source, folder)
        threading.Thread(target=self._run, args=args, name=name, daemon=True).start()

    def release(self) -> None:
        """The key came up: what the sound card has given by now was said."""
        if self._released is None:
            self._released = self._captured

    def cancel(self) -> None:
        """Forget it; the journal stays."""
        self._cancelled.set()

    def _run(self, wanted: Wanted, source: OpenSource, folder: Path) -> None:
        try:
            self._record(wanted, source, folder)
        except MicaError as why:
            self.error = why
        except Exception as why:  # noqa: BLE001 a session step: said, and the next works
            self.error = EngineError(f"The recording failed: {why}.", "Try again.")
        finally:
            if self._begun and (self.error or self._cancelled.is_set()):
                self._engine.cancel(self.utterance)
            self.over.set()

    def _record(self, wanted: Wanted, source: OpenSource, folder: Path) -> None:
        microphone = source(wanted, self._capture, self._lost.set)
        microphone.open()
        self.rate_hz = microphone.rate_hz
        journal = Journal.open(folder, _free(folder, self.utterance), self.rate_hz)
        try:
            self.health, self._tail = Health(self.rate_hz), Tail(self.rate_hz)
            self.journal = journal.path
            self._listen(journal)
        finally:
            microphone.close()
            journal.close()
        if not self._cancelled.is_set():
            self._begin(wait_s=TURN_S)
            self._engine.push(self.utterance, self.heard, b"")
            last = self.heard if self._released is None else self._released
            self._engine.end(self.utterance, min(last, self.heard))

    def _capture(self, chunk: Chunk) -> None:
        """On the audio thread."""
        self._chunks.put(chunk)
        self._captured = chunk.first + len(chunk.pcm) // 4

    def _listen(self, journal: Journal) -> None:
        """Until the tail is over, the device is lost or the user cancels."""
        assert self._tail is not None
        told = False
        while not self._cancelled.is_set():
            if self._released is not None and not told:
                self._tail.release(self._released)
                told = True
            if self._tail.end is not None and self.heard >= self._tail.end:
                return
            try:
                chunk = self._chunks.get(POLL_S)
            except queue.Empty:
                if self._lost.is_set():
                    return
                continue
            if chunk is not None:
                self._keep(chunk, journal)

    def _keep(self, chunk: Chunk, journal: Journal) -> None:
        """Disk first, then the engine."""
        assert self.health is not None and self._tail is not None
        pcm = bytes(4 * (chunk.first - self.heard)) + chunk.pcm  # silence for the lost
        if self._chunks.overflow and self.trouble is None:
            what = "The disk is too slow; a part of the recording is missing."
            self.trouble = MicaError(what, "Close other programs.")
        self._append(journal, pcm)
        self.health.push(pcm)
        self._tail.push(np.frombuffer(pcm, "<f4"))
        self._begin()
        if self._begun:
            self._engine.push(self.utterance, self.heard, pcm)
        self.heard += len(pcm) // 4

    def _append(self, journal: Journal, pcm: bytes) -> None:
        """To disk; when that is full the engine still gets the samples."""
        if self._disk_refused:
            return
        try:
            journal.append(pcm)
        except MicaError as why:
            self.trouble, self._disk_refused = why, True

    def _begin(self, wait_s: float = 0.0) -> None:
        """Tell the engine, when it is this utterance's turn: one after the other."""
        if self._begun:
            return
        if self._before is not None and not self._before.wait(wait_s):
            return
        self._engine.begin(
            self.utterance, self.rate_hz, self._style, self._keywords, self.journal
        )
        self._begun = True


def _free(folder: Path, number: int) -> int:
    """The first number from this one on that no older recording has."""
    while journal_path(folder, number).exists():
        number += 1
    return number
