"""Tells that the user has chosen another keyboard layout. Main thread only."""

from typing import Any, Final

from Foundation import (
    NSDistributedNotificationCenter,
    NSNotificationSuspensionBehaviorDeliverImmediately,
    NSObject,
)

from mica.host.ports import Callback

#: kTISNotifySelectedKeyboardInputSourceChanged, as HIToolbox posts it to everybody.
CHANGED: Final = "com.apple.Carbon.TISNotifySelectedKeyboardInputSourceChanged"


class MicaLayoutObserver(NSObject):  # type: ignore[misc]
    """Whom the notification center calls."""

    def told_(self, note: Any) -> None:
        self.tell()


class InputSource:
    """From start to stop."""

    def __init__(self, on_change: Callback) -> None:
        self._on_change = on_change
        self._observer: Any = None

    def start(self) -> None:
        self.stop()
        self._observer = observer = MicaLayoutObserver.alloc().init()
        observer.tell = self._on_change
        # by default it waits until a program like ours comes to the front
        at_once = NSNotificationSuspensionBehaviorDeliverImmediately
        center = NSDistributedNotificationCenter.defaultCenter()
        center.addObserver_selector_name_object_suspensionBehavior_(
            observer, b"told:", CHANGED, None, at_once
        )

    def stop(self) -> None:
        if self._observer is not None:
            center = NSDistributedNotificationCenter.defaultCenter()
            center.removeObserver_(self._observer)
            self._observer = None
