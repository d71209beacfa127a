"""Runs pip and shows what it is doing in one line, in place of its log.

`python packaging/pip_progress.py install …` takes pip's own arguments. In a terminal
the line is redrawn, with pip's figures while something downloads and the seconds since
the start; elsewhere only what takes long gets a line. Where pip fails, what it said
about that follows, and its exit code is ours. Only the standard library is here yet.
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
LARGE_MB: Final = 10.0  # a download worth a line of a log
TAIL_LINES: Final = 20  # of pip's, where it failed and named no error
_ESCAPE: Final = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")
_FIGURES: Final = re.compile(r"[\d.]+/[\d.]+ [kMG]B.*")
_FILE: Final = re.compile(
    r"(Downloading|Using cached|Processing) (?:\S*/)?"
    r"(?P<name>\w[\w.]*?)-(?P<version>\d[\w.]*)\S*(?: \((?P<size>[\d.]+ [kMG]?B)\))?"
)
_INSTALLING: Final = "Installing collected packages: "


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence about what pip is doing; `is_long` where it may take a while."""

    text: str
    is_long: bool = False


class PipLog:
    """Reads the lines that pip prints, of version 23 and later."""

    def __init__(self) -> None:
        self.packages = 0
        self._file = ""

    def push(self, line: str) -> Step | None:
        """The step that a line tells of; None where it tells of none."""
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
    """What pip said of its failure: from its first error on, else its last lines."""
    for place, line in enumerate(lines):
        if line.lstrip().lower().startswith("error"):
            return lines[place:]
    return lines[-TAIL_LINES:]


def main(arguments: list[str]) -> int:
    """Pip's exit code."""
    is_terminal = sys.stderr.isatty()
    # Pip tells how far a download is only to a terminal.
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
    """Follow pip's lines, kept in `lines`, to their end."""
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
    """Lines as they come, and None for each second without one."""
    rest = b""
    while True:
        if not select.select([read], [], [], REDRAW_S)[0]:
            yield None
            continue
        try:
            data = os.read(read, 1 << 16)
        except OSError:  # so a terminal's end is told on Linux
            data = b""
        if not data:
            break
        *whole, rest = re.split(rb"[\r\n]+", rest + data)
        yield from (line.decode(errors="replace") for line in whole if line)
    if rest:
        yield rest.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
