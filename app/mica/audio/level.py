"""Whether a microphone gives anything, and how loud. A pure rule of the samples.

Time is counted in samples: a clock that jumps changes nothing. A microphone that gives
no samples at all is capture.py's business.
"""

import math
from typing import Final

import numpy as np

from mica.host.sound import Transport

SILENT_S: Final = 1.0  # zeros for so long are no quiet room but a dead input
BLUETOOTH_SILENT_S: Final = 3.0  # a headset gives 0.6 to 2 s of them at each start
METER_FLOOR_DB: Final = -55.0
METER_TOP_DB: Final = -10.0
FALL_PER_S: Final = 2.5  # how fast the meter sinks


class LevelMonitor:
    """Fed every chunk of one microphone, in order.

    flowing   a sample that is not zero has come
    silent    only zeros for a second, on Bluetooth for three, so far
    level     0 to 1, for a meter: dB between -55 and -10, quick up and slow down

    Zeros after that are no fault: many microphones gate the noise between words. What
    is no number counts as zero.
    """

    def __init__(self, rate_hz: int, transport: Transport = Transport.UNKNOWN) -> None:
        is_bluetooth = transport is Transport.BLUETOOTH
        self._patience = (BLUETOOTH_SILENT_S if is_bluetooth else SILENT_S) * rate_hz
        self._rate_hz = rate_hz
        self._zeros = 0
        self.flowing = False
        self.level = 0.0

    @property
    def zeros_s(self) -> float:
        """For how long there have been only zeros since the first sample."""
        return 0.0 if self.flowing else self._zeros / self._rate_hz

    @property
    def silent(self) -> bool:
        return not self.flowing and self._zeros >= self._patience

    def push(self, pcm: bytes) -> None:
        """Float32 samples, little endian; any number of them."""
        samples = np.frombuffer(pcm, "<f4")
        if not len(samples):
            return
        power = float(np.mean(np.square(samples, dtype=np.float64)))
        if power > 0:
            self.flowing = True
        else:
            self._zeros += len(samples)
        fallen = self.level - FALL_PER_S * len(samples) / self._rate_hz
        self.level = max(_meter(power), fallen, 0.0)


def _meter(power: float) -> float:
    if power <= 0 or not math.isfinite(power):
        return 0.0
    db = 10 * math.log10(power)
    return min(1.0, max(0.0, (db - METER_FLOOR_DB) / (METER_TOP_DB - METER_FLOOR_DB)))
