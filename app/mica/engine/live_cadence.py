"""When tentative text is due: every half second of speech, or later in a pause.

Where the samples may have reached a pause it comes 80 ms later: what is begun first
then is the finish the user may be waiting for. Pure; it counts samples at 16 kHz.

Example, every 0.5 s: at sample 8000 it is due, but for a possible pause; then it is due
at sample 9280, when that is known.
"""

from typing import Final

from mica.engine.endpointing import HANGOVER_TICKS, TICK_SAMPLES
from mica.units import SAMPLE_RATE_HZ

EVERY_S: Final = 0.5
SLOW_EVERY_S: Final = 1.0
SLOW_BLOCK_S: Final = 0.15  # for 4 s; where it takes longer, the second cadence holds
_DELAY: Final = HANGOVER_TICKS * TICK_SAMPLES  # by then a pause is one, or none


def live_interval_s(block_s: float) -> float:
    """How often tentative text comes where `block_s` pass while 4 s are encoded."""
    return EVERY_S if block_s < SLOW_BLOCK_S else SLOW_EVERY_S


class LiveCadence:
    """When one utterance's tentative text is due.

    due   tentative text is to be given as soon as nothing waits; the user resets it
    """

    def __init__(self, every_s: float) -> None:
        self.due = False
        self._every = round(every_s * SAMPLE_RATE_HZ)
        self._delayed = False

    def room(self, sample: int) -> int:
        """How many samples behind this one it may be due next."""
        place = sample % self._every
        return (_DELAY if place < _DELAY else self._every) - place

    def reach(self, sample: int, *, may_be_pause: bool) -> None:
        """The samples have come as far as room() said."""
        place = sample % self._every
        if place == 0:
            self._delayed = may_be_pause
            self.due |= not may_be_pause
        elif place == _DELAY:
            self.due |= self._delayed
