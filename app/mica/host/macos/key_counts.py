"""What the system counts and knows of the keyboard, without watching it.

Whether a key is physically down, in case its release event was lost, and how often keys
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

_CODES: Final = 128  # of physical keys
#: If a tap of Fn does something, a key of macOS's own, 179, comes this soon around it
#: (MacParakeet's HotkeyManager).
FN_KEY_S: Final = 0.15
MAX_AGE_S: Final = 10.0  # the main thread is never busy for longer
Clock = Callable[[], float]


def happened_s(event_s: float, now_s: float) -> float:
    """When an event happened: its own time, since the main thread may have been busy.
    That is in seconds since the system's start, as time.monotonic() is on a Mac (both
    are mach_absolute_time). An event posted by a program may have no time.
    """
    return event_s if now_s - MAX_AGE_S <= event_s <= now_s else now_s


class KeyState:
    """Whether one key is physically down, as reported by the system if that can be
    trusted.

    The system may not know a key, or not report it without a permission. So a key whose
    press was seen counts as down until its release is seen, unless the system has
    reported it down at least once: only then is "up" believed.
    """

    def __init__(self, code: int) -> None:
        """code: the virtual keycode."""
        self.held = False  # according to events
        self.is_modifier = code in MODIFIER_BITS  # a bare modifier
        self._code, self._was_reported_down = code, False

    def is_down(self) -> bool:
        if self._code == FN:  # the system knows neither it nor when its flag ends
            return self.held
        down = is_down(self._code)
        self._was_reported_down |= down
        return down or (self.held and not self._was_reported_down)


def only_modifiers_held(states: Iterable[KeyState]) -> bool:
    """Whether keys are held, all modifiers; repeats of other keys count as typed."""
    held = [state.is_modifier for state in states if state.held]
    return bool(held) and all(held)


def is_down(code: int) -> bool:
    """Whether a key, by virtual keycode, is down according to either system call.

    One of them may not know a key, such as Fn, and must not end a hold.
    """
    if CGEventSourceKeyState(kCGEventSourceStateHIDSystemState, code):
        return True
    return bool(NSEvent.modifierFlags() & GENERAL_BITS.get(code, 0))


def gives_fn() -> bool:
    """Whether a key is down that sets Fn's flag, and on some Macs sends its events."""
    state = kCGEventSourceStateHIDSystemState
    return any(CGEventSourceKeyState(state, code) for code in WITH_FN)


def _is_any_down() -> bool:
    """Whether any key other than a modifier is down."""
    state, codes = kCGEventSourceStateHIDSystemState, range(_CODES)
    keys = (code for code in codes if code not in MODIFIER_BITS)
    return any(CGEventSourceKeyState(state, code) for code in keys)


class TypingCounter:
    """Whether keys were typed, except modifiers and an Esc that Carbon reports.

    The system counts a press a moment before Carbon reports it.

    of_fn   keys of macOS's own that the system counted
    """

    def __init__(self, clock: Clock, escape_down: Callable[[], bool]) -> None:
        """escape_down: whether Esc is down and may be the hotkey."""
        self._clock, self._escape_down = clock, escape_down
        self._checked_s, self._before = clock(), 0
        self._fn_s: float | None = None
        self.of_fn = 0

    def fn_changed(self, at_s: float) -> None:
        """Note that Fn went down or came up, on which macOS may act."""
        self._fn_s = at_s

    def leave_out_fn(self) -> None:
        """Leave out the key that macOS itself sent, if it is the only one since."""
        if self._fn_s is None or _count(kCGEventKeyDown) - self._before != 1:
            return
        state, kind = kCGEventSourceStateHIDSystemState, kCGEventKeyDown
        at_s = self._clock() - CGEventSourceSecondsSinceLastEventType(state, kind)
        if abs(at_s - self._fn_s) <= FN_KEY_S and not _is_any_down():
            self._before += 1
            self.of_fn += 1

    def typed_since_s(self) -> float | None:
        """The time of the last call if a key has gone down since; otherwise None."""
        self.leave_out_fn()
        last_s, self._checked_s = self._checked_s, self._clock()
        before, self._before = self._before, _count(kCGEventKeyDown)
        typed = self._before != before and not self._escape_down()
        return last_s if typed else None


class PressCounter:
    """The user's presses, without hotkeys; see ports.Hotkeys.press_count."""

    def __init__(self, typing: TypingCounter) -> None:
        self.typing = typing
        self._hotkey_presses = 0
        self._before: int | None = None  # a hotkey went down and is still held

    def on_hotkey(self, pressed: bool) -> None:
        """Note a hotkey's press or release, which the system has already counted."""
        if not pressed:
            self._end_hotkey()
        elif self._before is None:
            self._before = _count(kCGEventKeyDown) - 1

    def on_hotkey_press(self) -> None:
        """Note a hotkey that went down and whose release may not be reported."""
        # during another held hotkey it is counted with that one's repeats
        self._hotkey_presses += self._before is None
        self.typing.typed_since_s()  # so that it does not count as typed

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
