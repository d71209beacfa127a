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


_DISK = ("disk full", "disk read-only", "disk error", "no descriptors")
_LIBRARY = ("library locked", "library full", "library damaged", "library error")
_START = "the app does not start"
_FIRST = "something stands before the microphone"
#: Cells in which a law does not hold yet, and why; `make faults` runs them.
OPEN: Final[dict[tuple[str, str], str]] = {
    **{(fault, "start"): _START for fault in (*_DISK, *_LIBRARY)},
    **{(fault, "arming"): _FIRST for fault in (*_DISK, "disk slow", "library locked")},
    **{(fault, "file"): "the engine's client ends" for fault in _DISK},
    **{("the host raises", stage.value): "nothing guards slots" for stage in Stage},
    **{(fault, "quit"): "closing raises" for fault in _DISK},
    ("engine fails twice", "captions"): "it ends the recording",
    ("engine cannot start", "captions"): "it ends the recording",
}


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
