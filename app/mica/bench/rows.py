"""What every benchmark gives: rows to print side by side."""

import os
import platform
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement, ours beside a rival's.

    metric   its unit is the end of its name
    style    how the text was written, None where no text is
    rival    None where nothing was compared; then `theirs` is None too
    """

    case: str
    metric: str
    style: str | None
    rival: str | None
    ours: float
    theirs: float | None

    @property
    def ratio(self) -> float | None:
        """theirs / ours: above 1 we are faster or smaller."""
        if self.theirs is None or self.ours <= 0:
            return None
        return self.theirs / self.ours

    def as_dict(self) -> dict[str, object]:
        """The row as `bench --json` prints it."""
        return {
            "case": self.case,
            "metric": self.metric,
            "style": self.style,
            "rival": self.rival,
            "ours": self.ours,
            "theirs": self.theirs,
            "ratio": self.ratio,
        }


def report(bench: str, model: str, rows: Sequence[Row]) -> dict[str, object]:
    """What `mica bench --json` prints: {"bench", "machine", "model", "rows"}."""
    return {
        "bench": bench,
        "machine": machine(),
        "model": model,
        "rows": [row.as_dict() for row in rows],
    }


def machine() -> str:
    """The processor, how many cores it has, and the system."""
    system = f"{platform.system()} {platform.release()}"
    return f"{processor()}, {os.cpu_count()} cores, {system}"


def processor() -> str:
    """The processor's name where the system tells it, else its architecture."""
    with suppress(OSError, subprocess.SubprocessError):
        if platform.system() == "Darwin":
            asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
            done = subprocess.run(asked, capture_output=True, text=True, check=True)
            return done.stdout.strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
