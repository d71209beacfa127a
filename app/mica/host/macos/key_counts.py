"""What the system counts and knows of the keyboard, without watching it.

Whether a key is physically down, for a release whose event was lost, and how often keys
and mouse buttons went down: how much is typed, never what. Events we post come from a
private source and are not counted as the hardware's; our hotkeys, with their
auto-repeats, are subtracted here.
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

_CODES: Final = 128  # of real keys
#: So soon around Fn comes a key of macOS's own, 179, where a tap of Fn does something
#: (MacParakeet's HotkeyManager).
FN_KEY_S: Final = 0.15
MAX_AGE_S: Final = 10.0  # no main thread is busy for longer
Clock = Callable[[], float]


def happened_s(event_s: float, now_s: float) -> float:
    """When an event happened: by its own time, for the main thread may have been busy
    since. That counts seconds since the system's start, as time.monotonic() does on a
    Mac (both are mach_absolute_time). One that a program posted may have none.
    """
    return event_s if now_s - MAX_AGE_S <= event_s <= now_s else now_s


class KeyState:
    """Whether one key is physically down, by the system's word where it can be trusted.

    The system may not know a key, or not tell without a permission. So a key whose
    press was seen counts as down until its release is seen, unless the system has
    reported it down at least once: only then is "up" believed.
    """

    def __init__(self, code: int) -> None:
        """By virtual keycode."""
        self.held = False  # as the events say
        self.is_modifier = code in MODIFIER_BITS  # a modifier by itself
        self._code, self._was_reported_down = code, False

    def is_down(self) -> bool:
        if self._code == FN:  # the system knows neither that key nor when its flag ends
            return self.held
        down = is_down(self._code)
        self._was_reported_down |= down
        return down or (self.held and not self._was_reported_down)


def only_modifiers_held(states: Iterable[KeyState]) -> bool:
    """Whether keys are held and none is a whole key, whose repeats count as typed."""
    held = [state.is_modifier for state in states if state.held]
    return bool(held) and all(held)


def is_down(code: int) -> bool:
    """Whether a key, by virtual keycode, is down by either of the system's two answers.

    One of them may not know Fn, say, and must not end a hold.
    """
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


class TypingCounter:
    """Whether keys were typed, not counting modifiers or an Esc that Carbon reports.

    The system counts a press a moment before Carbon reports it.

    of_fn   keys of macOS's own, counted as if they had been typed
    """

    def __init__(self, clock: Clock, escape_down: Callable[[], bool]) -> None:
        """escape_down: whether that key is down and may be ours."""
        self._clock, self._escape_down = clock, escape_down
        self._checked_s, self._before = clock(), 0
        self._fn_s: float | None = None
        self.of_fn = 0

    def fn_changed(self, at_s: float) -> None:
        """Fn went down or came up, and macOS may act on that."""
        self._fn_s = at_s

    def leave_out_fn(self) -> None:
        """The key that macOS itself sent, if that is all that came since."""
        if self._fn_s is None or _count(kCGEventKeyDown) - self._before != 1:
            return
        state, kind = kCGEventSourceStateHIDSystemState, kCGEventKeyDown
        at_s = self._clock() - CGEventSourceSecondsSinceLastEventType(state, kind)
        if abs(at_s - self._fn_s) <= FN_KEY_S and not _is_any_down():
            self._before += 1
            self.of_fn += 1

    def typed_since_s(self) -> float | None:
        """When this was last called, if a key has gone down since; else None."""
        self.leave_out_fn()
        last_s, self._checked_s = self._checked_s, self._clock()
        before, self._before = self._before, _count(kCGEventKeyDown)
        typed = self._before != before and not self._escape_down()
        return last_s if typed else None


class PressCounter:
    """The user's presses without our hotkeys; see ports.Hotkeys.press_count."""

    def __init__(self, typing: TypingCounter) -> None:
        self.typing = typing
        self._hotkey_presses = 0
        self._before: int | None = None  # a key of ours went down; it is still held

    def on_hotkey(self, pressed: bool) -> None:
        """A hotkey went down or came up; the system has counted it already."""
        if not pressed:
            self._end_hotkey()
        elif self._before is None:
            self._before = _count(kCGEventKeyDown) - 1

    def on_hotkey_press(self) -> None:
        """A hotkey went down whose release may not be reported."""
        # under a hotkey that is held it is counted with that one's repeats
        self._hotkey_presses += self._before is None
        self.typing.typed_since_s()  # it is no other key

    def count(self) -> int:
        self.typing.leave_out_fn()
        keys = _count(kCGEventKeyDown) if self._before is None else self._before
        clicks = (
            kCGEventLeftMouseDown,
            kCGEventRightMouseDown,
            kCGEventOtherMouseDown,
        )
        ours = self._hotkey_presses + self.typing.of_fn
        return keys - ours + sum(_count(kind) for kind in clicks)

    def _end_hotkey(self) -> None:
        """Subtract what was counted while a hotkey was held: its auto-repeats."""
        if self._before is not None:
            self._hotkey_presses += _count(kCGEventKeyDown) - self._before
            self._before = None


def _count(kind: int) -> int:
    return int(
        CGEventSourceCounterForEventType(kCGEventSourceStateHIDSystemState, kind)
    )
