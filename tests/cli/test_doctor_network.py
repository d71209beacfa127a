"""`mica doctor --network`: it sees network sockets of all processes, or says what it
could not see."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import Mica
from mica import network_guard, paths
from mica.cli import doctor_network, strings
from mica.cli.doctor_network import Observation, dictation_check, sampled, traced
from support import strace

needs_strace = pytest.mark.skipif(bool(strace.refused()), reason=strace.refused())
#: A program whose child opens sockets for half a second.
PROGRAM = """
import socket, subprocess, sys, time
if len(sys.argv) == 1:
    sys.exit(subprocess.run([sys.executable, __file__, "child"]).returncode)
held = [{}]
time.sleep(0.5)
"""
LOCAL = "*socket.socketpair()"
OUTWARD = {
    "TCP": "socket.socket(socket.AF_INET)",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "a server": "socket.create_server(('127.0.0.1', 0))",
    "IPv6": "socket.socket(socket.AF_INET6)",
}
LOOK_UP = "open('/etc/resolv.conf', 'rb')"  # as libc does, even to ask a daemon


def program(folder: Path, sockets: str) -> list[str]:
    script = folder / "program.py"
    script.write_text(PROGRAM.format(sockets))
    return [sys.executable, str(script)]


@needs_strace
@pytest.mark.parametrize("sockets", OUTWARD.values(), ids=OUTWARD)
def test_strace_sees_network_sockets_of_children(tmp_path: Path, sockets: str) -> None:
    check = dictation_check(program(tmp_path, sockets))
    assert not check.ok and check.remedy == strings.REPORT
    assert "network socket" in check.found


@needs_strace
def test_strace_sees_a_name_that_is_looked_up(tmp_path: Path) -> None:
    found = traced(program(tmp_path, f"{LOOK_UP} if 0 else {LOCAL}"))
    assert found is not None and found.outward == 0
    found = traced(program(tmp_path, LOOK_UP))
    assert found is not None and found.outward > 0


@needs_strace
def test_local_sockets_are_counted_and_pass(tmp_path: Path) -> None:
    check = dictation_check(program(tmp_path, LOCAL))
    assert check.ok and check.found.startswith("strace watched a dictation in 2 ")
    assert ": 0 calls" not in check.found


@pytest.mark.parametrize("sockets", OUTWARD.values(), ids=OUTWARD)
def test_without_strace_open_sockets_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sockets: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor_network, "EVERY_S", 0.05)
    if "AF_INET)" in sockets:  # a socket without an address is in no table
        sockets = f"socket.create_server(('127.0.0.1', 0)), {sockets}"
    if "INET6" in sockets:
        sockets = "socket.create_server(('::1', 0), family=socket.AF_INET6)"
    if "DGRAM" in sockets:
        sockets = f"(lambda s: (s.bind(('127.0.0.1', 0)), s))({sockets})"
    check = dictation_check(program(tmp_path, sockets))
    assert not check.ok and "1 network socket to other machines" in check.found
    check = dictation_check(program(tmp_path, LOCAL))
    assert check.ok and "can be missed" in check.found


@pytest.mark.parametrize("blind", [Observation(0, 0, 0, 0), Observation(1, 3, 9, 0)])
def test_empty_or_failed_trace_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, blind: Observation
) -> None:
    monkeypatch.setattr(doctor_network, "traced", lambda command: blind)
    assert not dictation_check(["true"]).ok


def test_open_sockets_are_listed_if_strace_may_not_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = tmp_path / "strace"
    refused.write_text("#!/bin/sh\necho refused >&2; exit 1\n")
    refused.chmod(0o755)
    monkeypatch.setattr(doctor_network, "STRACE", (str(refused), "-o"))
    assert "can be missed" in dictation_check(program(tmp_path, LOCAL)).found


def test_lsofs_list_is_read_on_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its output for a server and a connection, with the heading first: lsof(8)."""
    listed = (
        "COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n"
        "python3.1 311 me     4u  IPv4 0xdea1      0t0  TCP 127.0.0.1:49152 (LISTEN)\n"
        "python3.1 311 me     5u  IPv6 0xdea2      0t0  UDP *:5353\n"
    )
    calls: list[list[str]] = []

    def run(command: list[str], **how: object) -> "subprocess.CompletedProcess[str]":
        calls.append(command)
        return subprocess.CompletedProcess(command, 0, listed if calls[1:] else "")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    assert doctor_network.network_sockets([311, 312]) == set()
    assert len(doctor_network.network_sockets([311, 312])) == 2
    assert calls[0] == ["/usr/sbin/lsof", "-nP", "-a", "-i", "-p", "311,312"]


def test_sockets_of_other_programs_are_not_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        assert sampled([sys.executable, "-c", "pass"]).outward == 0


def test_a_guard_that_does_not_work_is_a_problem(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the tests' own process none is installed."""
    monkeypatch.setattr(
        doctor_network, "traced", lambda command: Observation(0, 5, 9, 0)
    )
    result = mica("doctor", "--network")
    assert result.code == 1
    guard, dictation, app = result.out.splitlines()
    assert guard == "problem network guard: doesn’t work. Install Mica again."
    assert dictation == (
        "ok      dictation: strace watched a dictation in 5 processes and threads: 9 "
        "calls about sockets, all of them local. None reached for another machine or "
        "looked up its address."
    )
    assert app == "ok      running app: not running"
    monkeypatch.setattr(network_guard, "is_installed", lambda: True)
    assert mica("doctor", "--network").code == 0


def test_real_command_passes_on_this_machine() -> None:
    """Traced, or looked at: a whole dictation."""
    command = [sys.executable, "-m", "mica", "doctor", "--network"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3 and all(line.startswith("ok ") for line in lines)
    assert not paths.network_log().exists(), "the proof itself is no attempt"
