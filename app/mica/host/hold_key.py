"""The key that dictates, held or tapped: what its presses and releases mean.

Held, it is push-to-talk. A tap latches: dictation continues hands-free until the next
tap. Two taps lock: only the user ends it then, neither silence nor the time limit.

    0.0 s  PRESS     START: the microphone opens, whatever this press turns out to be
    0.1 s  RELEASE   held under HOLD_S, so it was a tap: LATCH
    0.3 s  PRESS     within LOCK_S of that release; nothing yet
    0.4 s  RELEASE   a tap again: LOCK
    9.0 s  PRESS
    9.1 s  RELEASE   STOP: what was said is transcribed

A first release at 2 s would have been a hold: STOP. A second press after LOCK_S would
have ended the latched dictation at its release.

There are two such keys, one of which translates; while one is down, the other counts as
any other key. The host decides which keys they are and how they are read; the session
acts on the actions. Pure: the time is passed in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mica.host.hold_key_table import (
    HANDS_FREE,
    TRANSITIONS,
    Action,
    Key,
    Mode,
    Trigger,
)
from mica.host.key_names import Hotkey

HOLD_S: Final = 0.5  # held this long it is no tap (VoiceInk's rule)
BOUNCE_S: Final = 0.05  # contact bounce at the release; no finger is that fast
LOCK_S: Final = 0.4  # from the release of a tap to the tap that locks
CHORD_S: Final = 1.0  # another key this soon after the press is a chord (Hex's rule)
UNDO_S: Final = 5.0  # how long Esc can be undone (MacParakeet's rule)
POLL_S: Final = 0.25  # how often the keyboard is polled while the key is held
LATE_S: Final = 10.0  # after a failure, a tap may have been meant to end the dictation
REACTION_S: Final = 0.5  # the same after silence or the time limit
WARN_S: Final = 60.0  # how long before the time limit it is announced


class Input(Enum):
    """An event for the hold keys."""

    PRESS = "press"  # of the key that dictates; auto-repeats included
    RELEASE = "release"
    TRANSLATE_PRESS = "translate press"  # of the key that translates
    TRANSLATE_RELEASE = "translate release"
    OTHER = "other"  # any other key went down
    ESCAPE = "escape"
    TOGGLE = "toggle"  # start or stop, from the menu
    TRANSLATE_TOGGLE = "translate toggle"  # the same, translating
    LOCK = "lock"  # lock the dictation without a key
    UNDO = "undo"  # take back an Esc
    QUIET = "quiet"  # silence for as long as set in the settings
    ENDED = "ended"  # the dictation ended without a key
    FAILED = "failed"  # the same, but the user may not have noticed


#: The press and the release that a host reports for each hold key.
EVENTS_OF: Final = {
    Hotkey.HOLD: (Input.PRESS, Input.RELEASE),
    Hotkey.TRANSLATE: (Input.TRANSLATE_PRESS, Input.TRANSLATE_RELEASE),
}
PRESS_INPUTS: Final = tuple(press for press, _ in EVENTS_OF.values())
START_INPUTS: Final = (*PRESS_INPUTS, Input.TOGGLE, Input.TRANSLATE_TOGGLE)
#: The inputs that translate, and the input that does the same without translating.
_WITHOUT_TRANSLATION: Final = {
    **dict(zip(EVENTS_OF[Hotkey.TRANSLATE], EVENTS_OF[Hotkey.HOLD], strict=True)),
    Input.TRANSLATE_TOGGLE: Input.TOGGLE,
}
#: Inputs whose meaning does not depend on their time.
_UNTIMED_TRIGGERS: Final = {
    Input.ESCAPE: Trigger.ESCAPE,
    Input.TOGGLE: Trigger.TOGGLE,
    Input.LOCK: Trigger.LOCK,
    Input.QUIET: Trigger.QUIET,
    Input.ENDED: Trigger.ENDED,
    Input.FAILED: Trigger.FAILED,
}
#: How long after these a tap counts as meant to end the dictation.
_LATE_TAP_S: Final = {
    Trigger.FAILED: LATE_S,
    Trigger.QUIET: REACTION_S,
    Trigger.TOO_LONG: REACTION_S,
}


@dataclass(slots=True)
class HoldKey:
    """The rules of the hold keys. Used by one thread; times are monotonic seconds.

    An input's time is when it happened; a tick may already be later.

    longest_s    time limit of a dictation that is not locked; may be set at any time
    pressed      the hold key that went down last
    translates   whether the newest dictation was started with translation
    started_by   the key that started it; None: the menu or a command did
    """

    longest_s: float
    mode: Mode = Mode.IDLE
    key: Key = Key.UP
    pressed: Hotkey = Hotkey.HOLD
    translates: bool = False
    started_by: Hotkey | None = None
    _last_hotkey: Hotkey = Hotkey.HOLD  # of the last input
    _now_s: float = 0.0
    _pressed_s: float = 0.0
    _released_s: float = -1.0  # the last release of that same key
    _tapped_s: float | None = None  # the release that latched
    _started_s: float = 0.0
    _polled_up_s: float | None = None  # when a poll first said the key was up
    _warned: bool = False
    _undo_until_s: float | None = None
    _late_until_s: float | None = None  # a tap meant to end it may still come
    _may_be_late: bool = False  # the newest press may be that tap; its release decides

    @property
    def down(self) -> bool:
        """Whether the key is held according to its events; then poll the keyboard."""
        return self.key is not Key.UP

    @property
    def at_rest(self) -> bool:
        """Whether no tick is needed."""
        idle = self.mode is Mode.IDLE and self.key is Key.UP
        return idle and self._undo_until_s is None

    def handle(self, what: Input, now_s: float) -> list[Action]:
        """The actions for an input, in order; often none."""
        return [*self._advance(now_s), *self._handle(what, now_s)]

    def tick(self, now_s: float, down: bool | None = None) -> list[Action]:
        """The actions due by now; call often unless `at_rest`.

        down   whether the key is down, polled each POLL_S; None: not polled
        """
        return [
            *self._advance(now_s),
            *self._check_keyboard(down, now_s),
            *self._check_time_limit(),
        ]

    def expect_no_late_tap(self) -> None:
        """Treat the next tap as a start: the user knows that the dictation ended."""
        self._late_until_s = None

    def _advance(self, now_s: float) -> Iterator[Action]:
        """Advance the clock, never back; a cancellation may become final."""
        self._now_s = max(self._now_s, now_s)
        if self._undo_until_s is not None and self._now_s >= self._undo_until_s:
            self._undo_until_s = None
            yield Action.FORGET

    def _handle(self, what: Input, at_s: float) -> Iterator[Action]:
        if what is Input.UNDO:
            if self._undo_until_s is not None:
                self._undo_until_s = None
                yield Action.UNDO
            return
        trigger = self._trigger(what, at_s)
        if trigger is Trigger.ESCAPE:
            self.expect_no_late_tap()
        is_held = (self.mode, self.key) == (Mode.HOLD, Key.DOWN)
        if trigger is Trigger.TOGGLE and self._is_late(at_s):
            yield Action.LATE
        elif trigger is Trigger.SHORT_RELEASE and self._may_be_late and is_held:
            yield from self._transition(Trigger.BOUNCE, at_s)
            yield Action.LATE
        elif trigger is not None:
            if trigger is Trigger.PRESS:  # if held on, a new dictation begins
                self._may_be_late = self._is_late(at_s)
            yield from self._transition(trigger, at_s)

    def _is_late(self, at_s: float) -> bool:
        """Whether this was meant to end a dictation that already ended; true once."""
        until_s, self._late_until_s = self._late_until_s, None
        return until_s is not None and at_s < until_s

    def _trigger(self, what: Input, at_s: float) -> Trigger | None:
        """The trigger of an input, given its time; None if it has no meaning."""
        held_s = at_s - self._pressed_s
        translates = what in _WITHOUT_TRANSLATION
        hotkey = self._last_hotkey = Hotkey.TRANSLATE if translates else Hotkey.HOLD
        match plain := _WITHOUT_TRANSLATION.get(what, what):
            case Input.PRESS if not self.down:
                return self._press(hotkey, at_s)
            case Input.PRESS if hotkey is self.pressed:
                return None
            case Input.OTHER | Input.PRESS:
                return Trigger.CHORD if held_s < CHORD_S else None
            case Input.RELEASE if hotkey is not self.pressed:
                return None
            case Input.RELEASE:
                return self._release(held_s, at_s)
        return _UNTIMED_TRIGGERS[plain]

    def _press(self, hotkey: Hotkey, at_s: float) -> Trigger:
        is_same, self.pressed = hotkey is self.pressed, hotkey
        self._pressed_s, self._polled_up_s = at_s, None
        if not is_same:
            self._released_s = -1.0
        tapped_s, self._tapped_s = self._tapped_s, None
        is_soon = is_same and tapped_s is not None and at_s - tapped_s <= LOCK_S
        is_second = is_soon and self.mode is Mode.LATCHED
        return Trigger.SECOND_PRESS if is_second else Trigger.PRESS

    def _release(self, held_s: float, at_s: float) -> Trigger:
        up_s, self._released_s = self._pressed_s - self._released_s, at_s
        if up_s < BOUNCE_S and held_s < BOUNCE_S:
            self._tapped_s = at_s  # a real tap may still follow
            return Trigger.BOUNCE
        return Trigger.SHORT_RELEASE if held_s < HOLD_S else Trigger.LONG_RELEASE

    def _check_keyboard(self, down: bool | None, polled_s: float) -> Iterator[Action]:
        """Notice a lost release. Needs two polls, since its event may be on its way."""
        if down is None or not self.down:
            return
        if down or self._polled_up_s is None:
            self._polled_up_s = None if down else polled_s
        elif polled_s != self._polled_up_s:
            yield from self._transition(Trigger.LONG_RELEASE, self._now_s)

    def _check_time_limit(self) -> Iterator[Action]:
        if self.mode not in (Mode.HOLD, Mode.LATCHED):
            return
        remaining_s = self._started_s + self.longest_s - self._now_s
        if remaining_s <= 0:
            yield from self._transition(Trigger.TOO_LONG, self._now_s)
        elif remaining_s <= WARN_S < self.longest_s and not self._warned:
            self._warned = True
            yield Action.WARN

    def _transition(self, trigger: Trigger, at_s: float) -> Iterator[Action]:
        before, place = self.mode, (self.mode, self.key, trigger)
        unchanged = self.mode, self.key, None
        self.mode, self.key, action = TRANSITIONS.get(place, unchanged)
        has_ended = before in HANDS_FREE and self.mode is Mode.IDLE
        if has_ended and self.key is Key.UP and trigger in _LATE_TAP_S:
            self._late_until_s = self._now_s + _LATE_TAP_S[trigger]
        if action is Action.START:
            self._started_s, self._warned, self._tapped_s = self._now_s, False, None
            self.translates = self._last_hotkey is Hotkey.TRANSLATE
            self.started_by = self._last_hotkey if self.key is Key.DOWN else None
            if self._undo_until_s is not None:
                self._undo_until_s = None
                yield Action.FORGET
        elif action is Action.LATCH:
            self._tapped_s = at_s
        elif action is Action.CANCEL:
            self._undo_until_s = self._now_s + UNDO_S
        if action is not None:
            yield action
