"""Nothing leaves the machine: a dictation, captions and files with odd names, without
any network, and with every call about sockets watched."""

import os
import re
import subprocess
import sys
import wave
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
from end_to_end.running_app import (
    TEXT_S,
    UNDER_WAY,
    RunningApp,
    running_app,
    screenshot,
)
from mica.ui import strings
from support import namespace, strace, xserver
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
needs_strace = pytest.mark.skipif(bool(strace.refused()), reason=strace.refused())
needs_namespace = pytest.mark.skipif(
    bool(namespace.refused()), reason=namespace.refused()
)
_HOST: Final = "127.0.0.1:9"
#: Names that FFmpeg, a shell or a command could take for something else.
ODD_NAMES: Final = (
    *(f"http:{_HOST}", f"https:{_HOST}", f"tcp:{_HOST}", f"udp:{_HOST}"),
    *(f"rtmp:{_HOST}", f"rtsp:{_HOST}", f"rtp:{_HOST}", f"ftp:{_HOST}"),
    *(f"tls:{_HOST}", f"srt:{_HOST}", f"hls+http:{_HOST}", f"mmsh:{_HOST}"),
    *("unix:socket", "pipe:0", "fd:1", "file:talk.wav", "concat:a.wav|b.wav"),
    *("subfile,,start,0,end,9,,:a.wav", "data:audio,x.wav", "cache:http:a", "zmq:a"),
    *("2026-11-28T10:30:00.wav", "talk-12:30.wav", "a.wav?x=1#y", "%d.wav"),
    *(" leading space.wav", "two\nlines.wav", "tab\t.wav", "quote\"'.wav"),
    *("$(id).wav", ";id.wav", "*.wav", "~", "käse.wav", "語.wav", "\u202ertl.wav"),
    *("--help", "-", "a" * 200 + ".wav", os.fsdecode(b"latin-\xe9.wav")),
)


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


def dictate_and_caption(app: RunningApp, folder: Path) -> None:
    """A dictation into a window, captions, and what Mica says of the network."""
    command, file = field(folder, "letter")
    with xserver.program(command, "letter"):
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
    status = mica(app.home, "tell", "status").stdout
    assert status.endswith(f"\n{strings.NETWORK} 0 connections since start\n")


@needs_strace
def test_dictation_and_captions_open_no_network_connection(tmp_path, control):
    assert any("socket(AF_INET" in call for call in calling_out(control))
    assert any("/etc/resolv.conf" in call for call in calling_out(control))
    calls = tmp_path / "calls"
    with running_app(tmp_path, under=strace.under(calls, CALLS)) as app:
        processes = {app.app.pid, app.engine()}
        dictate_and_caption(app, tmp_path)
    found = complete(calls, app.app.pid)
    assert processes <= {int(call.split()[0]) for call in found}
    assert any("connect(" in call and "AF_UNIX" in call for call in found)
    assert calling_out(found) == []


@needs_namespace
def test_dictation_and_captions_need_no_network(tmp_path):
    with running_app(tmp_path, under=namespace.under()) as app:
        assert namespace.has_no_network(app.app.pid)
        assert namespace.has_no_network(app.engine())
        dictate_and_caption(app, tmp_path)
    assert not namespace.has_no_network(os.getpid())


@needs_namespace
@needs_strace
def test_odd_file_names_are_transcribed_without_a_network(tmp_path):
    """Each name is given as it is, in the current folder, and all in one batch."""
    folder, calls = tmp_path / "talks", tmp_path / "calls"
    folder.mkdir()
    with wave.open(str(SHORT)) as sound:
        rate_hz, pcm = sound.getframerate(), sound.readframes(sound.getframerate())
    for name in ("plain.wav", *ODD_NAMES):
        with wave.open(os.path.join(folder, name), "wb") as sound:  # noqa: PTH118 "~"
            sound.setparams((1, 2, rate_hz, 0, "NONE", ""))
            sound.writeframes(pcm)
    names = [name for name in ODD_NAMES if name != "-"]  # standard input
    under = [*namespace.under(), *strace.under(calls, CALLS)]
    done = subprocess.run(
        [*under, sys.executable, "-m", "mica", "transcribe", "--", *names],
        cwd=folder,
        env={**os.environ, "MICA_HOME": str(tmp_path)},
        capture_output=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    texts = [line for line in done.stdout.split(b"\n") if line and b"==>" not in line]
    expected_run = mica(tmp_path, "transcribe", str(folder / "plain.wav"))
    expected = expected_run.stdout.strip().encode()
    assert texts.count(expected) == len(names) > 30 and expected
    assert calling_out(text_of(calls).splitlines()) == []
    assert {file.name for file in folder.iterdir()} == {"plain.wav", *ODD_NAMES}


def test_a_blocked_attempt_is_shown(app: RunningApp):
    """As if a library had tried, in another process of Mica."""
    line = "2026-11-29T09:00:00 refused engine socket.connect library\n"
    log = app.home / "logs" / "network.log"
    log.touch(0o600)
    with log.open("a") as out:
        out.write(line)
    status = mica(app.home, "tell", "status").stdout
    assert status.endswith(" 0 connections since start, 1 blocked\n")
    until(lambda: strings.NETWORK_BLOCKED in app.messages())
    assert mica(app.home, "tell", "settings").returncode == 0
    until(lambda: bool(xserver.xdotool("search", "--name", "^Mica Settings$")))
    screenshot("settings-network")
