"""Hold to talk: what keys going down and up mean. Pure; time comes in.

Another key soon after the press makes it a chord, which cancels silently; a
key-up that never came is noticed by asking the keyboard every POLL_S. Which keys
these are and how they are read is the host's business.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

CHORD_S: Final = 1.0  # another key this soon is a chord (Hex's rule)
POLL_S: Final = 0.25  # how often the physical state is asked for while held


class Input(Enum):
    """What the host saw."""

    DOWN = "down"  # the hold key; repeats while held are fine
    UP = "up"  # the hold key
    OTHER = "other"  # any other key going down
    ESCAPE = "escape"
    SEEN_UP = "seen up"  # polled: the hold key is physically up
    SEEN_DOWN = "seen down"  # polled: it is physically down


class Output(Enum):
    """What the session should do."""

    PRESS = "press"
    RELEASE = "release"
    CANCEL = "cancel"


class Hold(Enum):
    """Where the hold key stands."""

    UP = "up"
    HELD = "held"  # down, and what is said counts
    SPENT = "spent"  # still down after a cancel; nothing counts until it is up


_Move = tuple[Hold, Output | None]
_RULES: Final[dict[tuple[Hold, Input], _Move]] = {
    (Hold.UP, Input.DOWN): (Hold.HELD, Output.PRESS),
    (Hold.HELD, Input.UP): (Hold.UP, Output.RELEASE),
    (Hold.HELD, Input.SEEN_UP): (Hold.UP, Output.RELEASE),
    (Hold.HELD, Input.OTHER): (Hold.SPENT, Output.CANCEL),
    (Hold.HELD, Input.ESCAPE): (Hold.SPENT, Output.CANCEL),
    (Hold.SPENT, Input.UP): (Hold.UP, None),
    (Hold.SPENT, Input.SEEN_UP): (Hold.UP, None),
}


@dataclass(slots=True)
class HoldToTalk:
    """The rules over one hold key. One thread calls it."""

    state: Hold = Hold.UP
    _pressed_s: float = 0.0

    def on(self, what: Input, now_s: float) -> Output | None:
        """What this input means; None for nothing. now_s: monotonic seconds."""
        if what is Input.OTHER and now_s - self._pressed_s >= CHORD_S:
            return None
        self.state, output = _RULES.get((self.state, what), (self.state, None))
        if output is Output.PRESS:
            self._pressed_s = now_s
        return output
