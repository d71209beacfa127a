"""One Mica at a time: a second start asks the first to show itself, and ends.

An AF_UNIX socket only this user may open (0600). Lines in, nothing out.
"""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier

SHOW: Final = b"show\n"
WAIT_S: Final = 1.0


def already_running(address: Path) -> bool:
    """Whether another Mica answered; it then shows itself."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(WAIT_S)
        try:
            caller.connect(str(address))
            caller.sendall(SHOW)
        except OSError:
            return False
    return True


class Instance(QObject):
    """The first one's end; calls back on the main thread. Close it at the end."""

    def __init__(self, address: Path, on_show: Callable[[], None]) -> None:
        super().__init__()
        self._address, self._on_show = address, on_show
        address.unlink(missing_ok=True)  # left by a crash: nobody answered
        self._socket = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(address))
        finally:
            os.umask(before)
        self._socket.listen(4)
        self._socket.setblocking(False)
        self._notifier = QSocketNotifier(
            self._socket.fileno(), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._called)

    def close(self) -> None:
        self._notifier.setEnabled(False)
        self._socket.close()
        self._address.unlink(missing_ok=True)

    def _called(self) -> None:
        with suppress(OSError):
            caller, _ = self._socket.accept()
            with caller:
                caller.settimeout(0.1)
                if caller.recv(64).startswith(SHOW.strip()):
                    self._on_show()
