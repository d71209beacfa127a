"""A display of our own for one test run: Xvfb and openbox, ended by their ids.

Also small foreign programs to aim at: another process must own the clipboard and the
text field, since Qt takes a short cut within one.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

WAIT_S: Final = 30.0
_NEEDED: Final = ("Xvfb", "openbox", "xdotool", "xterm", "xclip", "xprop")


def missing() -> list[str]:
    """The programs of the X tests that this machine lacks."""
    folders = [Path(entry) for entry in os.environ.get("PATH", "").split(":")]
    return [name for name in _NEEDED if not any((f / name).exists() for f in folders)]


@contextmanager
def display() -> Iterator[str]:
    """A fresh display with a window manager, named like ":7"; DISPLAY is set to it."""
    read, write = os.pipe()
    screen = ["-noreset", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
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


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a program that start() began, by its id."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.kill()
    process.wait(WAIT_S)


def qt_program(name: str, *words: str) -> list[str]:
    """The command of a script of tests/host/programs."""
    script = Path(__file__).parent / "host" / "programs" / f"{name}.py"
    return [sys.executable, str(script), *words]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    return done.stdout.strip()
