"""What the app says about the network: how many connections there were, and whether
something tried to open one."""

from collections.abc import Callable

from mica.network_guard import NetworkLog, NetworkUse
from mica.text.additions import plural
from mica.ui import strings


def network_line(use: NetworkUse) -> str:
    """What Mica's processes did since the app started."""
    if not use.is_guarded:
        return strings.NETWORK_UNGUARDED
    what = plural(use.connections, "connection")
    line = strings.NETWORK_USE.format(use.connections, what)
    return f"{line}, {strings.BLOCKED.format(use.refused)}" if use.refused else line


class NetworkMonitor:
    """Tells the user when a process of Mica used the network, or tried to. Main thread.

    on_trouble   called with a line for the user, once for each new event
    """

    def __init__(self, on_trouble: Callable[[str], None]) -> None:
        self._on_trouble = on_trouble
        self._log = NetworkLog()
        self._known = self._log.use()

    def line(self) -> str:
        """The current state, for windows and `mica tell status`."""
        return network_line(self.check())

    def check(self) -> NetworkUse:
        """Look for new events; cheap enough for every change of state."""
        before, self._known = self._known, self._log.use()
        if self._known.connections > before.connections:
            self._on_trouble(strings.NETWORK_USED)
        elif self._known.refused > before.refused:
            self._on_trouble(strings.NETWORK_BLOCKED)
        return self._known
