"""The keyboard as AppKit tells of it, and the main run loop."""

from collections.abc import Callable
from typing import Any

from AppKit import NSEvent, NSEventMaskFlagsChanged, NSEventMaskKeyDown
from Foundation import NSOperationQueue

from mica.host.macos.callbacks import contained
from mica.host.macos.keyboard import is_posted_by_us
from mica.host.macos.keys import MODIFIER_BITS
from mica.host.ports import Callback


def later(call: Callback) -> None:
    """On the main thread, once its run loop runs. From any thread."""

    def run() -> None:
        with contained():
            call()

    NSOperationQueue.mainQueue().addOperationWithBlock_(run)


class Modifiers:
    """Tells of modifier keys, whatever program has the keyboard.

    on_change   the keycode, and whether it went down; main thread
    """

    def __init__(self, on_change: Callable[[int, bool], None]) -> None:
        self._on_change = on_change
        self._wanted = False
        self._monitors: list[Any] = []

    def start(self) -> None:
        self._wanted = True
        # a monitor added before the app runs wedges its events for good
        later(self._watch)

    def stop(self) -> None:
        self._wanted = False
        unwatch(self._monitors)
        self._monitors = []

    def _watch(self) -> None:
        if not self._wanted:  # stopped before the app ran
            return
        watch = NSEvent.addGlobalMonitorForEventsMatchingMask_handler_
        watch_ours = NSEvent.addLocalMonitorForEventsMatchingMask_handler_
        mask = NSEventMaskFlagsChanged
        self._monitors = [watch(mask, self._elsewhere), watch_ours(mask, self._here)]

    def _elsewhere(self, event: Any) -> None:
        """May come on another thread."""
        with contained():
            if is_posted_by_us(event):
                return
            code, flags = event.keyCode(), event.modifierFlags()
            later(lambda: self._changed(code, bool(flags & MODIFIER_BITS.get(code, 0))))

    def _here(self, event: Any) -> Any:
        self._elsewhere(event)
        return event

    def _changed(self, code: int, pressed: bool) -> None:
        if self._wanted:
            self._on_change(code, pressed)


def watch_our_typing(on_key: Callable[[int], None]) -> list[Any]:
    """A monitor of the keys pressed in our windows, which do not get them.

    on_key   the keycode; main thread
    """

    def keep(event: Any) -> None:
        with contained():
            on_key(event.keyCode())

    watch_ours = NSEvent.addLocalMonitorForEventsMatchingMask_handler_
    return [watch_ours(NSEventMaskKeyDown, keep)]


def unwatch(monitors: list[Any]) -> None:
    """End what these began."""
    for monitor in monitors:
        NSEvent.removeMonitor_(monitor)
