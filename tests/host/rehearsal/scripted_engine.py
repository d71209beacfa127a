"""An engine client that returns the user's words if any sound has arrived."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mica.engine.client import EngineEvent, Finished
from mica.events import Transcript
from support.fakes import FakeEngine


class ScriptedEngine(FakeEngine):
    """words: the transcript of the current utterance, unless all samples are zero."""

    is_loaded = True

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.tell: Callable[[EngineEvent], None]
        self._with_sound: set[int] = set()

    def __call__(
        self, folder: Path, tell: Callable[[EngineEvent], None], **_: Any
    ) -> "ScriptedEngine":
        """Take the place of the client's constructor."""
        self.tell = tell
        return self

    def start(self) -> None:
        """Does nothing: there is no process."""

    def use(self, folder: Path, idle_s: float) -> None:
        """Does nothing: there is no model."""

    def close(self) -> None:
        """Does nothing: there is no process to end."""

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        super().push(utterance, first, pcm)
        if np.frombuffer(pcm, "<f4").any():
            self._with_sound.add(utterance)

    def end(self, utterance: int, last: int) -> None:
        super().end(utterance, last)
        words = self.words if utterance in self._with_sound else ""
        self.tell(Finished(utterance, Transcript(words, "pebble", 1.2)))
