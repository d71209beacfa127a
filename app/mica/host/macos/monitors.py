"""NSEvent monitors for modifiers, and for keys in Mica's windows; main run loop."""

from collections.abc import Callable
from typing import Any

from AppKit import NSEvent, NSEventMaskFlagsChanged, NSEventMaskKeyDown
from Foundation import NSOperationQueue

from mica.host.macos.callbacks import contained
from mica.host.macos.keyboard import is_posted_by_us
from mica.host.macos.keys import MODIFIER_BITS
from mica.host.ports import Callback


def run_on_main_thread(call: Callback) -> None:
    """Run a call on the main thread, once its run loop runs. From any thread."""

    def run() -> None:
        with contained():
            call()

    NSOperationQueue.mainQueue().addOperationWithBlock_(run)


class ModifierMonitor:
    """Reports modifier keys going down and up, whichever app is in front.

    on_change   the keycode, whether it went down, and when, in seconds since the
                system's start; main thread
    """

    def __init__(self, on_change: Callable[[int, bool, float], None]) -> None:
        self._on_change = on_change
        self._started = False
        self._monitors: list[Any] = []

    def start(self) -> None:
        self._started = True
        # a monitor added before the app runs blocks its events for good
        run_on_main_thread(self._add_monitors)

    def stop(self) -> None:
        self._started = False
        remove_monitors(self._monitors)
        self._monitors = []

    def _add_monitors(self) -> None:
        if not self._started:  # stopped before the app ran
            return
        watch = NSEvent.addGlobalMonitorForEventsMatchingMask_handler_
        watch_ours = NSEvent.addLocalMonitorForEventsMatchingMask_handler_
        mask = NSEventMaskFlagsChanged
        self._monitors = [
            watch(mask, self._on_global_event),
            watch_ours(mask, self._on_local_event),
        ]

    def _on_global_event(self, event: Any) -> None:
        """Handle an event; may be called on another thread."""
        with contained():
            if is_posted_by_us(event):
                return
            code, at_s = event.keyCode(), event.timestamp()
            pressed = bool(event.modifierFlags() & MODIFIER_BITS.get(code, 0))
            run_on_main_thread(lambda: self._changed(code, pressed, at_s))

    def _on_local_event(self, event: Any) -> Any:
        self._on_global_event(event)
        return event

    def _changed(self, code: int, pressed: bool, at_s: float) -> None:
        if self._started:
            self._on_change(code, pressed, at_s)


def monitor_key_downs(on_key: Callable[[int], None]) -> list[Any]:
    """A monitor of keys pressed in Mica's windows, which do not receive them.

    on_key   the keycode; main thread
    """

    def swallow(event: Any) -> None:
        with contained():
            on_key(event.keyCode())

    watch_ours = NSEvent.addLocalMonitorForEventsMatchingMask_handler_
    return [watch_ours(NSEventMaskKeyDown, swallow)]


def remove_monitors(monitors: list[Any]) -> None:
    """Remove event monitors."""
    for monitor in monitors:
        NSEvent.removeMonitor_(monitor)
