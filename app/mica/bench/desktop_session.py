"""A private desktop session to measure the app in: a display with a tray, a microphone,
and a text field to dictate into.

All its programs end with it: Xvfb, openbox, trayer and a PulseAudio whose microphone
records what is played to it. The app is started as a user would start it, with a fresh
state folder. The field requests the clipboard as soon as the paste keys arrive and
takes the text at once, so its own time is negligible. X11 only.
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
LOOK_S: Final = 0.001  # polling interval of what is timed
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
    """The environment that programs run in, and its MICA_HOME."""

    environment: dict[str, str]
    home: Path

    @contextmanager
    def app(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Run the app; it is asked to quit at the end."""
        with _program(own_command(), self.environment) as process:
            yield process
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):  # then it is killed
                process.wait(WAIT_S)

    def wait_until_ready(self) -> None:
        """Wait until the app's engine has loaded its model."""
        log = self.home / "logs" / "mica.log"
        wait_until(
            lambda: log.exists() and "is ready" in log.read_text("utf-8"), READY_S
        )

    def play(self, file: Path) -> None:
        """Play a WAV file into the microphone; returns when it has ended."""
        command = ["paplay", f"--device={SINK}", str(file)]
        subprocess.run(command, env=self.environment, check=True, timeout=WAIT_S)


@contextmanager
def desktop_session() -> Iterator[DesktopSession]:
    """A private session; raises EngineError if the machine does not support one."""
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
    """Wait until `done` returns true; returns the time. EngineError after the limit."""
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
    """Run PulseAudio; yields the variables that programs need to find it."""
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
        # When idle, PulseAudio renders seconds at a time and a new recorder must wait
        # for their end, unlike with a microphone. A low-latency recorder prevents it.
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
        """Press or release the hold key; returns when the server had processed it."""
        xtest.fake_input(self.display, X.KeyPress if down else X.KeyRelease, HOLD_KEY)
        self.display.sync()
        return time.monotonic()

    def icons(self) -> int:
        """The number of icons that the tray shows."""
        return sum(
            inner.get_attributes().map_state == X.IsViewable
            for panel in self._panels()
            for socket in panel.query_tree().children
            for inner in socket.query_tree().children
        )

    def _panels(self) -> list[Any]:
        """The tray's windows, which the window manager has reparented into frames."""
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
    """A window that accepts pasted text; it has the keyboard focus once active."""

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
        clipboard, self._utf8, self._own, self._active = map(display.intern_atom, atoms)
        self._clipboard = clipboard
        self._paste_key = display.keysym_to_keycode(XK.XK_v)
        self.keys_s: float | None = None  # wall clock time when the keys arrived
        display.sync()

    def active(self) -> bool:
        """Whether the window manager has given it the focus."""
        root = self._display.screen().root
        found = root.get_full_property(self._active, Xatom.WINDOW)
        return found is not None and self._window.id in found.value

    def clear(self) -> None:
        """Empty the field before the next text."""
        self.keys_s = None

    def text(self) -> str | None:
        """The text pasted since clear(), or None if not there yet; does not block."""
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == X.KeyPress and event.detail == self._paste_key:
                self.keys_s = time.time()
                self._window.convert_selection(
                    self._clipboard, self._utf8, self._own, event.time
                )
                self._display.flush()
            elif event.type == X.SelectionNotify and event.property != X.NONE:
                property_ = self._window.get_full_property(self._own, X.AnyPropertyType)
                return str(property_.value.decode("utf-8"))
        return None
