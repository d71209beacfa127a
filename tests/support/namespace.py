"""Runs programs in an empty network namespace: they have no network at all, and only
local sockets can work."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

_ROOT: Final = ("unshare", "--net")
_USER: Final = ("unshare", "--user", "--map-current-user", "--net")


@cache
def refused() -> str:
    """Why no namespace can be made here; "" if one can."""
    if shutil.which("unshare") is None:
        return "needs unshare"
    if under():
        return ""
    return "the kernel refuses a network namespace here"


@cache
def under() -> tuple[str, ...]:
    """The prefix for a command that runs in a new namespace and remains our direct
    child; empty if the kernel refuses one."""
    for command in (_ROOT, _USER) if os.geteuid() == 0 else (_USER,):
        done = subprocess.run([*command, "true"], capture_output=True)
        if done.returncode == 0:
            return command
    return ()


def has_no_network(process: int) -> bool:
    """Whether a process is in another namespace than ours, without any route or
    address (proc_net(5))."""
    spaces = [Path(f"/proc/{one}/ns/net").readlink() for one in (process, "self")]
    tables = [Path(f"/proc/{process}/net/{name}") for name in ("route", "if_inet6")]
    routes, addresses = [table.read_text().splitlines() for table in tables]
    return spaces[0] != spaces[1] and routes[1:] == addresses == []
