"""Sleep, lock and the turn of another user, as the Mac announces them.

AppKit's own notifications, and loginwindow's, which are not documented and have been
posted for many years. Main thread only, in its run loop.
"""

from collections.abc import Callable
from typing import Any, Final

from AppKit import (
    NSWorkspace,
    NSWorkspaceDidWakeNotification,
    NSWorkspaceSessionDidBecomeActiveNotification,
    NSWorkspaceSessionDidResignActiveNotification,
    NSWorkspaceWillSleepNotification,
)
from Foundation import (
    NSDistributedNotificationCenter,
    NSNotificationSuspensionBehaviorDeliverImmediately,
    NSObject,
)

from mica.host.ports import Away, Callback

LOCKED: Final = "com.apple.screenIsLocked"
UNLOCKED: Final = "com.apple.screenIsUnlocked"
#: What begins or ends with each.
MEANINGS: Final = {
    str(NSWorkspaceWillSleepNotification): (Away.SLEEP, True),
    str(NSWorkspaceDidWakeNotification): (Away.SLEEP, False),
    str(NSWorkspaceSessionDidResignActiveNotification): (Away.SWITCH, True),
    str(NSWorkspaceSessionDidBecomeActiveNotification): (Away.SWITCH, False),
    LOCKED: (Away.LOCK, True),
    UNLOCKED: (Away.LOCK, False),
}


class MicaObserver(NSObject):  # type: ignore[misc]
    """Whom the notification centres call."""

    def told_(self, note: Any) -> None:
        self.tell(*MEANINGS[str(note.name())])


class MacPresence:
    """See ports.Presence."""

    def __init__(self) -> None:
        self._observer: Any = None

    def watch(self, on_away: Callable[[Away], None], on_back: Callback) -> None:
        reasons: set[Away] = set()

        def tell(away: Away, begins: bool) -> None:
            if begins:
                reasons.add(away)
                on_away(away)
            elif reasons:
                reasons.discard(away)
                if not reasons:  # awake again, it is mostly locked still
                    on_back()

        self.stop()
        self._observer = observer = MicaObserver.alloc().init()
        observer.tell = tell
        here, everywhere = _centres()
        # by default these wait until a program like ours, in the background, comes
        # to the front
        at_once = NSNotificationSuspensionBehaviorDeliverImmediately
        for name in MEANINGS:
            if name in (LOCKED, UNLOCKED):
                everywhere.addObserver_selector_name_object_suspensionBehavior_(
                    observer, b"told:", name, None, at_once
                )
            else:
                here.addObserver_selector_name_object_(observer, b"told:", name, None)

    def stop(self) -> None:
        if self._observer is not None:
            for centre in _centres():
                centre.removeObserver_(self._observer)
            self._observer = None


def _centres() -> tuple[Any, Any]:
    """Where this session's notifications come from, and the whole machine's."""
    here = NSWorkspace.sharedWorkspace().notificationCenter()
    return here, NSDistributedNotificationCenter.defaultCenter()
