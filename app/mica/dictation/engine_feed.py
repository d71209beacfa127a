"""Sends one utterance's samples to the engine.

The recording starts before it is known how it is to be transcribed, so the first
samples may have to wait here.
"""

import threading
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from mica.events import Priority, TranscribeOptions


class Engine(Protocol):
    """The part of the engine client that recordings use."""

    def begin(
        self,
        utterance: int,
        rate_hz: int,
        options: TranscribeOptions,
        journal: Path | None,
    ) -> None: ...

    def push(self, utterance: int, first: int, pcm: bytes) -> None: ...

    def unsaved(self, utterance: int) -> None: ...

    def end(self, utterance: int, last: int) -> None: ...

    def cancel(self, utterance: int) -> None: ...


MAX_WAITING: Final = 3000  # chunks of 20 ms, in memory; the journal has them too
WAIT_S: Final = 0.02


class EngineFeed:
    """Called on the recording's thread; transcribe() on the main thread, and after the
    end replay().

    options   how it is transcribed; the defaults until transcribe() was called
    """

    def __init__(self, utterance: int, engine: Engine) -> None:
        self.options = TranscribeOptions()
        self._utterance, self._engine = utterance, engine
        self._is_described = threading.Event()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._rate_hz = 0
        self._journal: Path | None = None
        self._begun = False
        self._is_unsaved = False

    def transcribe(self, options: TranscribeOptions) -> None:
        """Say how it is to be transcribed, which lets the samples go."""
        if not self._is_described.is_set():
            self.options = options
            self._is_described.set()

    def open(self, rate_hz: int, journal: Path | None) -> None:
        """Set the rate and the journal, before the first sample."""
        self._rate_hz, self._journal = rate_hz, journal

    def push(self, first: int, pcm: bytes, *, saved: bool) -> None:
        """Send samples: float32, little endian, `first` being the first one's index.

        saved   they are in the journal
        """
        if not saved and not self._is_unsaved:
            self._is_unsaved = True
            if self._begun:
                self._engine.unsaved(self._utterance)
        self._waiting.append((first, pcm))
        if self._is_described.is_set():
            self._send()
        elif len(self._waiting) > MAX_WAITING and saved:
            self._waiting.popleft()

    def end(self, samples: int, last: int, cancelled: threading.Event) -> None:
        """End with `samples` in all, of which those before `last` were spoken; waits
        for transcribe() unless it is cancelled."""
        while not self._is_described.wait(WAIT_S):
            if cancelled.is_set():
                return
        self._send()
        self._engine.push(self._utterance, samples, b"")
        self._engine.end(self._utterance, last)

    def cancel(self) -> None:
        """Make the engine discard the utterance, if it has begun."""
        if self._begun:
            self._engine.cancel(self._utterance)

    def replay(self, samples: int, last: int) -> None:
        """Send it again from the journal, as end() gave it, after live utterances."""
        options = replace(self.options, live=False, priority=Priority.FILE)
        self._engine.begin(self._utterance, self._rate_hz, options, self._journal)
        self._engine.push(self._utterance, samples, b"")
        self._engine.end(self._utterance, last)

    def _send(self) -> None:
        """Begin, if that was not done yet, and send what waits."""
        if not self._begun:
            given = self._rate_hz, self.options, self._journal
            self._engine.begin(self._utterance, *given)
            self._begun = True
            if self._is_unsaved:
                self._engine.unsaved(self._utterance)
        while self._waiting:
            self._engine.push(self._utterance, *self._waiting.popleft())
