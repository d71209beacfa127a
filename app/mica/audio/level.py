"""Monitors a microphone's level and detects one that gives only zeros. Pure.

Time is counted in samples, so clock jumps have no effect. A microphone that delivers no
samples at all is handled by capture.py.
"""

import math
from typing import Final

import numpy as np

from mica.host.sound import Transport

SILENT_S: Final = 1.0  # zeros for this long mean a dead input, not a quiet room
BLUETOOTH_SILENT_S: Final = 3.0  # headsets give 0.6 to 2 s of zeros at each start
METER_FLOOR_DB: Final = -55.0
METER_TOP_DB: Final = -10.0
FALL_PER_S: Final = 2.5  # how fast the meter falls


class LevelMonitor:
    """Watches one microphone; push() gets every chunk, in order.

    flowing   a nonzero sample has arrived
    silent    only zeros so far, for at least 1 s (Bluetooth: 3 s)
    paused_s  duration of the zeros since the last sound; 0 before the first
    level     0 to 1, for a meter: dB between -55 and -10, fast attack, slow release

    Zeros after the first sound do not make it silent: many microphones gate the noise
    between words. NaN counts as zero.
    """

    def __init__(self, rate_hz: int, transport: Transport = Transport.UNKNOWN) -> None:
        is_bluetooth = transport is Transport.BLUETOOTH
        self._patience = (BLUETOOTH_SILENT_S if is_bluetooth else SILENT_S) * rate_hz
        self._rate_hz = rate_hz
        self._zeros = self._paused = 0
        self.flowing = False
        self.level = 0.0

    @property
    def zeros_s(self) -> float:
        """Duration of the zeros since the start; 0 once a nonzero sample has come."""
        return 0.0 if self.flowing else self._zeros / self._rate_hz

    @property
    def silent(self) -> bool:
        return not self.flowing and self._zeros >= self._patience

    @property
    def paused_s(self) -> float:
        return self._paused / self._rate_hz

    def push(self, pcm: bytes) -> None:
        """Add samples (float32, little endian), any number."""
        samples = np.frombuffer(pcm, "<f4")
        if not len(samples):
            return
        power = float(np.mean(np.square(samples, dtype=np.float64)))
        if power > 0:
            self.flowing, self._paused = True, 0
        elif self.flowing:
            self._paused += len(samples)
        else:
            self._zeros += len(samples)
        fallen = self.level - FALL_PER_S * len(samples) / self._rate_hz
        own = power - float(np.mean(samples, dtype=np.float64)) ** 2  # no offset
        self.level = max(_meter(own), fallen, 0.0)


def _meter(power: float) -> float:
    if power <= 0 or not math.isfinite(power):
        return 0.0
    db = 10 * math.log10(power)
    return min(1.0, max(0.0, (db - METER_FLOOR_DB) / (METER_TOP_DB - METER_FLOOR_DB)))
