"""A desktop session to measure the app in: a display with a tray, a microphone, and a
text field to dictate into.

Everything is its own and ends with it: Xvfb, openbox, trayer and a PulseAudio whose
microphone hears what is played to it. The app is started as a user starts it, with a
fresh folder for its state. The field asks for the clipboard the moment the paste keys
reach it and takes the text at once: what it needs itself is next to nothing. X11 only.
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
from typing import Any, Final

from Xlib import XK, X, Xatom  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.ext import xtest  # type: ignore[import-untyped]

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
HOLD_KEY: Final = 108  # Right Alt's keycode; its keysym would press plain Alt as well


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


class DisplayConnection:
    """One connection to the display."""

    def __init__(self, name: str) -> None:
        self.display: Any = Display(name)
        self._root = self.display.screen().root

    def close(self) -> None:
        self.display.close()

    def key(self, *, down: bool) -> float:
        """Press the hold key or let it go; the time at which the server had it."""
        xtest.fake_input(self.display, X.KeyPress if down else X.KeyRelease, HOLD_KEY)
        self.display.sync()
        return time.monotonic()

    def icons(self) -> int:
        """How many icons the tray shows."""
        return sum(
            inner.get_attributes().map_state == X.IsViewable
            for panel in self._panels()
            for socket in panel.query_tree().children
            for inner in socket.query_tree().children
        )

    def _panels(self) -> list[Any]:
        """The tray's windows; the window manager has put them in frames."""
        found = []
        waiting = list(self._root.query_tree().children)
        while waiting:
            window = waiting.pop()
            if window.get_wm_class() == ("panel", "trayer"):
                found.append(window)
            elif window.get_attributes().map_state == X.IsViewable:
                waiting += window.query_tree().children
        return found


class TextField:
    """A window that takes what is pasted; it has the keyboard once it is active."""

    def __init__(self, screen: DisplayConnection) -> None:
        self._display = display = screen.display
        mask = X.KeyPressMask | X.PropertyChangeMask
        self._window = display.screen().root.create_window(
            *(100, 100, 400, 200, 0, X.CopyFromParent), event_mask=mask
        )
        self._window.set_wm_name("TextField")
        self._window.set_wm_class("field", "TextField")
        self._window.map()
        atoms = ("CLIPBOARD", "UTF8_STRING", "MICA_FIELD", "_NET_ACTIVE_WINDOW")
        board, self._utf8, self._own, self._active = map(display.intern_atom, atoms)
        self._board = board
        self._paste_key = display.keysym_to_keycode(XK.XK_v)
        self.keys_s: float | None = None  # wall clock: when the keys came
        display.sync()

    def active(self) -> bool:
        """Whether the window manager gave it the keyboard."""
        root = self._display.screen().root
        found = root.get_full_property(self._active, Xatom.WINDOW)
        return found is not None and self._window.id in found.value

    def clear(self) -> None:
        """Empty the field before the next text."""
        self.keys_s = None

    def text(self) -> str | None:
        """What was pasted since clear(), once it is here; waits for nothing."""
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == X.KeyPress and event.detail == self._paste_key:
                self.keys_s = time.time()
                self._window.convert_selection(
                    self._board, self._utf8, self._own, event.time
                )
                self._display.flush()
            elif event.type == X.SelectionNotify and event.property != X.NONE:
                property_ = self._window.get_full_property(self._own, X.AnyPropertyType)
                return str(property_.value.decode("utf-8"))
        return None
