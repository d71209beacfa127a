"""The Mac session: sleep, lock and user switch; staying awake; starting at login.

Sleep and user switch are AppKit notifications. The screen lock is a notification of
loginwindow, undocumented but posted for many years. The login item is SMAppService's
(macOS 13 and later), and only for the installed Mica.app: from a checkout, macOS would
start Python itself at each login. Main thread only, in its run loop.
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
from mica.host.ports import Callback
from mica.host.values import AwayReason, LoginState

BUNDLE: Final = "/Mica.app"
_STATES: Final = {
    SMAppServiceStatusEnabled: LoginState.ON,
    SMAppServiceStatusRequiresApproval: LoginState.NEEDS_APPROVAL,
    SMAppServiceStatusNotRegistered: LoginState.OFF,
    SMAppServiceStatusNotFound: LoginState.OFF,  # until it is first enabled
}
LOCKED: Final = "com.apple.screenIsLocked"
UNLOCKED: Final = "com.apple.screenIsUnlocked"
#: By notification: why the user is away, and whether that begins or ends.
NOTIFICATIONS: Final = {
    str(NSWorkspaceWillSleepNotification): (AwayReason.SLEEP, True),
    str(NSWorkspaceDidWakeNotification): (AwayReason.SLEEP, False),
    str(NSWorkspaceSessionDidResignActiveNotification): (AwayReason.SWITCH, True),
    str(NSWorkspaceSessionDidBecomeActiveNotification): (AwayReason.SWITCH, False),
    LOCKED: (AwayReason.LOCK, True),
    UNLOCKED: (AwayReason.LOCK, False),
}


class MacActivity:
    """See ports.Activity."""

    def __init__(self) -> None:
        self._token: Any = None
        self._held = (False, False)

    def keep_awake(self, wanted: bool, *, screen: bool = False) -> None:
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


class MacLogin:
    """See ports.LoginItem. Main thread only."""

    def state(self) -> LoginState:
        service = _service()
        return LoginState.UNSUPPORTED if service is None else _STATES[service.status()]

    def set_enabled(self, enabled: bool) -> None:
        service = _service()
        if service is None:
            raise MicaError(
                "Mica can start at login only after it is installed.",
                "Move Mica to the Applications folder and open it there.",
            )
        if enabled:
            done, error = service.registerAndReturnError_(None)
        else:
            done, error = service.unregisterAndReturnError_(None)
        if not done:
            raise MicaError(
                f"The login item couldn’t be changed ({_reason(error)}).",
                "Change it in System Settings › General › Login Items.",
            )


def _service() -> Any:
    """Mica's login item; None unless this is the installed Mica.app."""
    path = str(NSBundle.mainBundle().bundlePath())
    return SMAppService.mainAppService() if path.endswith(BUNDLE) else None


def _reason(error: Any) -> str:
    return str(error.localizedDescription()) if error is not None else "no reason given"


class MicaObserver(NSObject):  # type: ignore[misc]
    """The observer that the notification centers call."""

    def handleNotification_(self, note: Any) -> None:
        with contained():
            self.report(*NOTIFICATIONS[str(note.name())])


class MacPresence:
    """See ports.Presence."""

    def __init__(self) -> None:
        self._observer: Any = None

    def watch(self, on_away: Callable[[AwayReason], None], on_back: Callback) -> None:
        reasons: set[AwayReason] = set()

        def report(away: AwayReason, begins: bool) -> None:
            if begins:
                reasons.add(away)
                on_away(away)
            elif reasons:
                reasons.discard(away)
                if not reasons:  # after waking it is usually still locked
                    on_back()

        self.stop()
        self._observer = observer = MicaObserver.alloc().init()
        observer.report = report
        here, everywhere = _centers()
        # by default these are delivered only once a background app like Mica comes to
        # the front
        at_once = NSNotificationSuspensionBehaviorDeliverImmediately
        for name in NOTIFICATIONS:
            if name in (LOCKED, UNLOCKED):
                everywhere.addObserver_selector_name_object_suspensionBehavior_(
                    observer, b"handleNotification:", name, None, at_once
                )
            else:
                here.addObserver_selector_name_object_(
                    observer, b"handleNotification:", name, None
                )

    def stop(self) -> None:
        if self._observer is not None:
            for center in _centers():
                center.removeObserver_(self._observer)
            self._observer = None


def _centers() -> tuple[Any, Any]:
    """The workspace's notification center, and the distributed one."""
    here = NSWorkspace.sharedWorkspace().notificationCenter()
    return here, NSDistributedNotificationCenter.defaultCenter()
