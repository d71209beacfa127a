"""The runs that belong to the tests: each fault at each stage, once or more."""

from collections.abc import Sequence
from typing import Final

import pytest
from PySide6.QtWidgets import QApplication

from faults.known import Stage
from faults.runs import Case, play, possible

EARLY = (Stage.ARMING, Stage.LISTENING, Stage.RELEASE, Stage.START, Stage.FILE)
LATE = (
    Stage.ENCODING,
    Stage.DECODING,
    Stage.SAVING,
    Stage.INSERTING,
    Stage.CAPTIONS,
    Stage.QUIT,
)


#: Cells in which a law does not hold yet, and why; `make faults` runs them.
OPEN: Final[dict[tuple[str, str], str]] = {}


def cases(stages: Sequence[Stage], seeds: int = 1) -> list[Case]:
    """Each fault at each of these stages, with so many seeds."""
    cells = [(fault, stage) for stage in stages for fault in possible(stage)]
    return [Case(*cell, seed) for cell in cells for seed in range(seeds)]


def complaint(case: Case, application: QApplication) -> str:
    """What was wrong in a run, and the command that repeats it; empty if nothing."""
    if (missing := OPEN.get((case.fault.name, case.stage.value))) is not None:
        pytest.xfail(missing)
    broken = play(case, application)
    if not broken:
        return ""
    lines = [f"repeat it with: make faults RUN={str(case)!r}", *map(str, broken)]
    return "\n".join(lines)
