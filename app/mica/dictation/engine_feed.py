"""Sends one utterance's samples to the engine."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

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

    def end(self, utterance: int, last: int) -> None: ...

    def cancel(self, utterance: int) -> None: ...


class EngineFeed:
    """Called on the recording's thread; replay() on the main thread, after the end."""

    def __init__(
        self,
        utterance: int,
        options: TranscribeOptions,
        engine: Engine,
    ) -> None:
        self._utterance, self._options, self._engine = utterance, options, engine
        self._rate_hz = 0
        self._journal: Path | None = None
        self._begun = False

    def open(self, rate_hz: int, journal: Path | None) -> None:
        """Set the rate and the journal, before the first sample."""
        self._rate_hz, self._journal = rate_hz, journal

    def push(self, first: int, pcm: bytes) -> None:
        """Send samples: float32, little endian, `first` being the first one's index."""
        self._begin()
        self._engine.push(self._utterance, first, pcm)

    def end(self, samples: int, last: int) -> None:
        """End with `samples` in all, of which those before `last` were spoken."""
        self._begin()
        self._engine.push(self._utterance, samples, b"")
        self._engine.end(self._utterance, last)

    def cancel(self) -> None:
        """Make the engine discard the utterance, if it has begun."""
        if self._begun:
            self._engine.cancel(self._utterance)

    def replay(self, samples: int, last: int) -> None:
        """Send it again from the journal, as end() gave it, after live utterances."""
        options = replace(self._options, live=False, priority=Priority.FILE)
        self._engine.begin(self._utterance, self._rate_hz, options, self._journal)
        self._engine.push(self._utterance, samples, b"")
        self._engine.end(self._utterance, last)

    def _begin(self) -> None:
        if self._begun:
            return
        self._engine.begin(self._utterance, self._rate_hz, self._options, self._journal)
        self._begun = True
