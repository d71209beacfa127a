"""What every fuzzed input must obey, checked in the process that tries it.

no exception but those that the target expects
no more CPU time, memory and waiting than the target's limits
no file outside the given folder is touched, no socket opened, no process started
"""

import faulthandler
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

HUNG_S = 120.0  # until a process that waits for something is ended
ENDLESS = 5  # times the limit of CPU time, until one that computes is ended
FORBIDDEN = {
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"),
    *("ctypes.dlopen",),
}
WRITES = {
    *("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink"),
    *("os.truncate", "os.chmod", "os.chown", "shutil.rmtree", "sqlite3.connect"),
}
READABLE = (  # where imported code is, wherever it comes from
    *(Path(folder).resolve() for folder in sys.path if folder),
    *(Path(folder).resolve() for folder in (sys.prefix, sys.base_prefix)),
    Path(__file__).resolve().parents[2],
    Path("/usr"),
    Path("/dev/urandom"),
)


NO_FILES = (os.devnull, ":memory:")


class Broken(BaseException):
    """A law was broken. Not an Exception, which the code under test may catch."""


class Laws:
    """Runs a target's check() on inputs, and watches it.

    count       number of inputs tried
    slowest_s   the most CPU time that one took
    """

    def __init__(self, target: ModuleType, folder: Path) -> None:
        self._target, self._folder = target, folder
        self._limit_s: float = getattr(target, "LIMIT_S", 1.0)
        self._allowed: set[str] = getattr(target, "ALLOWED", set())
        self._current = folder / "current"
        self._is_active = False
        self._broken: list[str] = []
        self.count, self.slowest_s = 0, 0.0
        sys.addaudithook(self._hear)
        faulthandler.register(signal.SIGPROF, chain=True)  # and end the process

    def limit_memory(self) -> None:
        """Let the process take no more than the target's limit from now on."""
        more: int = getattr(self._target, "MEMORY_BYTES", 512 << 20)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

    def check(self, data: bytes) -> None:
        """Try an input. Raises whatever shows that it breaks a law."""
        self._broken.clear()
        self._current.write_bytes(data)  # for whoever finds this process dead
        faulthandler.dump_traceback_later(HUNG_S, exit=True)
        signal.setitimer(signal.ITIMER_PROF, ENDLESS * self._limit_s)
        start_s = time.process_time()
        self._is_active = True
        try:
            self._target.check(data, self._folder)
        finally:
            self._is_active = False
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_PROF, 0)
        took_s = time.process_time() - start_s
        self.count += 1
        self.slowest_s = max(self.slowest_s, took_s)
        if took_s > self._limit_s:
            raise Broken(f"{took_s:.2f} s of CPU time")
        if self._broken:
            raise Broken(", ".join(self._broken))

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_active:
            return
        if event in FORBIDDEN:
            if event in self._allowed and not _is_address(arguments):
                return
            self._break(f"{event} {arguments!r}")
        elif event == "open":
            path, _mode, flags = arguments
            is_write = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            self._check_place(event, path, [] if is_write else READABLE)
        elif event in WRITES:
            for path in arguments[: 2 if event == "os.rename" else 1]:
                self._check_place(event, path, [])

    def _check_place(self, event: str, path: object, readable: Any) -> None:
        if isinstance(path, str | bytes | os.PathLike) and path not in NO_FILES:
            place = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 no I/O here
            if not any(map(place.is_relative_to, [self._folder, *readable])):
                self._break(f"{event} {place}")

    def _break(self, what: str) -> None:
        self._broken.append(what)
        raise Broken(what)


def _is_address(arguments: tuple[Any, ...]) -> bool:
    """Whether a socket's address is on a network, instead of a path."""
    return len(arguments) > 1 and isinstance(arguments[1], tuple)


def smaller(data: bytes, breaks: Callable[[bytes], bool], until_s: float) -> bytes:
    """A smaller input that also breaks a law, by cutting pieces out."""
    size = len(data) // 2
    while size and time.monotonic() < until_s:
        at = 0
        while at < len(data) and time.monotonic() < until_s:
            shorter = data[:at] + data[at + size :]
            if breaks(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data
