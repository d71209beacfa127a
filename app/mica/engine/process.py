"""The engine's child process: its command, environment and pipes.

Spawns and ends; it reads and writes no message. On Linux the child is started with
OpenBLAS preloaded where the system has it: MLX's CPU wheel brings the reference BLAS,
which is about 50 times slower. Only the child gets that environment.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from mica import paths
from mica.errors import EngineError

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


def default_command() -> list[str]:
    # -P: the current folder may hold a file called as a module is
    return [sys.executable, "-P", "-m", "mica", "--engine"]


def openblas() -> Path | None:
    """The system's OpenBLAS, to be preloaded; None where there is none or no need."""
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
        earlier = variables.get("LD_PRELOAD", "").split()
        variables["LD_PRELOAD"] = " ".join([str(library), *earlier])
    return variables


def spawn(command: list[str]) -> subprocess.Popen[bytes]:
    """A started child with pipes at both ends; its stderr goes to the engine log.

    It is in a session of its own: an interrupt at the terminal is the parent's to
    handle, and the child ends when its input does.
    """
    log = _log()
    try:
        return subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment(),
            start_new_session=True,
        )
    except OSError as why:
        raise EngineError(
            f"The engine could not be started ({why.strerror}).", "Reinstall Mica."
        ) from why
    finally:
        log.close()


def end(child: subprocess.Popen[bytes], wait_s: float = END_S) -> None:
    """Close its input; kill it when it does not leave by itself."""
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
    try:
        child.wait(wait_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _log() -> IO[bytes]:
    """The engine log, begun anew when it has grown long."""
    file = paths.logs_folder() / "engine.log"
    grown = file.exists() and file.stat().st_size > MAX_LOG_BYTES
    return file.open("wb" if grown else "ab")
