"""The engine's child process: its environment, its writer thread and its replies.

A Child lives as long as its process; it knows nothing of utterances or deadlines. On
Linux the process is started with OpenBLAS preloaded if the system has it: MLX's CPU
wheel includes the reference BLAS, which is about 50 times slower. Only the engine gets
that environment.
"""

import logging
import os
import select
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from mica import paths
from mica.engine import messages as m
from mica.engine.outbox import Outbox
from mica.errors import EngineError
from mica.unhandled import reason

_log = logging.getLogger(__name__)
THREADS: Final = min(4, os.cpu_count() or 1)
END_S: Final = 2.0  # from the end of its input until it is killed
MAX_LOG_BYTES: Final = 1 << 20
_NAMES: Final = ("libopenblas.so.0", "libopenblas.so")
_FOLDERS: Final = (
    "/usr/lib/*/openblas-pthread",
    "/usr/lib/*/openblas-openmp",
    "/usr/lib/*/openblas-serial",
    "/usr/lib/*",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
)


def openblas() -> Path | None:
    """The system's OpenBLAS, for preloading; None if missing or not needed."""
    if not sys.platform.startswith("linux"):
        return None
    root = Path("/")
    for pattern in _FOLDERS:
        for folder in sorted(root.glob(pattern.lstrip("/"))):
            for name in _NAMES:
                if (folder / name).is_file():
                    return folder / name
    return None


def environment() -> dict[str, str]:
    """The child's environment: fast linear algebra, few threads."""
    variables = dict(os.environ)
    variables |= {
        "OPENBLAS_NUM_THREADS": str(THREADS),
        "OMP_NUM_THREADS": str(THREADS),
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    library = openblas()
    if library is not None:
        preloaded = variables.get("LD_PRELOAD", "").split()
        variables["LD_PRELOAD"] = " ".join([str(library), *preloaded])
    return variables


def spawn(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a child with pipes for stdin and stdout; its stderr goes to the engine log.

    It runs in its own session: Ctrl+C in the terminal reaches only the parent, and the
    child exits when its input ends.
    """
    log = _open_log()
    try:
        return subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log or subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
    except OSError as why:
        raise EngineError(
            f"The engine could not be started ({why.strerror}).", "Reinstall Mica."
        ) from why
    finally:
        if log is not None:
            log.close()


def end(child: subprocess.Popen[bytes], wait_s: float = END_S) -> None:
    """Close the child's input; kill it if it does not exit in time."""
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
    try:
        child.wait(wait_s)
    except subprocess.TimeoutExpired:
        child.kill()
        with suppress(subprocess.TimeoutExpired):  # in the kernel, on a hung disk
            child.wait(wait_s)
    if child.stdout is not None:
        child.stdout.close()


def _open_log() -> IO[bytes] | None:
    """The engine log, truncated if it has grown too long; None if it can't be
    written."""
    try:
        file = paths.logs_folder() / "engine.log"
        paths.refuse_special(file)
        grown = file.exists() and file.stat().st_size > MAX_LOG_BYTES
        return open(file, "wb" if grown else "ab", opener=paths.opener)
    except OSError as why:
        _log.warning("the engine runs without a log: %s", reason(why))
        return None


_READ_BYTES: Final = 1 << 16


class WakePipe:
    """Wakes the thread that is waiting for output from the child."""

    def __init__(self) -> None:
        self.near, self._far = socket.socketpair()
        for side in (self.near, self._far):
            side.setblocking(False)

    def call(self) -> None:
        """Wake it. Any thread; does not block."""
        with suppress(OSError):  # full: a wake-up is already pending
            self._far.send(b"\0")

    def drain(self) -> None:
        """Discard the calls made so far; the thread is awake."""
        with suppress(OSError):
            self.near.recv(_READ_BYTES)


class Child:
    """A running engine process. Call read() and end() on the client's reader thread;
    the outbox drains on a writer thread of its own."""

    def __init__(
        self,
        command: list[str],
        outbox: Outbox,
        wake: WakePipe,
    ) -> None:
        self._process = spawn(command)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdout = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN)
        self._poll.register(wake.near, select.POLLIN)
        self._wake = wake
        self._unpacker = m.Unpacker()
        self._outbox = outbox
        self._failure: Exception | None = None  # of the writer
        stdin = self._process.stdin
        self._writer = threading.Thread(
            target=self._drain, args=(stdin,), name="engine-writer", daemon=True
        )
        self._writer.start()

    def _drain(self, stdin: IO[bytes]) -> None:
        try:
            self._outbox.drain(stdin)
        except Exception as why:  # noqa: BLE001 the reader replaces the engine
            self._failure = why
            self._wake.call()

    def read(self, timeout_s: float) -> list[m.Reply]:
        """The replies that arrive next; empty on timeout or wake. Raises EngineError if
        the child exits or sends invalid data, and the writer's exception."""
        ready = [file for file, _ in self._poll.poll(timeout_s * 1000)]
        if self._failure is not None:
            raise self._failure
        if self._wake.near.fileno() in ready:
            self._wake.drain()
        if self._stdout not in ready:
            return []
        data = os.read(self._stdout, _READ_BYTES)
        if not data:
            raise EngineError("The engine quit unexpectedly.")
        return [m.reply(header) for header, _ in self._unpacker.push(data)]

    def end(self, *, kill: bool) -> None:
        """Let the child exit, or kill it; wait until it and the writer are gone."""
        if kill:
            self._process.kill()
        self._outbox.close()
        self._writer.join(END_S)
        if self._writer.is_alive():  # the child no longer reads its input
            self._process.kill()
            self._writer.join(END_S)
        end(self._process)
