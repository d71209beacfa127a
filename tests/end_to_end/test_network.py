"""Nothing leaves the machine: all sockets used by a dictation and by captions."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from end_to_end.parts import (
    SHORT,
    click,
    field,
    mica,
    needs_desktop,
    spoken,
    text_of,
    wait_until_recording,
)
from end_to_end.running_app import TEXT_S, UNDER_WAY, running_app
from support import strace, xserver
from support.xserver import until

pytestmark = needs_desktop
CALLS: Final = "%network,openat"
FAMILY: Final = re.compile(r"\b(?:AF|PF)_(?!UNIX|LOCAL|UNSPEC|NETLINK)\w+")
# How programs look up a host's address.
LOOK_UP: Final = re.compile(r"/(?:resolv\.conf|nscd/|io\.systemd\.Resolve)")
CONTROL: Final = """
import socket, subprocess, sys
if sys.argv[1:]:
    socket.create_server(("", 0))
    socket.getaddrinfo("localhost", 80)
else:
    subprocess.run([sys.executable, __file__, "child"], check=True)
"""


def complete(calls: Path, pid: int) -> list[str]:
    """The system calls, once the file is complete up to the end of that process."""
    end = re.compile(rf"^{pid} +\+\+\+ exited with 0 \+\+\+\n", re.MULTILINE)
    until(lambda: end.search(text_of(calls)) is not None)
    return text_of(calls).splitlines()


def calling_out(calls: Sequence[str]) -> list[str]:
    """The calls that could reach another machine or look up its address."""
    return [call for call in calls if FAMILY.search(call) or LOOK_UP.search(call)]


@pytest.fixture
def control(tmp_path: Path) -> list[str]:
    """The calls of a child process that listens on a port and looks up a host."""
    script, calls = tmp_path / "control.py", tmp_path / "control"
    script.write_text(CONTROL)
    command = [*strace.under(calls, CALLS), sys.executable, str(script)]
    with subprocess.Popen(command) as process:
        assert process.wait(xserver.WAIT_S) == 0
    return complete(calls, process.pid)


@pytest.mark.skipif(bool(strace.refused()), reason=strace.refused())
def test_dictation_and_captions_open_no_network_connection(tmp_path, control):
    assert any("socket(AF_INET" in call for call in calling_out(control))
    assert any("/etc/resolv.conf" in call for call in calling_out(control))
    command, file = field(tmp_path, "letter")
    calls = tmp_path / "calls"
    with (
        running_app(tmp_path, under=strace.under(calls, CALLS)) as app,
        xserver.program(command, "letter"),
    ):
        processes = {app.app.pid, app.engine()}
        with app.listening():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
        assert mica(app.home, "tell", "captions").returncode == 0
        wait_until_recording(app, 1)
        app.microphone.play(spoken(SHORT))
        click("Mica Stop")
        until(lambda: not {row["status"] for row in app.rows()} & {*UNDER_WAY}, TEXT_S)
        dictated, captioned = app.rows()
    assert dictated["status"] == "inserted" and dictated["text"]
    assert captioned["kind"] == "captions" and captioned["text"]
    found = complete(calls, app.app.pid)
    seen = {int(call.split()[0]) for call in found}
    assert processes <= seen
    assert any("connect(" in call and "AF_UNIX" in call for call in found)
    assert calling_out(found) == []
