"""A desktop session to measure the app in: a display with a tray, and a microphone.

Everything is its own and ends with it: Xvfb, openbox, trayer and a PulseAudio whose
microphone hears what is played to it. The app is started as a user starts it, with a
fresh folder for its state. X11 only.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mica.errors import EngineError
from mica.program import own_command

PROGRAMS: Final = (
    *("Xvfb", "openbox", "trayer"),
    *("pulseaudio", "pactl", "paplay", "parec"),
)
WAIT_S: Final = 30.0
READY_S: Final = 120.0
LOOK_S: Final = 0.001  # between two looks at what is timed
SINK: Final = "measured"
SCREEN: Final = ("-noreset", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
TRAY: Final = ("trayer", "--edge", "top", "--align", "right", "--height", "28")
MICROPHONE: Final = (
    *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
    *("--disallow-exit=yes", "--use-pid-file=no"),
    f"--load=module-null-sink sink_name={SINK} rate=16000 channels=1 format=s16le",
)


@dataclass(frozen=True, slots=True)
class DesktopSession:
    """The environment that programs run in, and MICA_HOME there."""

    environment: dict[str, str]
    home: Path

    @contextmanager
    def app(self) -> Iterator["subprocess.Popen[bytes]"]:
        """The app from its start on; it is asked to quit at the end."""
        with _program(own_command(), self.environment) as process:
            yield process
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):  # then it is killed
                process.wait(WAIT_S)

    def wait_until_ready(self) -> None:
        """Until the app's engine has its model."""
        log = self.home / "logs" / "mica.log"
        wait_until(
            lambda: log.exists() and "is ready" in log.read_text("utf-8"), READY_S
        )

    def play(self, file: Path) -> None:
        """Speak a WAV file into the microphone; returns when it is over."""
        command = ["paplay", f"--device={SINK}", str(file)]
        subprocess.run(command, env=self.environment, check=True, timeout=WAIT_S)


@contextmanager
def desktop_session() -> Iterator[DesktopSession]:
    """A session of its own; EngineError where there can be none."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if sys.platform == "darwin" or missing:
        lacking = f"it lacks {', '.join(missing)}" if missing else "it has no X11"
        message = f"The app cannot be measured on this machine: {lacking}."
        raise EngineError(message, "Measure it on Debian, set up by `make bench`.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mica-")))
        home = folder / "home"
        home.mkdir()
        environment = {**os.environ, "MICA_HOME": str(home), "QT_QPA_PLATFORM": "xcb"}
        environment["DISPLAY"] = stack.enter_context(_display())
        environment |= stack.enter_context(_microphone(folder, environment))
        stack.enter_context(_program(["openbox"], environment))
        stack.enter_context(_program(TRAY, environment))
        yield DesktopSession(environment, home)


def wait_until(done: Callable[[], bool], limit_s: float = WAIT_S) -> float:
    """The time at which it was so; EngineError after the limit."""
    end_s = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > end_s:
            raise EngineError("The app did not do what was waited for.", "Try again.")
        time.sleep(LOOK_S)
    return time.monotonic()


@contextmanager
def _display() -> Iterator[str]:
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), *SCREEN]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        if not select.select([read], [], [], WAIT_S)[0]:
            raise EngineError("Xvfb did not start.", "Try again.")
        yield f":{os.read(read, 16).decode().strip()}"
    finally:
        os.close(read)
        _end(server)


@contextmanager
def _microphone(folder: Path, around: dict[str, str]) -> Iterator[dict[str, str]]:
    """What programs need to find it."""
    socket = folder / "native"
    loads = f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1"
    own = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    found = {
        "PULSE_SERVER": f"unix:{socket}",
        "PULSE_SOURCE": f"{SINK}.monitor",
        "PULSE_RUNTIME_PATH": str(folder),
    }
    with _program([*MICROPHONE, loads], around | own):
        listed = ["pactl", "list", "short", "sources"]
        wait_until(lambda: SINK in _printed(listed, around | found))
        # Left alone, PulseAudio renders seconds at a time and a first listener waits
        # for their end; a microphone never does. One who listens closely prevents it.
        with _program(["parec", "--latency-msec=10"], around | found):
            yield found


def _printed(command: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.stdout


@contextmanager
def _program(
    command: Sequence[str], environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(WAIT_S)
