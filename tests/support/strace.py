"""Runs programs under strace, to see the system calls of all threads and children."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

_COMMAND: Final = ("strace", "-f", "-q", "--seccomp-bpf")


def missing() -> list[str]:
    """The required programs that this machine lacks."""
    return ["strace"] if shutil.which("strace") is None else []


@cache
def refused() -> str:
    """Why tracing is not possible here; "" if it is."""
    if missing():
        return "needs strace"
    command = under(Path(os.devnull), "%network")
    done = subprocess.run([*command, "true"], capture_output=True, text=True)
    return f"strace may not trace here: {done.stderr}" if done.stderr else ""


def under(calls: Path, kinds: str) -> list[str]:
    """The prefix for a command whose system calls are to be written to a file.

    calls   the file; its last lines may appear after the command has ended
    kinds   of calls, as in strace's `trace=`

    The command remains our direct child.
    """
    return [*_COMMAND, "-D", "-e", f"trace={kinds}", "-o", str(calls)]
