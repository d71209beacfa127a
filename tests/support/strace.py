"""strace for tests: what a program, its threads and its children ask of the system."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

_COMMAND: Final = ("strace", "-f", "-q", "--seccomp-bpf")


def missing() -> list[str]:
    """The programs this machine lacks for it."""
    return ["strace"] if shutil.which("strace") is None else []


@cache
def refused() -> str:
    """Why nothing can be traced here; "" where it can."""
    if missing():
        return "needs strace"
    command = under(Path(os.devnull), "%network")
    done = subprocess.run([*command, "true"], capture_output=True, text=True)
    return f"strace may not trace here: {done.stderr}" if done.stderr else ""


def under(calls: Path, kinds: str) -> list[str]:
    """What comes before a command whose calls of these kinds are to be in that file.

    The command stays our own child, and may end before the last of its calls is there.
    """
    return [*_COMMAND, "-D", "-e", f"trace={kinds}", "-o", str(calls)]
