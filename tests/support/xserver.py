"""A display of our own for one test run: Xvfb and openbox, ended by their ids.

Also small foreign programs to aim at: another process must own the clipboard and the
text field, since Qt takes a short cut within one.
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


def missing() -> list[str]:
    """The programs of the X tests that this machine lacks."""
    folders = [Path(entry) for entry in os.environ.get("PATH", "").split(":")]
    return [name for name in _NEEDED if not any((f / name).exists() for f in folders)]


@contextmanager
def display(size: str = "1280x800", dpi: int = 96) -> Iterator[str]:
    """A fresh display with a window manager, named like ":7"; DISPLAY is set to it.

    dpi   as a desktop's settings tell programs (Xft.dpi)
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
    """Return once it is so; fail after the limit."""
    end_s = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.01)


def xdotool(*words: str) -> str:
    """What xdotool printed."""
    return _run("xdotool", *words)


@contextmanager
def layout(*words: str) -> Iterator[None]:
    """The keyboard as setxkbmap makes it from these words; then a plain US one."""
    set_layout(*words)
    try:
        yield
    finally:
        set_layout("us")


def set_layout(*words: str) -> None:
    """Without the options there were; the first layout is chosen."""
    for command in (["-option"], list(words)):
        subprocess.run(["setxkbmap", *command], check=True, timeout=WAIT_S)
    with xkb() as keys:
        keys.lock_group(0)


@contextmanager
def xkb() -> Iterator["Keys"]:
    """The keyboard, asked and told by a program of its own; left without locks."""
    from Xlib.display import Display

    display = Display()
    try:
        yield Keys(display)
    finally:
        display.close()


class Keys:
    """What a user does at the keyboard that xdotool cannot."""

    def __init__(self, display: Any) -> None:
        from mica.host.x11.xkb import Xkb

        self.display, self.xkb = display, Xkb(display)

    def lock_group(self, group: int) -> None:
        """As a key that switches layouts does."""
        self.xkb._send(5, struct.pack("=H2xBB6x", 0x100, True, group))
        self.display.sync()

    def lock(self, mask: int) -> None:
        """As Caps Lock does, and nothing else locked or latched."""
        self.xkb.lock(0xFF, mask)
        self.xkb.latch(0xFF, 0)
        self.display.sync()

    def enable(self, mask: int, wanted: int) -> None:
        """For good, unlike what Mica changes."""
        self.xkb._set(struct.pack("=3I", mask, wanted, 0), 0)
        self.display.sync()

    def press(self, *codes: int) -> None:
        """By keycode, in the layout chosen, which xdotool would change."""
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
    """What every key means, as the server has it."""
    from Xlib.display import Display

    display = Display()
    found = [list(row) for row in display.get_keyboard_mapping(8, 248)]
    display.close()
    return repr([[symbol for symbol in row if symbol] for row in found])


@contextmanager
def program(command: Sequence[str], title: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A foreign program whose window of that title has the keyboard."""
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
    """A program on the display, whose Qt is X11's; its ends are pipes."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"},
    )


def has_line(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it has said something that nobody has read."""
    return bool(select.select([process.stdout], [], [], 0.1)[0])


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a program that start() began, by its id."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.kill()
    process.wait(WAIT_S)


def qt_program(name: str, *words: str) -> list[str]:
    """The command of a script of tests/host/programs."""
    script = Path(__file__).parents[1] / "host" / "programs" / f"{name}.py"
    return [sys.executable, str(script), *words]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    return done.stdout.strip()
