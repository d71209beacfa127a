"""`mica doctor --network`: shows that Mica uses no network, by watching a dictation.

On Linux, strace lists every system call about sockets in all processes. Where it is
missing or not allowed, and on a Mac, the sockets that are open are listed again and
again: with lsof(8) on a Mac. dtruss(1) would list every call there, but needs root, and
System Integrity Protection turned off. The processes of the running app are looked at,
too.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mica import network_guard, paths
from mica.cli import strings
from mica.cli.doctor_checks import Check
from mica.dictation.control import ControlCommand, app_process, send_command
from mica.errors import MicaError
from mica.program import own_command
from mica.text.additions import plural

EVERY_S: Final = 0.2
TIMEOUT_S: Final = 300.0
STRACE: Final = ("strace", "-f", "-q", "-e", "trace=%network,openat", "-o")
#: Families of sockets that reach other machines, and how their addresses are looked
#: up. The families left out stay on this one.
_OUTWARD: Final = re.compile(
    r"\b[AP]F_(?!UNIX|LOCAL|UNSPEC|NETLINK)\w+"
    r"|/(?:resolv\.conf|nscd/|io\.systemd\.Resolve)"
)
_CALL: Final = re.compile(r"^\d+ +(?!openat)\w+\(")
_TABLES: Final = (
    *("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6"),
    *("raw", "raw6", "icmp", "icmp6", "packet"),
)


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of a program's sockets.

    exit_code   the program's
    processes   how many were watched
    seen        calls about sockets, or how often the open sockets were listed
    outward     those to other machines
    """

    exit_code: int
    processes: int
    seen: int
    outward: int


def network_checks() -> list[Callable[[], Check]]:
    """The checks, in the order in which they are shown."""
    return [_guard_check, dictation_check, app_check]


def _guard_check() -> Check:
    if network_guard.is_installed():
        return Check(strings.GUARD, True, strings.GUARD_WORKS)
    return Check(strings.GUARD, False, strings.NO_GUARD, strings.INSTALL_AGAIN)


def dictation_check(command: list[str] | None = None) -> Check:
    """Watch a dictation, with its engine and its decoding process.

    command   the program to watch, for tests; None: the self-test
    """
    command = command or own_command("--self-test")
    found, text = traced(command), strings.TRACED
    if found is None:
        found, text = sampled(command), strings.SAMPLED
    name = strings.DICTATION
    if found.exit_code:
        return Check(name, False, strings.NOT_DICTATED, strings.RUN_DOCTOR)
    if found.outward:
        count = plural(found.outward, "network socket")
        used = strings.USES_NETWORK.format(found.outward, count)
        return Check(name, False, used, strings.REPORT)
    if not found.seen:  # a dictation always uses some
        return Check(name, False, strings.NOTHING_SEEN, strings.REPORT)
    return Check(name, True, text.format(found.processes, found.seen))


def app_check() -> Check:
    """Look at the processes of the running app, and at what it says of itself."""
    name, address = strings.RUNNING_APP, paths.control_socket()
    process = app_process(address)
    if process is None:
        return Check(name, True, strings.APP_NOT_RUNNING)
    processes = process_tree(process)
    if outward := len(network_sockets(processes)):
        count = plural(outward, "network socket")
        used = strings.USES_NETWORK.format(outward, count)
        return Check(name, False, used, strings.REPORT)
    try:
        status = send_command(address, ControlCommand.STATUS) or ""
    except MicaError as error:
        return Check(name, False, error.what, error.remedy)
    said = status.splitlines()[-1]
    return Check(name, True, strings.APP_SOCKETS.format(len(processes), said))


def traced(command: list[str]) -> Observation | None:
    """Run a program under strace; None if that is not possible here."""
    if shutil.which(STRACE[0]) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls"
        done = subprocess.run(
            [*STRACE, str(calls), *command], capture_output=True, timeout=TIMEOUT_S
        )
        lines = (
            calls.read_text("utf-8", "replace").splitlines() if calls.exists() else []
        )
    if not lines:  # no process was traced, not even its end
        return None
    return Observation(
        done.returncode,
        processes=len({line.split()[0] for line in lines}),
        seen=sum(_CALL.match(line) is not None for line in lines),
        outward=sum(_OUTWARD.search(line) is not None for line in lines),
    )


def sampled(command: list[str]) -> Observation:
    """Run a program, and list its network sockets again and again."""
    quiet = subprocess.DEVNULL
    looks, processes, sockets = 0, set[int](), set[str]()
    child = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    end_s = time.monotonic() + TIMEOUT_S
    try:
        while child.poll() is None and time.monotonic() < end_s:
            tree = process_tree(child.pid)
            processes.update(tree)
            sockets.update(network_sockets(tree))
            looks += 1
            time.sleep(EVERY_S)
    finally:
        child.kill()
        exit_code = child.wait()
    return Observation(exit_code, len(processes), looks, len(sockets))


def process_tree(process: int) -> list[int]:
    """A process and those that it started, and so on."""
    parents = dict[int, int]()
    command = ["ps", "-A", "-o", "pid=", "-o", "ppid="]
    listed = subprocess.run(command, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        parents[child] = parent
    found = [process]
    for one in found:  # grows
        found += [child for child, parent in parents.items() if parent == one]
    return found


def network_sockets(processes: list[int]) -> set[str]:
    """Names for the network sockets that these processes have open."""
    if sys.platform == "darwin":
        chosen = ",".join(map(str, processes))
        command = ["/usr/sbin/lsof", "-nP", "-a", "-i", "-p", chosen]
        listed = subprocess.run(command, capture_output=True, text=True).stdout
        return set(listed.splitlines()[1:])  # without the heading
    known = set(_inodes())
    return {inode for one in processes for inode in _sockets_of(one)} & known


def _inodes() -> Iterator[str]:
    """The inodes of all network sockets of this machine (proc_net(5))."""
    for table in _TABLES:
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                yield line.split()[-1 if table == "packet" else 9]


def _sockets_of(process: int) -> Iterator[str]:
    """The inodes of the sockets that a process has open."""
    with suppress(OSError):  # it has ended
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                kind, _, inode = str(descriptor.readlink()).partition(":")
                if kind == "socket":
                    yield inode.strip("[]")
