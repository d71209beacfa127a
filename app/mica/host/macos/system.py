"""The few things the hold key needs of the system: its state, and the main run loop."""

from collections.abc import Callable
from typing import Any

from AppKit import NSEvent, NSEventMaskFlagsChanged
from Foundation import NSOperationQueue
from Quartz import (
    CGEventSourceCounterForEventType,
    CGEventSourceKeyState,
    kCGEventKeyDown,
    kCGEventSourceStateHIDSystemState,
)

from mica.host.macos.keys import GENERAL_BITS
from mica.host.ports import Callback


def later(call: Callback) -> None:
    """On the main thread, once its run loop runs. From any thread."""
    NSOperationQueue.mainQueue().addOperationWithBlock_(call)


def watch_modifiers(on_flags: Callable[[int, int], None]) -> list[Any]:
    """Monitors of the modifiers, in other programs and in ours.

    on_flags   the keycode that changed and all modifier flags; any thread
    """

    def elsewhere(event: Any) -> None:
        on_flags(event.keyCode(), event.modifierFlags())

    def here(event: Any) -> Any:
        elsewhere(event)
        return event

    watch = NSEvent.addGlobalMonitorForEventsMatchingMask_handler_
    watch_ours = NSEvent.addLocalMonitorForEventsMatchingMask_handler_
    mask = NSEventMaskFlagsChanged
    return [watch(mask, elsewhere), watch_ours(mask, here)]


def unwatch(monitors: list[Any]) -> None:
    """End what watch_modifiers began."""
    for monitor in monitors:
        NSEvent.removeMonitor_(monitor)


def key_is_down(code: int) -> bool:
    """Whether the key of that virtual keycode is physically down.

    Either answer keeps a hold: one of them not knowing Fn, say, must not end it.
    """
    if CGEventSourceKeyState(kCGEventSourceStateHIDSystemState, code):
        return True
    return bool(NSEvent.modifierFlags() & GENERAL_BITS.get(code, 0))


def keys_typed() -> int:
    """How many keys have gone down since login, modifiers left out."""
    state = kCGEventSourceStateHIDSystemState
    return int(CGEventSourceCounterForEventType(state, kCGEventKeyDown))
