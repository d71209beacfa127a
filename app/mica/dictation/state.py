"""The states of a dictation that the tray and the overlay show, and their
transitions."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from mica.events import Language
from mica.host.key_names import Hotkey


class State(Enum):
    """The states of a dictation."""

    IDLE = "idle"
    ARMING = "arming"  # the key is down, but no nonzero sample comes
    LISTENING = "listening"
    WORKING = "working"  # the key is up, the text is being transcribed
    DONE = "done"  # the text was inserted; shown for a moment
    CANCELLED = "cancelled"  # can be undone for a few seconds
    TROUBLE = "trouble"  # the last operation failed; the next press may work


class Latch(Enum):
    """Why a dictation continues while the key is up."""

    OFF = "off"
    LATCHED = "latched"  # after a tap: until the next tap
    LOCKED = "locked"  # after two taps: like LATCHED, but without a time limit


@dataclass(frozen=True, slots=True)
class ShownState:
    """What the tray and the overlay show.

    latch      OFF unless ARMING or LISTENING
    to         the language it is translated into; None unless ARMING or LISTENING
    key        the key that started it, whose tap ends it; None if no key did, or not
               listening
    reason     the message of TROUBLE; empty in every other state
    is_retry   WORKING on a recording that is transcribed again
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
