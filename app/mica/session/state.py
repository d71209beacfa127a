"""What Mica is doing, as the tray and the overlay show it, and how it may change."""

from enum import Enum
from typing import Final


class State(Enum):
    """What is shown."""

    IDLE = "idle"
    ARMING = "arming"  # the key is down, no real sample has come yet
    LISTENING = "listening"
    WORKING = "working"  # the key is up, words are on their way
    TROUBLE = "trouble"  # the last thing failed; the next press may work


LEGAL: Final[dict[State, frozenset[State]]] = {
    State.IDLE: frozenset({State.ARMING, State.TROUBLE}),
    State.ARMING: frozenset(
        {State.LISTENING, State.WORKING, State.IDLE, State.TROUBLE}
    ),
    State.LISTENING: frozenset({State.WORKING, State.IDLE, State.TROUBLE}),
    State.WORKING: frozenset({State.ARMING, State.IDLE, State.TROUBLE}),
    State.TROUBLE: frozenset({State.ARMING, State.IDLE}),
}
