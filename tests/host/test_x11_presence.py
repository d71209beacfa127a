"""Sleep, lock and user switching, reported by a fake logind on a private D-Bus."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mica.host.values import AwayReason
from support import xserver

PROGRAM = """
import sys
from PySide6.QtCore import QCoreApplication
from mica.host.x11.presence import X11Presence
app = QCoreApplication([])
presence = X11Presence()
tell = lambda line: print(line, flush=True)
presence.watch(lambda away: tell(away.value), lambda: tell("back"))
tell("watching")
app.exec()
"""
BUS = """<busconfig><type>system</type><listen>unix:tmpdir=/tmp</listen>
<auth>EXTERNAL</auth><policy context="default"><allow send_destination="*"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""

pytestmark = pytest.mark.skipif(
    shutil.which("dbus-daemon") is None, reason="needs dbus-daemon"
)


class Bus:
    """The fake logind, and a program that watches it."""

    def __init__(self, environment: dict[str, str]) -> None:
        script = str(Path(__file__).parent / "programs" / "logind.py")
        self.logind = self._start([script], environment)
        assert self.line(self.logind) == "ready"
        self.watcher = self._start(["-c", PROGRAM], environment)
        assert self.line(self.watcher) == "watching"

    def _start(
        self, words: list[str], environment: dict[str, str]
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def tell(self, line: str) -> None:
        assert self.logind.stdin is not None
        self.logind.stdin.write(f"{line}\n")
        self.logind.stdin.flush()

    def reported(self) -> str:
        return self.line(self.watcher)

    def close(self) -> None:
        for process in (self.watcher, self.logind):
            process.kill()
            _, complaints = process.communicate(timeout=xserver.WAIT_S)
            assert complaints == ""


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    config = tmp_path / "bus.conf"
    config.write_text(BUS)
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--print-address", "--nofork"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    names = ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS")

    bus = Bus({**os.environ, **dict.fromkeys(names, address), "XDG_SESSION_ID": "7"})
    yield bus
    bus.close()
    daemon.kill()
    daemon.communicate(timeout=xserver.WAIT_S)


def test_presence_reports_sleep_lock_switch_and_return(bus: Bus) -> None:
    for line, away in (
        ("sleep", AwayReason.SLEEP),
        ("lock", AwayReason.LOCK),
        ("active", AwayReason.SWITCH),
    ):
        begins, ends = ("false", "true") if line == "active" else ("true", "false")
        bus.tell(f"{line} {begins}")
        assert bus.reported() == away.value
        bus.tell(f"{line} {ends}")
        assert bus.reported() == "back"


def test_waking_to_a_locked_screen_is_no_return(bus: Bus) -> None:
    bus.tell("hint true")
    assert bus.reported() == AwayReason.LOCK.value
    bus.tell("lock true")  # reported by the screen saver too
    bus.tell("sleep true")
    assert bus.reported() == AwayReason.SLEEP.value
    bus.tell("sleep false")
    bus.tell("lock false")
    assert bus.reported() == "back"


def test_presence_without_a_bus_reports_nothing(tmp_path: Path) -> None:

    names = ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS")
    nowhere = {**os.environ, **dict.fromkeys(names, f"unix:path={tmp_path}/none")}
    program = PROGRAM.replace("app.exec()", "presence.stop()")
    done = subprocess.run(
        [sys.executable, "-c", program], env=nowhere, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "watching\n", "")
