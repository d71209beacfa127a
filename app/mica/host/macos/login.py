"""Starting at login, by the system's own list of login items (macOS 13 and later).

Only the installed Mica.app can be on it: run from a checkout, the list would take
Python itself, and start that at each login.
"""

from typing import Any, Final

from Foundation import NSBundle
from ServiceManagement import (
    SMAppService,
    SMAppServiceStatusEnabled,
    SMAppServiceStatusNotFound,
    SMAppServiceStatusNotRegistered,
    SMAppServiceStatusRequiresApproval,
)

from mica.errors import MicaError
from mica.host.ports import Login

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
