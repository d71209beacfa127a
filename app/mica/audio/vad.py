"""Where speech is, by energy alone: one yes or no for every 10 ms.

A pure rule of the samples at any rate; it loads no model, keeps no audio longer than
10 ms, and only says where encoding is worth while. What was spoken is the model's to
say: noise may pass here, speech should not be lost.

The level of 10 ms, less its own mean, is compared with a floor that falls at once to
every quieter level and rises slowly, so steady noise sinks under it while words stand
out, and a constant offset is no sound.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

TICK_S: Final = 0.01  # one decision
FLOOR_DB: Final = -70.0  # the floor's lowest value: a good microphone's own noise
CEILING_DB: Final = -45.0  # and its highest: who speaks over music is still heard
MARGIN_DB: Final = 8.0  # speech stands this far above the floor
RISE_DB_PER_S: Final = 6.0  # a fan that starts is floor again within seconds
ONSET_TICKS: Final = 3  # shorter sounds are clicks
#: After so long the floor no longer depends on where listening began: both a true and
#: a fresh one have met the same level, or the ceiling.
SETTLED_S: Final = (CEILING_DB - FLOOR_DB) / RISE_DB_PER_S + ONSET_TICKS * TICK_S

Floats = NDArray[np.float32]


class SpeechDetector:
    """Ticks of 10 ms with their level and whether they belong to speech.

    Each decision waits for the two ticks after it, since a sound shorter than 30 ms is
    a click. How the audio was cut into pushes never shows.
    """

    def __init__(self, rate_hz: int) -> None:
        self.tick_samples = round(rate_hz * TICK_S)
        self._waiting: Floats = np.zeros(0, np.float32)
        self._floor_db = FLOOR_DB
        self._run: list[float] = []  # levels of loud ticks not yet an onset
        self._speaking = False

    def push(self, samples: Floats) -> list[tuple[bool, float]]:
        """(speech, level in dBFS) of the ticks decided by these samples.

        samples  float32 (n,), mono, full scale ±1; any n, also 0
        """
        self._waiting = np.concatenate([self._waiting, samples])
        count = len(self._waiting) // self.tick_samples
        stop = count * self.tick_samples
        ticks = self._waiting[:stop].reshape(count, self.tick_samples)
        self._waiting = self._waiting[stop:]
        return [d for level in _levels_db(ticks) for d in self._decide(level)]

    def finish(self) -> list[tuple[bool, float]]:
        """Decisions still open; samples of an incomplete tick are left out."""
        return self._not_speech()

    def _decide(self, level_db: float) -> list[tuple[bool, float]]:
        loud = level_db > self._floor_db + MARGIN_DB
        risen = self._floor_db + RISE_DB_PER_S * TICK_S
        self._floor_db = min(CEILING_DB, max(FLOOR_DB, min(level_db, risen)))
        if not loud:
            decided = self._not_speech()
            self._speaking = False
            return [*decided, (False, level_db)]
        if self._speaking:
            return [(True, level_db)]
        self._run.append(level_db)
        if len(self._run) < ONSET_TICKS:
            return []
        self._speaking = True
        onset, self._run = self._run, []
        return [(True, level) for level in onset]

    def _not_speech(self) -> list[tuple[bool, float]]:
        click, self._run = self._run, []
        return [(False, level) for level in click]


def _levels_db(ticks: Floats) -> list[float]:
    """RMS of each row about its mean in dBFS, at least -120."""
    power = ticks.astype(np.float64).var(axis=1)
    levels: list[float] = (10 * np.log10(np.maximum(power, 1e-12))).tolist()
    return levels
