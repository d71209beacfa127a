"""When an utterance may end after the key came up: a pure rule of its samples.

At once when the last 100 ms were silence, else as soon as they are, at the latest
250 ms after the key-up. It ends nothing itself; whoever feeds the engine asks it.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.audio.vad import TICK_S, SpeechDetector

QUIET_TICKS: Final = 10  # 100 ms
LONGEST_S: Final = 0.25
KEPT_TICKS: Final = 100  # a key-up may be told up to 1 s late


class Tail:
    """Fed all samples of an utterance from its first on, at the rate they have.

    Times are sample indices since the utterance began.
    """

    def __init__(self, rate_hz: int) -> None:
        self._detector = SpeechDetector(rate_hz)
        self._longest = round(LONGEST_S * rate_hz)
        self._samples = self._ticks = self._quiet = 0
        self._silent: deque[int] = deque(maxlen=KEPT_TICKS)  # where 100 ms were silent
        self._released: int | None = None

    def push(self, samples: NDArray[np.float32], *, heard: bool = True) -> None:
        """Samples float32 (n,), mono, in order; not heard: nobody knows what was said
        meanwhile."""
        self._samples += len(samples)
        for speech, _ in self._detector.push(samples):
            self._ticks += 1
            self._quiet = 0 if speech else self._quiet + 1
            if self._quiet >= QUIET_TICKS:
                self._silent.append(self._ticks * self._detector.tick_samples)
        if not heard:
            self._quiet = 0

    def release(self, last: int) -> None:
        """The key came up at sample `last`."""
        self._released = last

    @property
    def quiet_s(self) -> float:
        """How long nobody has spoken, up to now."""
        return self._quiet * TICK_S

    @property
    def end(self) -> int | None:
        """The sample the utterance ends at; None while it goes on."""
        released = self._released
        if released is None:
            return None
        latest = released + self._longest
        for silent in self._silent:
            if silent > released - self._detector.tick_samples:
                return min(max(silent, released), latest)
        return latest if self._samples >= latest else None
