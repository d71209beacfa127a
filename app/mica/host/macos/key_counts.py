"""The keyboard itself: what is physically down, for a key-up that got lost.

How often keys and mouse buttons went down, by the system's own counts.

Nobody watches what is typed: only how much. What we post ourselves comes from a private
source and is not the hardware's; a key of ours, with its repeats, is left out here.
"""

from collections.abc import Callable, Iterable
from typing import Final

from AppKit import NSEvent
from Quartz import (
    CGEventSourceCounterForEventType,
    CGEventSourceKeyState,
    CGEventSourceSecondsSinceLastEventType,
    kCGEventKeyDown,
    kCGEventLeftMouseDown,
    kCGEventOtherMouseDown,
    kCGEventRightMouseDown,
    kCGEventSourceStateHIDSystemState,
)

from mica.host.macos.keys import FN, GENERAL_BITS, MODIFIER_BITS, WITH_FN


class KeyState:
    """Whether one key is physically down, as the system says.

    It may not know the key, or refuse to tell without a permission: it is believed
    that a key is up only once it has said that it was down.
    """

    def __init__(self, code: int) -> None:
        """By virtual keycode."""
        self.held = False  # as the events say
        self.bare = code in MODIFIER_BITS  # a modifier by itself
        self._code, self._known = code, False

    def is_down(self) -> bool:
        if self._code == FN:  # the system knows neither that key nor when its flag ends
            return self.held
        down = is_down(self._code)
        self._known |= down
        return down or (self.held and not self._known)


def only_bare(states: Iterable[KeyState]) -> bool:
    """Whether keys are held and none is a whole key, whose repeats count as typed."""
    held = [state.bare for state in states if state.held]
    return bool(held) and all(held)


def is_down(code: int) -> bool:
    """By virtual keycode. Either answer keeps a hold: one of them not knowing Fn, say,
    must not end it."""
    if CGEventSourceKeyState(kCGEventSourceStateHIDSystemState, code):
        return True
    return bool(NSEvent.modifierFlags() & GENERAL_BITS.get(code, 0))


def gives_fn() -> bool:
    """Whether a key is down that has Fn's flag, and on some Macs its events, too."""
    state = kCGEventSourceStateHIDSystemState
    return any(CGEventSourceKeyState(state, code) for code in WITH_FN)


def _is_any_down() -> bool:
    """Whether a key that is no modifier is down."""
    state, codes = kCGEventSourceStateHIDSystemState, range(_CODES)
    keys = (code for code in codes if code not in MODIFIER_BITS)
    return any(CGEventSourceKeyState(state, code) for code in keys)


_CODES: Final = 128  # of real keys
#: So soon around Fn comes a key of macOS's own, 179, where a tap of Fn does something
#: (MacParakeet's HotkeyManager).
FN_KEY_S: Final = 0.15
Clock = Callable[[], float]


class TypedKeys:
    """Keys typed, modifiers left out, and an Esc that will be told by itself: it is
    counted a moment before that.

    of_fn   keys of macOS's own, counted as if they had been typed
    """

    def __init__(self, clock: Clock, escape_down: Callable[[], bool]) -> None:
        """escape_down: whether that key is down and may be ours."""
        self._clock, self._escape_down = clock, escape_down
        self._asked_s, self._before = clock(), 0
        self._fn_s: float | None = None
        self.of_fn = 0

    def fn_changed(self) -> None:
        """Fn went down or came up, and macOS may act on that."""
        self._fn_s = self._clock()

    def leave_out_fn(self) -> None:
        """The key that macOS itself sent, if that is all that came since."""
        if self._fn_s is None or _count(kCGEventKeyDown) - self._before != 1:
            return
        state, kind = kCGEventSourceStateHIDSystemState, kCGEventKeyDown
        at_s = self._clock() - CGEventSourceSecondsSinceLastEventType(state, kind)
        if abs(at_s - self._fn_s) <= FN_KEY_S and not _is_any_down():
            self._before += 1
            self.of_fn += 1

    def since_s(self) -> float | None:
        """When this was asked last, if a key went down after that; else None."""
        self.leave_out_fn()
        asked_s, self._asked_s = self._asked_s, self._clock()
        before, self._before = self._before, _count(kCGEventKeyDown)
        typed = self._before != before and not self._escape_down()
        return asked_s if typed else None


class PressCounts:
    """The user's other presses; see ports.Hotkeys."""

    def __init__(self, typing: TypedKeys) -> None:
        self.typing = typing
        self._ours = 0
        self._before: int | None = None  # a key of ours went down; it is still held

    def own(self, pressed: bool) -> None:
        """A key of ours went down or came up; the count has it already."""
        if not pressed:
            self._settle()
        elif self._before is None:
            self._before = _count(kCGEventKeyDown) - 1

    def own_once(self) -> None:
        """A key of ours whose coming up may not be told went down."""
        self._ours += self._before is None  # else it goes with the one that is held
        self.typing.since_s()  # it is no other key

    def others(self) -> int:
        self.typing.leave_out_fn()
        keys = _count(kCGEventKeyDown) if self._before is None else self._before
        clicks = (
            kCGEventLeftMouseDown,
            kCGEventRightMouseDown,
            kCGEventOtherMouseDown,
        )
        ours = self._ours + self.typing.of_fn
        return keys - ours + sum(_count(kind) for kind in clicks)

    def _settle(self) -> None:
        """What came while it was held was its repeats."""
        if self._before is not None:
            self._ours += _count(kCGEventKeyDown) - self._before
            self._before = None


def _count(kind: int) -> int:
    return int(
        CGEventSourceCounterForEventType(kCGEventSourceStateHIDSystemState, kind)
    )
