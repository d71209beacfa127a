"""A private X display for a test run: Xvfb and openbox, ended by their process ids.

Also starts small foreign programs as targets. Another process must own the clipboard
and the text field, because Qt bypasses the X protocol within one process.
"""

import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from Xlib import X

WAIT_S: Final = 30.0
_NEEDED: Final = ("Xvfb", "openbox", "xdotool", "xterm", "xclip", "xprop", "setxkbmap")


titles: Final[set[str]] = set()  # of the windows that were opened


def missing() -> list[str]:
    """The programs that the X tests need and this machine lacks."""
    folders = [Path(entry) for entry in os.environ.get("PATH", "").split(":")]
    return [name for name in _NEEDED if not any((f / name).exists() for f in folders)]


@contextmanager
def display(size: str = "1280x800", dpi: int = 96) -> Iterator[str]:
    """A new display with a window manager; yields its name (":7") and sets DISPLAY.

    dpi   the value of the Xft.dpi resource, as set by desktop settings
    """
    read, write = os.pipe()
    screen = ["-noreset", "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *screen],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    before = os.environ.get("DISPLAY")
    try:
        ready, _, _ = select.select([read], [], [], WAIT_S)
        assert ready, "Xvfb did not start"
        name = f":{os.read(read, 16).decode().strip()}"
        os.environ["DISPLAY"] = name
        manager = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)
        try:
            until(
                lambda: (
                    "window id" in _run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
                )
            )
            resources = ["-f", "RESOURCE_MANAGER", "8s"]
            value = ["-set", "RESOURCE_MANAGER", f"Xft.dpi:\t{dpi}"]
            _run("xprop", "-root", *resources, *value)
            yield name
        finally:
            end(manager)
    finally:
        os.close(read)
        end(server)
        if before is None:
            os.environ.pop("DISPLAY", None)
        else:
            os.environ["DISPLAY"] = before


def until(done: Callable[[], bool], limit_s: float = WAIT_S) -> None:
    """Wait until `done` returns true; fail after the limit."""
    end_s = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.01)


def xdotool(*words: str) -> str:
    """Run xdotool; return its output."""
    return _run("xdotool", *words)


@contextmanager
def layout(*words: str) -> Iterator[None]:
    """Set the keyboard layout with setxkbmap's arguments; afterward, plain US again."""
    set_layout(*words)
    try:
        yield
    finally:
        set_layout("us")


def set_layout(*words: str) -> None:
    """Set the layout, clear earlier options, and select the first group."""
    for command in (["-option"], list(words)):
        subprocess.run(["setxkbmap", *command], check=True, timeout=WAIT_S)
    with xkb() as keys:
        keys.lock_group(0)


@contextmanager
def xkb() -> Iterator["Keys"]:
    """Access to the keyboard through a separate connection to the display."""
    from Xlib.display import Display

    display = Display()
    try:
        yield Keys(display)
    finally:
        display.close()


class Keys:
    """Keyboard actions of a user that xdotool cannot simulate."""

    def __init__(self, display: Any) -> None:
        from mica.host.x11.xkb import Xkb

        self.display, self.xkb = display, Xkb(display)

    def lock_group(self, group: int) -> None:
        """Switch layouts, as a layout key does."""
        self.xkb._send(5, struct.pack("=H2xBB6x", 0x100, True, group))
        self.display.sync()

    def lock(self, mask: int) -> None:
        """Lock these modifiers, as Caps Lock does, and no others; clear all latches."""
        self.xkb.lock(0xFF, mask)
        self.xkb.latch(0xFF, 0)
        self.display.sync()

    def enable(self, mask: int, wanted: int) -> None:
        """Set XKB controls permanently, unlike Mica's own changes."""
        self.xkb._set(struct.pack("=3I", mask, wanted, 0), 0)
        self.display.sync()

    def press(self, *codes: int) -> None:
        """Press keys by keycode in the current layout, which xdotool would change."""
        for code in codes:
            self.display.xtest_fake_input(X.KeyPress, code)
        for code in reversed(codes):
            self.display.xtest_fake_input(X.KeyRelease, code)
        self.display.sync()

    def latched(self) -> int:
        return self.xkb.state().latched

    def locked(self) -> int:
        return self.xkb.state().locked

    def enabled(self) -> int:
        return self.xkb.controls().enabled


def keyboard() -> str:
    """The server's keymap, as text for comparison."""
    from Xlib.display import Display

    display = Display()
    found = [list(row) for row in display.get_keyboard_mapping(8, 248)]
    display.close()
    return repr([[symbol for symbol in row if symbol] for row in found])


@contextmanager
def program(command: Sequence[str], title: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a foreign program and give its window (found by title) the focus."""
    titles.add(title)
    process = start(command)
    try:
        find = ["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"]
        until(lambda: bool(_run(*find)))
        window = _run(*find).split()[0]
        xdotool("windowactivate", "--sync", window)
        until(lambda: xdotool("getactivewindow") == window)
        yield process
    finally:
        end(process)


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a program on the display, with pipes and Qt's X11 plugin."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"},
    )


def has_line(process: "subprocess.Popen[bytes]") -> bool:
    """Whether the process has printed something that was not read yet."""
    return bool(select.select([process.stdout], [], [], 0.1)[0])


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a program started by start(), by its process id."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.kill()
    process.wait(WAIT_S)


def qt_program(name: str, *words: str) -> list[str]:
    """The command that runs a script from tests/host/programs."""
    script = Path(__file__).parents[1] / "host" / "programs" / f"{name}.py"
    return [sys.executable, str(script), *words]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    return done.stdout.strip()
