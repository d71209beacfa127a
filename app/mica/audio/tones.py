"""Synthesizes the start and stop sounds of a dictation. Plays nothing.

They are short, soft and quiet: the start sound plays while the microphone is already
recording, so it must neither count as speech nor startle the user. The stop sound plays
after the recording has ended.
"""

from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

PEAK: Final = 0.06  # of full scale: -24 dB
NOTE_S: Final = 0.06
ATTACK_S: Final = 0.012  # softer than a click
LOW_HZ: Final = 587.33  # D5 and A5, a fifth: consonant, and above any voice's pitch
HIGH_HZ: Final = 880.0

Floats = NDArray[np.float32]


class Tone(Enum):
    """The notes of each sound, in order, in Hz."""

    START = (LOW_HZ, HIGH_HZ)
    STOP = (HIGH_HZ, LOW_HZ)


def samples(tone: Tone, rate_hz: int) -> Floats:
    """The sound as float32 (n,), mono; starts and ends at zero."""
    return np.concatenate([_note(hz, rate_hz) for hz in tone.value])


def _note(hz: float, rate_hz: int) -> Floats:
    at_s = np.arange(round(NOTE_S * rate_hz)) / rate_hz
    rise = np.sin(np.pi / 2 * np.minimum(1, at_s / ATTACK_S)) ** 2
    fall = np.cos(np.pi / 2 * at_s / NOTE_S) ** 2
    shaped: Floats = PEAK * rise * fall * np.sin(2 * np.pi * hz * at_s)
    return shaped.astype(np.float32)
