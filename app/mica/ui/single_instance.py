"""The running app's end of the control socket (dictation/control), one app at a time.

A second start tells the first to show itself, and ends; `mica tell` sends other
commands. Only this user may open the socket (0600).
"""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier

from mica.dictation.control import (
    ABOUT,
    LONGEST,
    NO,
    OK,
    ControlCommand,
    printable,
    short_path,
)
from mica.errors import MicaError
from mica.unhandled import trace, user_line

_QUEUE: Final = 64  # clients that wait to be accepted
_log = logging.getLogger(__name__)
CALLER_S: Final = 0.1  # how long a client may keep the app waiting for its line


class SingleInstance(QObject):
    """Serves the control socket; close() it at the end.

    on_command   called on the main thread with a command and its argument or ""; a
                 note it returns, or a MicaError it raises, goes to the client
    """

    def __init__(
        self, address: Path, on_command: Callable[[ControlCommand, str], str | None]
    ) -> None:
        super().__init__()
        self._address, self._on_command = address, on_command
        address.unlink(missing_ok=True)  # left by a crash: no app answered
        self._socket = socket.socket(socket.AF_UNIX)
        with short_path(address) as path:
            self._socket.bind(path)
        address.chmod(0o600)  # nobody can connect before it listens
        self._socket.listen(_QUEUE)
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
                caller.settimeout(CALLER_S)
                line = caller.recv(LONGEST).decode("utf-8", "replace")
                caller.sendall(f"{printable(self._reply(line))}\n".encode())

    def _reply(self, line: str) -> str:
        """Execute a request; returns the answer when that is done."""
        request, end, _ = line.partition("\n")
        if not end:
            return f"{NO} The command is incomplete or over {LONGEST} bytes."
        word, _, about = request.partition(" ")
        known = {what.value: what for what in ControlCommand}
        if word not in known:
            return f"{NO} The running Mica has no command “{word}”. Restart it."
        if about and known[word] not in ABOUT:
            return f"{NO} “{word}” takes no argument."
        try:
            note = self._on_command(known[word], about)
        except MicaError as why:
            return f"{NO} {why.line()}"
        except Exception as why:  # noqa: BLE001 the caller waits for an answer
            _log.error("command %s: %s", word, trace(why))
            return f"{NO} {user_line(why)}"
        return f"{OK} {note}" if note else OK
