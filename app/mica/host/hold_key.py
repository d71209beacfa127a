"""A key, held or tapped: what keys going down and up mean. Pure; time comes in.

Held, it is push-to-talk. A tap latches: listening goes on until the next tap. Two taps
lock: as latched, and nothing ends it but the user. There are two such keys, one of
which translates; while one is down the other is a key like any other. Which keys these
are and how they are read is the host's business; what is done about it is the
session's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mica.host.key_names import Hotkey

HOLD_S: Final = 0.5  # held this long it is no tap (VoiceInk's rule)
BOUNCE_S: Final = 0.05  # a switch that bounces as it opens; no finger is that quick
LOCK_S: Final = 0.4  # from the release of a tap to the tap that locks
CHORD_S: Final = 1.0  # another key this soon after the press is a chord (Hex's rule)
UNDO_S: Final = 5.0  # how long Esc can be taken back (MacParakeet's rule)
POLL_S: Final = 0.25  # how often the keyboard is asked while the key is held
LATE_S: Final = 10.0  # after a failure a tap may be the one that was to end it
REACTION_S: Final = 0.5  # the same where it ended as it was meant to
WARN_S: Final = 60.0  # the longest dictation is announced this long before its end


class Input(Enum):
    """What was seen."""

    PRESS = "press"  # the key that dictates; repeats while held are fine
    RELEASE = "release"
    TRANSLATE_PRESS = "translate press"  # the key that translates; the same for it
    TRANSLATE_RELEASE = "translate release"
    OTHER = "other"  # any other key going down
    ESCAPE = "escape"
    TOGGLE = "toggle"  # from the menu
    TRANSLATE_TOGGLE = "translate toggle"  # the same, into another language
    LOCK = "lock"  # what is listened to, without a key
    UNDO = "undo"  # take an Esc back
    QUIET = "quiet"  # nobody has spoken for as long as the user set
    ENDED = "ended"  # listening ended by itself
    FAILED = "failed"  # the same, and the user may not have seen it


#: What a host tells of the keys of key_names.HOLD_KEYS: going down, coming up.
EVENTS_OF: Final = {
    Hotkey.HOLD: (Input.PRESS, Input.RELEASE),
    Hotkey.TRANSLATE: (Input.TRANSLATE_PRESS, Input.TRANSLATE_RELEASE),
}


class Action(Enum):
    """What the session should do."""

    START = "start"
    STOP = "stop"  # what was said becomes text
    DISCARD = "discard"  # a chord: as if nothing had been
    CANCEL = "cancel"  # forget it, unless UNDO comes before FORGET
    UNDO = "undo"  # what was cancelled becomes text
    FORGET = "forget"  # too late for UNDO
    LATCH = "latch"
    LOCK = "lock"
    WARN = "warn"  # the longest dictation is nearly over
    TOO_LONG = "too long"  # it is: STOP, by itself
    LATE = "late"  # what was to end it came behind its end: say so


class Mode(Enum):
    """Whether it listens, and until when."""

    IDLE = "idle"
    HOLD = "hold"  # until the key is up
    LATCHED = "latched"  # until a tap
    LOCKED = "locked"  # until a tap, however late


class Key(Enum):
    """The key itself."""

    UP = "up"
    DOWN = "down"
    SECOND = "second"  # down again so soon that a tap locks
    SPENT = "spent"  # down, but nothing counts until it is up


class _Trigger(Enum):
    """An input with its time read into it."""

    PRESS = "press"
    AGAIN = "press soon after a tap"
    TAP = "short release"
    LET_GO = "long or lost release"
    BOUNCE = "release right after a press right after a release"
    CHORD = "other key soon after the press"
    ESCAPE = "escape"
    TOGGLE = "toggle"
    LOCK = "lock"
    QUIET = "quiet"
    ENDED = "ended"
    FAILED = "failed"
    TOO_LONG = "longest dictation over"


_UNTIL_TAPPED: Final = (Mode.LATCHED, Mode.LOCKED)
_Rules = dict[tuple[Mode, Key, _Trigger], tuple[Mode, Key, Action | None]]
_SPENT_OR_UP: Final = dict.fromkeys(Key, Key.SPENT) | {Key.UP: Key.UP}
_RULES: Final[_Rules] = {
    (Mode.IDLE, Key.UP, _Trigger.PRESS): (Mode.HOLD, Key.DOWN, Action.START),
    (Mode.IDLE, Key.UP, _Trigger.TOGGLE): (Mode.LATCHED, Key.UP, Action.START),
    (Mode.IDLE, Key.SPENT, _Trigger.TOGGLE): (Mode.LATCHED, Key.SPENT, Action.START),
    (Mode.HOLD, Key.DOWN, _Trigger.TAP): (Mode.LATCHED, Key.UP, Action.LATCH),
    (Mode.HOLD, Key.DOWN, _Trigger.LET_GO): (Mode.IDLE, Key.UP, Action.STOP),
    (Mode.HOLD, Key.DOWN, _Trigger.BOUNCE): (Mode.IDLE, Key.UP, Action.DISCARD),
    (Mode.HOLD, Key.DOWN, _Trigger.CHORD): (Mode.IDLE, Key.SPENT, Action.DISCARD),
    (Mode.LATCHED, Key.UP, _Trigger.AGAIN): (Mode.LATCHED, Key.SECOND, None),
    (Mode.LATCHED, Key.SECOND, _Trigger.TAP): (Mode.LOCKED, Key.UP, Action.LOCK),
    (Mode.LATCHED, Key.SECOND, _Trigger.LET_GO): (Mode.IDLE, Key.UP, Action.STOP),
    (Mode.LATCHED, Key.SECOND, _Trigger.BOUNCE): (Mode.LATCHED, Key.UP, None),
    (Mode.LATCHED, Key.SECOND, _Trigger.CHORD): (Mode.LATCHED, Key.SPENT, None),
    **{
        (mode, Key.DOWN, sign): (Mode.IDLE, Key.UP, Action.STOP)
        for mode in (Mode.LATCHED, Mode.LOCKED)
        for sign in (_Trigger.TAP, _Trigger.LET_GO)
    },
    **{  # a chord of the user's own work does not end what is latched
        (mode, key, sign): (mode, then, None)
        for mode in (Mode.LATCHED, Mode.LOCKED)
        for key, sign, then in (
            (Key.UP, _Trigger.PRESS, Key.DOWN),
            (Key.DOWN, _Trigger.CHORD, Key.SPENT),
            (Key.DOWN, _Trigger.BOUNCE, Key.UP),
        )
    },
    **{  # forgotten, it seems; who locks or holds has meant it
        (Mode.LATCHED, key, _Trigger.QUIET): (Mode.IDLE, _SPENT_OR_UP[key], Action.STOP)
        for key in Key
    },
    **{
        (mode, Key.SPENT, sign): (mode, Key.UP, None)
        for mode in Mode
        for sign in (_Trigger.TAP, _Trigger.LET_GO, _Trigger.BOUNCE)
    },
    **{
        (mode, key, _Trigger.LOCK): (Mode.LOCKED, _SPENT_OR_UP[key], Action.LOCK)
        for mode in (Mode.HOLD, Mode.LATCHED)
        for key in Key
    },
    **{
        (mode, key, sign): (Mode.IDLE, _SPENT_OR_UP[key], action)
        for mode in (Mode.HOLD, Mode.LATCHED, Mode.LOCKED)
        for key in Key
        for sign, action in (
            (_Trigger.ESCAPE, Action.CANCEL),
            (_Trigger.TOGGLE, Action.STOP),
            (_Trigger.TOO_LONG, Action.TOO_LONG),
            (_Trigger.ENDED, None),
            (_Trigger.FAILED, None),
        )
    },
}
PRESSES: Final = tuple(press for press, _ in EVENTS_OF.values())
BEGINS: Final = (*PRESSES, Input.TOGGLE, Input.TRANSLATE_TOGGLE)
_SAME_ACTION: Final = {
    **dict(zip(EVENTS_OF[Hotkey.TRANSLATE], EVENTS_OF[Hotkey.HOLD], strict=True)),
    Input.TRANSLATE_TOGGLE: Input.TOGGLE,
}
_PLAIN: Final = {
    Input.ESCAPE: _Trigger.ESCAPE,
    Input.TOGGLE: _Trigger.TOGGLE,
    Input.LOCK: _Trigger.LOCK,
    Input.QUIET: _Trigger.QUIET,
    Input.ENDED: _Trigger.ENDED,
    Input.FAILED: _Trigger.FAILED,
}
_LATE_S: Final = {
    _Trigger.FAILED: LATE_S,
    _Trigger.QUIET: REACTION_S,
    _Trigger.TOO_LONG: REACTION_S,
}


@dataclass(slots=True)
class HybridKey:
    """The rules over one key. One thread calls it; times are monotonic seconds.

    An input's time is when it happened; ticks may have gone past it already.

    longest_s    of a dictation that is not locked; may be replaced at any time
    pressed      the key that went down last
    translates   whether the newest dictation was begun by the key for that, or so asked
    began_by     the key that began it; None: it was asked for otherwise
    """

    longest_s: float
    mode: Mode = Mode.IDLE
    key: Key = Key.UP
    pressed: Hotkey = Hotkey.HOLD
    translates: bool = False
    began_by: Hotkey | None = None
    _asked: Hotkey = Hotkey.HOLD  # by what was seen last
    _now_s: float = 0.0
    _pressed_s: float = 0.0
    _released_s: float = -1.0  # the last time that same key came up
    _tapped_s: float | None = None  # the release that latched
    _began_s: float = 0.0
    _seen_up_s: float | None = None  # the keyboard said so first
    _warned: bool = False
    _undo_until_s: float | None = None
    _late_until_s: float | None = None  # a tap was still to come
    _doubted: bool = False  # the newest press may be that tap; its release tells

    @property
    def down(self) -> bool:
        """Whether the key is held, as far as is known: ask the keyboard."""
        return self.key is not Key.UP

    @property
    def at_rest(self) -> bool:
        """Whether no tick is needed."""
        idle = self.mode is Mode.IDLE and self.key is Key.UP
        return idle and self._undo_until_s is None

    def on(self, what: Input, now_s: float) -> list[Action]:
        """What this input means, in order; often nothing."""
        return [*self._over(now_s), *self._means(what, now_s)]

    def tick(self, now_s: float, down: bool | None = None) -> list[Action]:
        """What the time means; call often unless `at_rest`.

        down   what the keyboard says of the key, asked each POLL_S; None: not asked
        """
        return [*self._over(now_s), *self._seen(down, now_s), *self._length()]

    def _over(self, now_s: float) -> Iterator[Action]:
        """Time goes on, never back; an Esc becomes final."""
        self._now_s = max(self._now_s, now_s)
        if self._undo_until_s is not None and self._now_s >= self._undo_until_s:
            self._undo_until_s = None
            yield Action.FORGET

    def _means(self, what: Input, at_s: float) -> Iterator[Action]:
        if what is Input.UNDO:
            if self._undo_until_s is not None:
                self._undo_until_s = None
                yield Action.UNDO
            return
        sign = self._sign(what, at_s)
        if sign is _Trigger.ESCAPE:
            self.forget_end()
        if sign is _Trigger.TOGGLE and self._is_late(at_s):
            yield Action.LATE
        elif sign is _Trigger.TAP and self._doubted and self._holds:
            yield from self._move(_Trigger.BOUNCE, at_s)
            yield Action.LATE
        elif sign is not None:
            if (
                sign is _Trigger.PRESS
            ):  # held on, it is a new dictation: that costs no word
                self._doubted = self._is_late(at_s)
            yield from self._move(sign, at_s)

    @property
    def _holds(self) -> bool:
        return (self.mode, self.key) == (Mode.HOLD, Key.DOWN)

    def forget_end(self) -> None:
        """Who asks now has seen that nobody listens."""
        self._late_until_s = None

    def _is_late(self, at_s: float) -> bool:
        """Whether this was to end what has ended; only the first one after it."""
        until_s, self._late_until_s = self._late_until_s, None
        return until_s is not None and at_s < until_s

    def _sign(self, what: Input, at_s: float) -> _Trigger | None:
        held_s = at_s - self._pressed_s
        use = self._asked = Hotkey.TRANSLATE if what in _SAME_ACTION else Hotkey.HOLD
        match meant := _SAME_ACTION.get(what, what):
            case Input.PRESS if not self.down:
                return self._press(use, at_s)
            case Input.PRESS if use is self.pressed:
                return None
            case Input.OTHER | Input.PRESS:
                return _Trigger.CHORD if held_s < CHORD_S else None
            case Input.RELEASE if use is not self.pressed:
                return None
            case Input.RELEASE:
                return self._release(held_s, at_s)
        return _PLAIN[meant]

    def _press(self, use: Hotkey, at_s: float) -> _Trigger:
        same, self.pressed = use is self.pressed, use
        self._pressed_s, self._seen_up_s = at_s, None
        if not same:
            self._released_s = -1.0
        tapped_s, self._tapped_s = self._tapped_s, None
        soon = same and tapped_s is not None and at_s - tapped_s <= LOCK_S
        return _Trigger.AGAIN if soon and self.mode is Mode.LATCHED else _Trigger.PRESS

    def _release(self, held_s: float, at_s: float) -> _Trigger:
        up_s, self._released_s = self._pressed_s - self._released_s, at_s
        if up_s < BOUNCE_S and held_s < BOUNCE_S:
            self._tapped_s = at_s  # a true tap may still follow
            return _Trigger.BOUNCE
        return _Trigger.TAP if held_s < HOLD_S else _Trigger.LET_GO

    def _seen(self, down: bool | None, asked_s: float) -> Iterator[Action]:
        """A lost key-up. Twice, for the first may be on its way as an event."""
        if down is None or not self.down:
            return
        if down or self._seen_up_s is None:
            self._seen_up_s = None if down else asked_s
        elif asked_s != self._seen_up_s:
            yield from self._move(_Trigger.LET_GO, self._now_s)

    def _length(self) -> Iterator[Action]:
        if self.mode not in (Mode.HOLD, Mode.LATCHED):
            return
        left_s = self._began_s + self.longest_s - self._now_s
        if left_s <= 0:
            yield from self._move(_Trigger.TOO_LONG, self._now_s)
        elif left_s <= WARN_S < self.longest_s and not self._warned:
            self._warned = True
            yield Action.WARN

    def _move(self, sign: _Trigger, at_s: float) -> Iterator[Action]:
        was, place = self.mode, (self.mode, self.key, sign)
        self.mode, self.key, action = _RULES.get(place, (self.mode, self.key, None))
        ended = was in _UNTIL_TAPPED and self.mode is Mode.IDLE
        if ended and self.key is Key.UP and sign in _LATE_S:
            self._late_until_s = self._now_s + _LATE_S[sign]
        if action is Action.START:
            self._began_s, self._warned, self._tapped_s = self._now_s, False, None
            self.translates = self._asked is Hotkey.TRANSLATE
            self.began_by = self._asked if self.key is Key.DOWN else None
            if self._undo_until_s is not None:
                self._undo_until_s = None
                yield Action.FORGET
        elif action is Action.LATCH:
            self._tapped_s = at_s
        elif action is Action.CANCEL:
            self._undo_until_s = self._now_s + UNDO_S
        if action is not None:
            yield action
