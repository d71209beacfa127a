"""A complete environment: a display, a microphone, the real app, foreign windows.

The app is a process started as a user starts it. Everything is observed from outside,
through X11, the file system and the library's SQLite file.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from support import virtual_microphone, xserver
from support.virtual_microphone import VirtualMicrophone
from support.xserver import until, xdotool

RIGHT_ALT: Final = "108"  # a keycode, because a keysym would also press left Alt
SCREENSHOTS: Final = Path(__file__).parents[2] / "screenshots"
TAP_MS: Final = "160"  # as a finger does; faster taps count as contact bounce
READY: Final = "model is ready"  # a line of the log
READY_S: Final = 60.0
TEXT_S: Final = 60.0
QUIT_S: Final = 20.0
HEADER_BYTES: Final = 100  # a larger journal contains samples
UNDER_WAY: Final = ("speaking", "working")
TRAY: Final = ["trayer", "--edge", "top", "--align", "right", "--height", "28"]


homes: Final[list[Path]] = []  # of the apps that were started; see conftest.py


def missing() -> list[str]:
    """The programs that these tests need and this machine lacks."""
    own = [name for name in ("trayer", "import") if shutil.which(name) is None]
    return [*xserver.missing(), *virtual_microphone.missing(), *own]


@dataclass
class RunningApp:
    """The running app, as tests use it."""

    home: Path
    microphone: VirtualMicrophone
    app: "subprocess.Popen[bytes]"
    start: "Callable[[], subprocess.Popen[bytes]]"

    def crash(self) -> None:
        """Kill the app and start a new one; return when its engine is ready."""
        starts = self.messages().count(READY)
        self.app.kill()
        self.app.wait(QUIT_S)
        self.app = self.start()
        until(lambda: self.messages().count(READY) > starts, READY_S)

    def rows(self) -> list[dict[str, Any]]:
        """The library's rows, newest last."""
        with sqlite3.connect(
            f"file:{self.home}/history.sqlite?mode=ro", uri=True
        ) as db:
            db.row_factory = sqlite3.Row
            found = db.execute("select * from utterance order by id").fetchall()
        return [dict(row) for row in found]

    def ended(self) -> dict[str, Any]:
        """Wait until the app has finished the newest utterance; return its row."""
        until(lambda: _is_over(self.rows()[-1]), TEXT_S)
        return self.rows()[-1]

    def messages(self) -> str:
        """The app's log, which includes all messages shown to the user."""
        return _text(self.home / "logs" / "mica.log")

    def engine(self) -> int:
        """The process id of the app's engine."""
        children = Path(f"/proc/{self.app.pid}/task").glob("*/children")
        for child in " ".join(path.read_text() for path in children).split():
            with suppress(OSError):
                if "--engine" in Path(f"/proc/{child}/cmdline").read_text():
                    return int(child)
        raise AssertionError("the app has no engine")

    def overlay(self) -> str | None:
        """The overlay's window id, or None if it is not visible."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "^Mica overlay$"],
            capture_output=True,
            text=True,
        )
        return found.stdout.split()[0] if found.stdout else None

    @contextmanager
    def held_key(self, key: str = RIGHT_ALT) -> Iterator[None]:
        """Hold a key during the block, which starts when the overlay is visible."""
        xdotool("keydown", key)
        try:
            until(lambda: self.overlay() is not None)
            yield
        finally:
            xdotool("keyup", key)

    @contextmanager
    def listening(self, key: str = RIGHT_ALT) -> Iterator[None]:
        """Hold a key during the block, which starts when samples are on the disk."""
        before = self._recordings()
        with self.held_key(key):
            until(lambda: self._recordings() > before)
            yield

    @contextmanager
    def latched(self, taps: int = 1, *, last: bool = True) -> Iterator[None]:
        """Dictate hands-free during the block, which starts when samples are on disk.

        taps   that start the dictation
        last   whether a final tap ends it
        """
        before = self._recordings()
        xdotool("key", "--delay", TAP_MS, *[RIGHT_ALT] * taps)
        try:
            until(lambda: self._recordings() > before)
            yield
        finally:
            if last:
                xdotool("key", RIGHT_ALT)

    def _recordings(self) -> int:
        found = (self.home / "journal").glob("*.wav")
        return sum(path.stat().st_size > HEADER_BYTES for path in found)


class FocusWatch:
    """Polls which windows have the keyboard focus, and remembers them."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> set[str]:
        self._over.set()
        self._thread.join()
        return self.seen

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.seen.add(xdotool("getwindowfocus"))


@contextmanager
def running_app(
    home: Path,
    *,
    plugged: bool = True,
    under: Sequence[str] = (),
    screen: tuple[str, int] = ("1280x800", 96),
    program: Sequence[str] = (sys.executable, "-m", "mica"),
) -> Iterator[RunningApp]:
    """Run the app during the block, which starts when its engine is ready.

    plugged   whether the app can reach the microphone
    under     a command, with arguments, that runs the app
    screen    its size in pixels, and its dots per inch
    """
    homes.append(home)
    microphones = virtual_microphone.virtual_microphone()
    with xserver.display(*screen), microphones as microphone:
        found = dict(microphone.environment)
        if not plugged:
            found["PULSE_SERVER"] = "unix:/nonexistent"
        environment = {
            **os.environ,
            **found,
            "MICA_HOME": str(home),
            "QT_QPA_PLATFORM": "xcb",
            "LC_ALL": "C.UTF-8",
        }
        log = (home / "stderr.txt").open("wb")
        tray = subprocess.Popen(TRAY, stderr=subprocess.DEVNULL)

        def start() -> "subprocess.Popen[bytes]":
            command = [*under, *program]
            # the loosest umask, so that any file that is not made private shows
            return subprocess.Popen(command, env=environment, stderr=log, umask=0)

        running = RunningApp(home, microphone, start(), start)
        try:
            until(lambda: READY in running.messages(), READY_S)
            yield running
            running.app.send_signal(signal.SIGTERM)
            assert running.app.wait(QUIT_S) == 0
            assert _complaints(home / "stderr.txt") == []
        finally:
            for process in (running.app, tray):
                process.kill()
                process.wait(QUIT_S)
            log.close()


def screenshot(name: str) -> Path:
    """Save a picture of the whole screen for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    subprocess.run(["import", "-window", "root", str(path)], check=True, timeout=20)
    return path


@contextmanager
def after(seconds: float, what: Callable[[], object]) -> Iterator[None]:
    """Call `what` this many seconds after the block starts, on another thread."""
    timer = threading.Timer(seconds, what)
    timer.start()
    yield
    timer.join()


def _is_over(row: dict[str, Any]) -> bool:
    """Whether the app has finished an utterance."""
    to_insert = row["status"] == "written" and row["text"] and not row["error"]
    return row["status"] not in UNDER_WAY and not to_insert


def _complaints(path: Path) -> list[str]:
    """The app's output, except ALSA's own messages about lost or late devices."""
    lines = [line for line in _text(path).splitlines() if line]
    own = ("pa_linux_alsa.c", "ALSA lib")
    return [line for line in lines if not any(name in line for name in own)]


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""
