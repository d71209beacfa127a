"""What Mica is doing, as the tray and the overlay show it, and how it may change."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from mica.events import Language
from mica.host.key_names import Hotkey


class State(Enum):
    """The states of a dictation that are shown."""

    IDLE = "idle"
    ARMING = "arming"  # the key is down, no real sample comes: not yet, or no longer
    LISTENING = "listening"
    WORKING = "working"  # the key is up, words are on their way
    DONE = "done"  # the words stand where they belong; shown for a moment
    CANCELLED = "cancelled"  # for a few seconds it can be taken back
    TROUBLE = "trouble"  # the last thing failed; the next press may work


class Latch(Enum):
    """Why a dictation goes on while the key is up."""

    OFF = "off"
    LATCHED = "latched"  # a tap: until the next tap
    LOCKED = "locked"  # two taps: as latched, and never too long


@dataclass(frozen=True, slots=True)
class ShownState:
    """Everything the tray and the overlay show of a state.

    latch      OFF unless ARMING or LISTENING
    to         the language it is translated into; None unless ARMING or LISTENING
    key        the key that began it, whose tap ends it; None: another way, or neither
    reason     of TROUBLE, as the user was told; empty in every other state
    is_retry   WORKING on a recording that the engine gets once more
    """

    state: State
    latch: Latch = Latch.OFF
    to: Language | None = None
    key: Hotkey | None = None
    reason: str = ""
    is_retry: bool = False


LEGAL: Final[dict[State, frozenset[State]]] = {
    State.IDLE: frozenset({State.ARMING, State.WORKING, State.TROUBLE}),
    State.ARMING: frozenset(
        {State.LISTENING, State.WORKING, State.CANCELLED, State.IDLE, State.TROUBLE}
    ),
    State.LISTENING: frozenset(
        {State.ARMING, State.WORKING, State.CANCELLED, State.IDLE, State.TROUBLE}
    ),
    State.WORKING: frozenset({State.ARMING, State.DONE, State.IDLE, State.TROUBLE}),
    State.DONE: frozenset({State.ARMING, State.WORKING, State.IDLE, State.TROUBLE}),
    State.CANCELLED: frozenset(
        {State.ARMING, State.WORKING, State.DONE, State.IDLE, State.TROUBLE}
    ),
    State.TROUBLE: frozenset({State.ARMING, State.WORKING, State.DONE, State.IDLE}),
}
