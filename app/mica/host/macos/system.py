"""The few things the hold key needs of the system: its state, and the main run loop."""

from collections.abc import Callable
from typing import Any

from Foundation import NSOperationQueue, NSTimer
from Quartz import (
    CGEventSourceCounterForEventType,
    CGEventSourceKeyState,
    kCGEventKeyDown,
    kCGEventSourceStateHIDSystemState,
)

from mica.host.ports import Callback


def later(call: Callback) -> None:
    """On the main thread, once its run loop runs. From any thread."""
    NSOperationQueue.mainQueue().addOperationWithBlock_(call)


def every(interval_s: float, call: Callable[[Any], None]) -> Any:
    """A timer on the main thread until it is told to invalidate."""
    make = NSTimer.scheduledTimerWithTimeInterval_repeats_block_
    return make(interval_s, True, call)


def key_is_down(code: int) -> bool:
    """Whether the key of that virtual keycode is physically down."""
    return bool(CGEventSourceKeyState(kCGEventSourceStateHIDSystemState, code))


def keys_typed() -> int:
    """How many keys have gone down since login, modifiers left out."""
    state = kCGEventSourceStateHIDSystemState
    return int(CGEventSourceCounterForEventType(state, kCGEventKeyDown))
