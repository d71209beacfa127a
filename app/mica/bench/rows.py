"""What every benchmark gives: rows to print side by side."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass


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
        "machine": f"{platform.machine()}, {platform.system()} {platform.release()}",
        "model": model,
        "rows": [row.as_dict() for row in rows],
    }
