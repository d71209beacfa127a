"""Reports when the user opens Mica again while it runs.

Finder, Spotlight and open(1) start no second process of an app: Launch Services sends
the running one a reopen event (kAEReopenApplication, AERegistry.h). That is how people
reach a menu bar app whose icon is hidden by the notch. Qt reports it as an activation,
like a click into one of our windows (QCocoaApplicationDelegate
applicationShouldHandleReopen), so this replaces AppKit as the event's handler.
"""

from typing import Any, Final

from Foundation import NSAppleEventManager, NSObject

from mica.host.macos.callbacks import contained
from mica.host.ports import Callback

CORE_EVENTS: Final = int.from_bytes(b"aevt", "big")  # kCoreEventClass
REOPEN: Final = int.from_bytes(b"rapp", "big")  # kAEReopenApplication


class MicaReopenHandler(NSObject):  # type: ignore[misc]
    """The handler that the event manager calls."""

    def reopen_withReply_(self, event: Any, reply: Any) -> None:
        with contained():
            self.callback()


class MacReopening:
    """See ports.Host.watch_reopening. Main thread only.

    AppKit installs its own handlers while the app finishes launching, and the last one
    installed wins, so call watch() only after Qt's loop has run once.
    """

    def __init__(self) -> None:
        self._handler: Any = None  # the event manager does not keep it

    def watch(self, on_reopen: Callback) -> None:
        self._handler = handler = MicaReopenHandler.alloc().init()
        handler.callback = on_reopen
        manager = NSAppleEventManager.sharedAppleEventManager()
        manager.setEventHandler_andSelector_forEventClass_andEventID_(
            handler, b"reopen:withReply:", CORE_EVENTS, REOPEN
        )
