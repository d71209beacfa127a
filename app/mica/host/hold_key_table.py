"""The hold key's transitions: (mode, key, trigger) -> (mode, key, action). Pure.

hold_key.py derives triggers from inputs and their times and applies the table. A
combination that is not in the table changes nothing.
"""

from enum import Enum
from typing import Final


class Action(Enum):
    """An action for the dictation controller."""

    START = "start"
    STOP = "stop"  # transcribe what was said
    DISCARD = "discard"  # it was a chord or a bounce: leave no trace
    CANCEL = "cancel"  # drop it, unless UNDO comes before FORGET
    UNDO = "undo"  # transcribe what was canceled
    FORGET = "forget"  # too late for UNDO
    LATCH = "latch"
    LOCK = "lock"
    WARN = "warn"  # the time limit is near
    TOO_LONG = "too long"  # the time limit is reached: STOP
    LATE = "late"  # an input meant to end it came too late: tell the user


class Mode(Enum):
    """Whether a dictation is on, and what ends it."""

    IDLE = "idle"
    HOLD = "hold"  # the release of the key
    LATCHED = "latched"  # a tap, silence or the time limit
    LOCKED = "locked"  # a tap


class Key(Enum):
    """The state of the key itself."""

    UP = "up"
    DOWN = "down"
    SECOND = "second"  # down again so soon after a tap that a second tap locks
    SPENT = "spent"  # down, but ignored until it is up


class Trigger(Enum):
    """An input whose time has been taken into account."""

    PRESS = "press"
    SECOND_PRESS = "press soon after a tap"
    SHORT_RELEASE = "release of a tap"
    LONG_RELEASE = "release of a hold, or a lost one"
    BOUNCE = "release right after a press right after a release"
    CHORD = "other key soon after the press"
    ESCAPE = "escape"
    TOGGLE = "toggle"
    LOCK = "lock"
    QUIET = "quiet"
    ENDED = "ended"
    FAILED = "failed"
    TOO_LONG = "time limit reached"


Transition = tuple[Mode, Key, Action | None]
HANDS_FREE: Final = (Mode.LATCHED, Mode.LOCKED)
_RELEASES: Final = (Trigger.SHORT_RELEASE, Trigger.LONG_RELEASE)
#: If something else ends or locks the dictation while the key is down, it is SPENT.
_SPENT_OR_UP: Final = dict.fromkeys(Key, Key.SPENT) | {Key.UP: Key.UP}

TRANSITIONS: Final[dict[tuple[Mode, Key, Trigger], Transition]] = {
    (Mode.IDLE, Key.UP, Trigger.PRESS): (Mode.HOLD, Key.DOWN, Action.START),
    (Mode.IDLE, Key.UP, Trigger.TOGGLE): (Mode.LATCHED, Key.UP, Action.START),
    (Mode.IDLE, Key.SPENT, Trigger.TOGGLE): (Mode.LATCHED, Key.SPENT, Action.START),
    (Mode.HOLD, Key.DOWN, Trigger.SHORT_RELEASE): (
        Mode.LATCHED, Key.UP, Action.LATCH,
    ),
    (Mode.HOLD, Key.DOWN, Trigger.LONG_RELEASE): (Mode.IDLE, Key.UP, Action.STOP),
    (Mode.HOLD, Key.DOWN, Trigger.BOUNCE): (Mode.IDLE, Key.UP, Action.DISCARD),
    (Mode.HOLD, Key.DOWN, Trigger.CHORD): (Mode.IDLE, Key.SPENT, Action.DISCARD),
    (Mode.LATCHED, Key.UP, Trigger.SECOND_PRESS): (Mode.LATCHED, Key.SECOND, None),
    (Mode.LATCHED, Key.SECOND, Trigger.SHORT_RELEASE): (
        Mode.LOCKED, Key.UP, Action.LOCK,
    ),
    (Mode.LATCHED, Key.SECOND, Trigger.LONG_RELEASE): (
        Mode.IDLE, Key.UP, Action.STOP,
    ),
    (Mode.LATCHED, Key.SECOND, Trigger.BOUNCE): (Mode.LATCHED, Key.UP, None),
    (Mode.LATCHED, Key.SECOND, Trigger.CHORD): (Mode.LATCHED, Key.SPENT, None),
    **{
        (mode, Key.DOWN, release): (Mode.IDLE, Key.UP, Action.STOP)
        for mode in HANDS_FREE
        for release in _RELEASES
    },
    **{  # a shortcut of the user's does not end hands-free dictation
        (mode, key, trigger): (mode, then, None)
        for mode in HANDS_FREE
        for key, trigger, then in (
            (Key.UP, Trigger.PRESS, Key.DOWN),
            (Key.DOWN, Trigger.CHORD, Key.SPENT),
            (Key.DOWN, Trigger.BOUNCE, Key.UP),
        )
    },
    **{  # silence: the user forgot the latch; a lock or a hold is deliberate
        (Mode.LATCHED, key, Trigger.QUIET): (Mode.IDLE, _SPENT_OR_UP[key], Action.STOP)
        for key in Key
    },
    **{
        (mode, Key.SPENT, release): (mode, Key.UP, None)
        for mode in Mode
        for release in (*_RELEASES, Trigger.BOUNCE)
    },
    **{
        (mode, key, Trigger.LOCK): (Mode.LOCKED, _SPENT_OR_UP[key], Action.LOCK)
        for mode in (Mode.HOLD, Mode.LATCHED)
        for key in Key
    },
    **{
        (mode, key, trigger): (Mode.IDLE, _SPENT_OR_UP[key], action)
        for mode in (Mode.HOLD, *HANDS_FREE)
        for key in Key
        for trigger, action in (
            (Trigger.ESCAPE, Action.CANCEL),
            (Trigger.TOGGLE, Action.STOP),
            (Trigger.TOO_LONG, Action.TOO_LONG),
            (Trigger.ENDED, None),
            (Trigger.FAILED, None),
        )
    },
}  # fmt: skip
