"""Decides when tentative text is due: every half second of speech, later at a pause.

If the samples may have just reached a pause, it is due 80 ms later, so that the finish
the user may be waiting for starts first. Pure; it counts samples at 16 kHz.

Example, every 0.5 s: it is due at sample 8000, or, if a pause may have begun there, at
sample 9280, when that is known.
"""

from typing import Final

from mica.engine.endpointing import HANGOVER_TICKS, TICK_SAMPLES
from mica.units import SAMPLE_RATE_HZ

EVERY_S: Final = 0.5
SLOW_EVERY_S: Final = 1.0
SLOW_BLOCK_S: Final = 0.15  # to encode 4 s; if it takes longer, SLOW_EVERY_S applies
_DELAY: Final = HANGOVER_TICKS * TICK_SAMPLES  # decides whether it is a pause


def live_interval_s(block_s: float) -> float:
    """The interval of tentative text when encoding 4 s takes `block_s`."""
    return EVERY_S if block_s < SLOW_BLOCK_S else SLOW_EVERY_S


class LiveCadence:
    """When one utterance's tentative text is due.

    due   tentative text should be made as soon as nothing waits; the caller resets it
    """

    def __init__(self, every_s: float) -> None:
        self.due = False
        self._every = round(every_s * SAMPLE_RATE_HZ)
        self._delayed = False

    def room(self, sample: int) -> int:
        """How many samples after this one it may next be due."""
        place = sample % self._every
        return (_DELAY if place < _DELAY else self._every) - place

    def reach(self, sample: int, *, may_be_pause: bool) -> None:
        """Note that the samples have reached the point that room() named."""
        place = sample % self._every
        if place == 0:
            self._delayed = may_be_pause
            self.due |= not may_be_pause
        elif place == _DELAY:
            self.due |= self._delayed
