"""Refuses network connections in Mica's processes; install() is each one's first act.

An audit hook (PEP 578) sees what Python code does with sockets, and can't be removed.
Only local sockets (AF_UNIX) are allowed: the control socket, X11 and D-Bus; processes
that need none may not connect those either. Native code escapes the hook, so look()
finds the network sockets that are open. Both are recorded in logs/network.log, without
addresses, for the app to count.
"""

import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mica import paths
from mica.errors import NetworkRefusedError

#: First arguments of processes that the user starts to download something. They alone
#: run without a guard. There is none yet.
DOWNLOADS: Final = frozenset({"--download"})
#: Those that read untrusted files and need no socket at all.
NEED_NO_SOCKET: Final = frozenset({"--engine", "--decode"})
_REFUSED, _OPEN = "refused", "open"  # what the log records
_LOCAL: Final = frozenset({"socket.gethostname"})  # asks nobody
_ON_SOCKETS: Final = frozenset(
    {"socket.bind", "socket.connect", "socket.sendmsg", "socket.sendto"}
)
_MAX_LOG_BYTES: Final = 1 << 18
_FDS: Final = "/dev/fd"  # of this process, on Linux and macOS


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """What Mica's processes have done since the app started.

    connections   network sockets that were found open
    refused       attempts that the guard refused
    is_guarded    whether this process's guard refuses one right now
    """

    connections: int
    refused: int
    is_guarded: bool


def install(arguments: list[str]) -> None:
    """Guard this process until it ends.

    arguments   its command line, without the program
    """
    first = arguments[0] if arguments else ""
    if first in DOWNLOADS:
        return
    role = first.lstrip("-") if first in NEED_NO_SOCKET else "mica"
    guard = _Guard(role, may_connect=first not in NEED_NO_SOCKET)
    sys.addaudithook(guard.on_event)


def is_installed() -> bool:
    """Whether a network socket is refused, tried just now; nothing is recorded."""
    try:
        sys.audit("socket.__new__", _TRIAL, int(socket.AF_INET), 0, 0)
    except NetworkRefusedError:
        return True
    return False


class NetworkLog:
    """Counts what was recorded from now on, by any of Mica's processes."""

    def __init__(self) -> None:
        self._start = _log_size()

    def use(self) -> NetworkUse:
        """What happened since; looks at this process's sockets first."""
        look()
        kinds = [line.split(" ")[1] for line in self._lines()]
        counts = kinds.count(_OPEN), kinds.count(_REFUSED)
        return NetworkUse(*counts, is_guarded=is_installed())

    def _lines(self) -> list[str]:
        try:
            log = paths.read_own(paths.network_log(create=False))
        except OSError:
            return []
        if len(log) < self._start:  # it had grown too long
            self._start = 0
        lines = log[self._start :].decode("utf-8", "replace").splitlines()
        return [line for line in lines if line.count(" ") >= 3]


class _Trial:
    """Stands for a socket in is_installed()."""


_TRIAL: Final = _Trial()


class _Guard:
    """The audit hook of one process.

    role          the process, for the log
    may_connect   whether it may use local sockets
    """

    def __init__(self, role: str, *, may_connect: bool) -> None:
        self._role, self._may_connect = role, may_connect
        _state.role = role

    def on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not event.startswith("socket.") or self._is_local(event, arguments):
            return
        if not (arguments and arguments[0] is _TRIAL):
            _record(_REFUSED, f"{event} {_caller()}")
        raise NetworkRefusedError

    def _is_local(self, event: str, arguments: tuple[Any, ...]) -> bool:
        """Whether it stays on this machine. A family of -1 may become AF_INET."""
        if event == "socket.__new__":
            return bool(arguments[1] == socket.AF_UNIX)
        if event in _ON_SOCKETS:
            return self._may_connect and arguments[0].family == socket.AF_UNIX
        return event in _LOCAL


class _State:
    """What this process has recorded."""

    def __init__(self) -> None:
        self.role = "mica"
        self.seen = set[int]()  # inodes of open network sockets
        self.lock = threading.Lock()


_state: Final = _State()


def look() -> None:
    """Record the network sockets that this process has open, each once. Any thread."""
    with suppress(OSError), _state.lock:
        for inode in _open_network_sockets():
            if inode not in _state.seen:
                _state.seen.add(inode)
                _record(_OPEN, "socket native")


def _open_network_sockets() -> Iterator[int]:
    """The inodes of those open now."""
    for place in Path(_FDS).iterdir():
        with suppress(OSError):
            found = os.fstat(int(place.name))
            if stat.S_ISSOCK(found.st_mode) and _is_network_socket(int(place.name)):
                yield found.st_ino


def _is_network_socket(descriptor: int) -> bool:
    """Whether its own address is one of a network: a host, and not a path.

    It is not duplicated, because macOS ends a process that does so with a descriptor
    guarded against it (guarded_open_np, GUARD_DUP, in XNU's sys/guarded.h).
    """
    borrowed = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor)
    try:
        address = borrowed.getsockname()
    finally:
        borrowed.detach()
    return isinstance(address, tuple) and isinstance(address[0], str)


def _caller() -> str:
    """The module that used the socket; "unknown" if it is none of Python's."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") in _NOT_CALLERS:
        frame = frame.f_back  # type: ignore[assignment]
    return str(frame.f_globals.get("__name__")) if frame is not None else "unknown"


_NOT_CALLERS: Final = frozenset({__name__, "socket"})


def _record(kind: str, what: str) -> None:
    """Append a line: time, kind, process, what and where; no address, no content."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S")
    line = f"{now} {kind} {_state.role} {what}\n".encode("utf-8", "replace")
    with suppress(OSError):
        cut = os.O_TRUNC if _log_size() > _MAX_LOG_BYTES else 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        log = os.open(paths.network_log(), flags | cut, 0o600)
        try:
            os.write(log, line)
        finally:
            os.close(log)


def _log_size() -> int:
    try:
        return paths.network_log(create=False).stat().st_size
    except OSError:
        return 0
