"""Keeps App Nap and idle sleep away while we listen or write. Main thread only.

Starting at login, by the system's own list of login items (macOS 13 and later).

Only the installed Mica.app can be on it: run from a checkout, the list would take
Python itself, and start that at each login.

Sleep, lock and the turn of another user, as the Mac announces them.

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
    NSActivityIdleDisplaySleepDisabled,
    NSActivityUserInitiated,
    NSBundle,
    NSDistributedNotificationCenter,
    NSNotificationSuspensionBehaviorDeliverImmediately,
    NSObject,
    NSProcessInfo,
)
from ServiceManagement import (
    SMAppService,
    SMAppServiceStatusEnabled,
    SMAppServiceStatusNotFound,
    SMAppServiceStatusNotRegistered,
    SMAppServiceStatusRequiresApproval,
)

from mica.errors import MicaError
from mica.host.macos.callbacks import contained
from mica.host.ports import Away, Callback, Login


class MacActivity:
    """See ports.Activity."""

    def __init__(self) -> None:
        self._token: Any = None
        self._held = (False, False)

    def hold(self, wanted: bool, *, screen: bool = False) -> None:
        if (wanted, screen) == self._held:
            return
        process, before = NSProcessInfo.processInfo(), self._token
        self._held, self._token = (wanted, screen), None
        if wanted:
            lit = NSActivityIdleDisplaySleepDisabled if screen else 0
            options = NSActivityUserInitiated | lit
            self._token = process.beginActivityWithOptions_reason_(options, "Dictation")
        if before is not None:
            process.endActivity_(before)


BUNDLE: Final = "/Mica.app"
_STATES: Final = {
    SMAppServiceStatusEnabled: Login.ON,
    SMAppServiceStatusRequiresApproval: Login.ASKED,
    SMAppServiceStatusNotRegistered: Login.OFF,
    SMAppServiceStatusNotFound: Login.OFF,  # said until it is wanted for the first time
}


class MacLogin:
    """See ports.LoginItem. Main thread only."""

    def state(self) -> Login:
        service = _service()
        return Login.UNKNOWN if service is None else _STATES[service.status()]

    def want(self, wanted: bool) -> None:
        service = _service()
        if service is None:
            raise MicaError(
                "Only an installed Mica can start at login.",
                "Put Mica.app into Applications and open it from there.",
            )
        if wanted:
            done, error = service.registerAndReturnError_(None)
        else:
            done, error = service.unregisterAndReturnError_(None)
        if not done:
            raise MicaError(
                f"The list of login items did not change ({_reason(error)}).",
                "Change it in System Settings › General › Login Items.",
            )


def _service() -> Any:
    """Ours on the list; None unless we are the installed program."""
    path = str(NSBundle.mainBundle().bundlePath())
    return SMAppService.mainAppService() if path.endswith(BUNDLE) else None


def _reason(error: Any) -> str:
    return str(error.localizedDescription()) if error is not None else "no reason given"


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
        with contained():
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
