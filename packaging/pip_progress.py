"""Runs pip and shows its progress in one line instead of its log.

`python packaging/pip_progress.py install …` takes pip's own arguments. In a terminal,
the line is redrawn with the seconds since the start and, during a download, with pip's
figures. Elsewhere, only long steps get a line. If pip fails, its error message follows,
and its exit code is passed on. Uses only the standard library, because nothing else is
installed yet.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

REDRAW_S: Final = 1.0
LARGE_MB: Final = 10.0  # smaller downloads get no line in a log
TAIL_LINES: Final = 20  # of pip's output, shown if it failed without an "error" line
_ESCAPE: Final = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")
_FIGURES: Final = re.compile(r"[\d.]+/[\d.]+ [kMG]B.*")
_FILE: Final = re.compile(
    r"(Downloading|Using cached|Processing) (?:\S*/)?"
    r"(?P<name>\w[\w.]*?)-(?P<version>\d[\w.]*)\S*(?: \((?P<size>[\d.]+ [kMG]?B)\))?"
)
_INSTALLING: Final = "Installing collected packages: "


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence about what pip is doing; `is_long` if that may take a while."""

    text: str
    is_long: bool = False


class PipLog:
    """Parser for the lines that pip prints (version 23 and later)."""

    def __init__(self) -> None:
        self.packages = 0
        self._file = ""

    def push(self, line: str) -> Step | None:
        """The step that a line reports; None if it reports none."""
        line = _ESCAPE.sub("", line).strip()
        if found := _FILE.match(line):
            verb = "Downloading" if line.startswith("Downloading") else "Reading"
            size = found["size"]
            self._file = f"{verb} {found['name']} {found['version']}"
            text = f"{self._file} ({size})" if size else self._file
            return Step(text, is_long=_megabytes(size or "") >= LARGE_MB)
        if figures := _FIGURES.search(line):
            return Step(f"{self._file} {figures[0]}")
        if line.startswith("Collecting "):
            self.packages += 1
            name = re.split(r"[^\w.-]", line.split()[1])[0]
            return Step(f"Package {self.packages}: {name}")
        if line.startswith("Building wheel for "):
            return Step(f"Building {line.split()[3]}", is_long=True)
        if line.startswith(_INSTALLING):
            count = len(line.removeprefix(_INSTALLING).split(","))
            return Step(f"Installing {count} packages", is_long=True)
        return None


def _megabytes(size: str) -> float:
    number, _, unit = size.partition(" ")
    return float(number or 0) * {"MB": 1.0, "GB": 1000.0}.get(unit, 0.0)


def reason(lines: list[str]) -> list[str]:
    """pip's lines from its first error on; without one, its last lines."""
    for place, line in enumerate(lines):
        if line.lstrip().lower().startswith("error"):
            return lines[place:]
    return lines[-TAIL_LINES:]


def main(arguments: list[str]) -> int:
    """Run pip with these arguments; return its exit code."""
    is_terminal = sys.stderr.isatty()
    # pip shows the progress of a download only on a terminal.
    read, write = pty.openpty() if is_terminal else os.pipe()
    command = [sys.executable, "-m", "pip", *arguments]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=write,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "100"},
    )
    os.close(write)
    lines: list[str] = []
    try:
        _show(_lines(read), lines, is_terminal)
    except KeyboardInterrupt:
        child.terminate()
    code = child.wait()
    if code != 0:
        print(*reason(lines), sep="\n", file=sys.stderr)
    return code


def _show(printed: Iterator[str | None], lines: list[str], is_terminal: bool) -> None:
    """Show pip's progress until its output ends; append its lines to `lines`."""
    log, text, start_s = PipLog(), "Starting", time.monotonic()
    for line in printed:
        step = None
        if line is not None:
            lines.append(_ESCAPE.sub("", line))
            step = log.push(line)
        if step is not None:
            text = step.text
        if is_terminal:
            width = shutil.get_terminal_size().columns - 1
            status = f"  {time.monotonic() - start_s:3.0f} s  {text}"[:width]
            print(f"\r\x1b[K{status}", end="", file=sys.stderr, flush=True)
        elif step is not None and step.is_long:
            print(f"  {text}", file=sys.stderr, flush=True)
    if is_terminal:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _lines(read: int) -> Iterator[str | None]:
    """Lines as they arrive, and None for each second without any."""
    rest = b""
    while True:
        if not select.select([read], [], [], REDRAW_S)[0]:
            yield None
            continue
        try:
            data = os.read(read, 1 << 16)
        except OSError:  # EIO: on Linux, the end of a pseudoterminal's output
            data = b""
        if not data:
            break
        *whole, rest = re.split(rb"[\r\n]+", rest + data)
        yield from (line.decode(errors="replace") for line in whole if line)
    if rest:
        yield rest.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
