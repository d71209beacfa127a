"""One utterance's samples on their way to the engine, once it is this one's turn."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from mica.events import TranscribeOptions

TURN_S: Final = 2.0  # how long a recording before this one may take to end


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
    """Used by the recording's thread; replay() on the main thread when that is over.

    earlier   set one by one as the recordings that began before this one end
    """

    def __init__(
        self,
        utterance: int,
        options: TranscribeOptions,
        engine: Engine,
        earlier: Sequence[threading.Event],
    ) -> None:
        self._utterance, self._options = utterance, options
        self._engine, self._earlier = engine, earlier
        self._rate_hz = 0
        self._journal: Path | None = None
        self._begun = False
        self._unsent: list[tuple[int, bytes]] = []  # on no disk, until its turn

    def open(self, rate_hz: int, journal: Path | None) -> None:
        """Before the first sample. The engine reads what it missed from the journal."""
        self._rate_hz, self._journal = rate_hz, journal

    def push(self, first: int, pcm: bytes, *, is_saved: bool) -> None:
        """Samples from the `first` on, float32, little endian. is_saved: in the
        journal."""
        self._begin()
        if self._begun:
            self._engine.push(self._utterance, first, pcm)
        elif not is_saved:
            self._unsent.append((first, pcm))

    def end(self, samples: int, last: int) -> None:
        """There are so many samples, of which those before `last` were spoken."""
        self._begin(wait_s=TURN_S)
        self._engine.push(self._utterance, samples, b"")
        self._engine.end(self._utterance, last)

    def cancel(self) -> None:
        """The engine is to forget it, if it knows of it."""
        if self._begun:
            self._engine.cancel(self._utterance)

    def replay(self, samples: int, last: int) -> None:
        """Once more from the journal, as end() gave it. It must be nobody's turn."""
        options = replace(self._options, live=False)
        self._engine.begin(self._utterance, self._rate_hz, options, self._journal)
        self._engine.push(self._utterance, samples, b"")
        self._engine.end(self._utterance, last)

    def _begin(self, wait_s: float = 0.0) -> None:
        if self._begun or not all(over.wait(wait_s) for over in self._earlier):
            return
        self._engine.begin(self._utterance, self._rate_hz, self._options, self._journal)
        self._begun = True
        for first, pcm in self._unsent:
            self._engine.push(self._utterance, first, pcm)
        self._unsent.clear()
