"""Measures how long the user has not spoken, which may end a dictation.

A pure rule of the detector's ticks. A cough or a keystroke is too short to count; a
television or a colleague is too quiet compared with the user's own voice.
"""

import math
from collections import deque
from typing import Final

from mica.audio.vad import TICK_S, RecentLevels

SPOKEN_TICKS: Final = 20  # 200 ms of speech count as spoken
GAP_TICKS: Final = 10  # a pause this long ends a stretch of speech
LOUDNESS_TICKS: Final = 30  # its loudness is that of the last 300 ms
WITHIN_DB: Final = 15.0
OWN_PART: Final = 0.9  # the user's loudness: a tenth of the recent speech was louder
OWN_TICKS: Final = 30_000  # recent: the last 5 minutes of speech
#: Before the first word, users have time to think, but a forgotten tap still ends, in
#: the third minute.
PATIENCE_S: Final = 165.0


class QuietTimer:
    """Times the user's silence; push() gets every decided tick of an utterance."""

    def __init__(self) -> None:
        self._ticks = -round(PATIENCE_S / TICK_S)  # since the user last spoke
        self._stretch = self._gap = 0
        self._recent: deque[float] = deque(maxlen=LOUDNESS_TICKS)  # power of speech
        self._loudness = RecentLevels(OWN_TICKS)  # of the user

    @property
    def quiet_s(self) -> float:
        """How long the user has not spoken; before the first word, time beyond
        PATIENCE_S."""
        return max(0, self._ticks) * TICK_S

    def push(self, speech: bool, level_db: float) -> None:
        self._ticks += 1
        self._gap = 0 if speech else self._gap + 1
        if self._gap >= GAP_TICKS:
            self._stretch = 0
            self._recent.clear()
        if not speech:
            return
        self._stretch += 1
        self._recent.append(10 ** (level_db / 10))
        if self._stretch >= SPOKEN_TICKS and self._is_own():
            self._ticks = 0

    def restart(self) -> None:
        """Start over: what was said until now is not known."""
        self._ticks = min(self._ticks, 0)

    def _is_own(self) -> bool:
        """Whether the last 300 ms are loud enough to be the user."""
        loudness_db = 10 * math.log10(sum(self._recent) / len(self._recent))
        own = self._loudness
        if len(own) and loudness_db < own.quantile(OWN_PART) - WITHIN_DB:
            return False
        own.push(loudness_db)
        return True
