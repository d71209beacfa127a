"""Conditions audio for the VAD network: removes rumble and offset, normalizes level.

Pure, for windows of 32 ms at 16 kHz. The recording and the speech model's input are not
changed.
"""

import math
from collections import deque
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.audio.silero import WINDOW
from mica.units import SAMPLE_RATE_HZ

HIGH_PASS_HZ: Final = 100.0
PEAK: Final = 10 ** (-12 / 20)  # target for the peak of the last 10 s
MOST_GAIN: Final = 10 ** (30 / 20)
PEAK_WINDOWS: Final = round(10.0 * SAMPLE_RATE_HZ / WINDOW)

Floats = NDArray[np.float32]


class Conditioner:
    """A high-pass filter and a gain; a window depends on the last 10 s only.

    level_db   of the newest window, after the high-pass and before the gain: RMS in
               dBFS, at least -120
    """

    def __init__(self) -> None:
        self.level_db = -120.0
        self._before: Floats = np.zeros(WINDOW, np.float32)
        self._peaks: deque[float] = deque(maxlen=PEAK_WINDOWS)

    def push(self, window: Floats) -> Floats:
        """The 512 samples, filtered and scaled for the network."""
        both = np.concatenate([self._before, window])
        self._before = window
        passed = np.fft.irfft(np.fft.rfft(both) * _response())[WINDOW:]
        power = float(np.mean(np.square(passed)))
        self.level_db = 10 * math.log10(max(power, 1e-12))
        self._peaks.append(float(max(passed.max(), -passed.min())))
        gain = min(MOST_GAIN, PEAK / max(max(self._peaks), 1e-9))
        return (passed * gain).astype(np.float32)


@cache
def _response() -> NDArray[np.complex64]:
    """The frequency response of a two-pole Butterworth high-pass, its impulse response
    truncated to one window, for transforms of two windows (overlap-save)."""
    turn = np.tan(np.pi * HIGH_PASS_HZ / SAMPLE_RATE_HZ)
    scale = 1 / (1 + np.sqrt(2) * turn + turn**2)
    back = 2 * (turn**2 - 1) * scale, (1 - np.sqrt(2) * turn + turn**2) * scale
    response = np.zeros(WINDOW)
    for n in range(WINDOW):
        entering = scale * (1.0, -2.0, 1.0)[n] if n < 3 else 0.0
        previous = (
            response[n - 1] if n > 0 else 0.0,
            response[n - 2] if n > 1 else 0.0,
        )
        response[n] = entering - back[0] * previous[0] - back[1] * previous[1]
    response[0] -= response.sum()  # truncation must not let an offset through
    return np.fft.rfft(response, 2 * WINDOW).astype(np.complex64)
