"""How long after release the text is there, ours beside mlx-audio's.

Both run in one child process on the same weights, with the engine's environment. Ours
gets the audio in pieces as from a microphone and works while it comes; the rival, which
takes whole recordings, gets it at release. What each piece costs is measured and the
waiting between is reckoned, so a minute of audio does not take a minute here.

This module starts the child and makes the report; it loads no MLX and measures nothing.
"""

import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mica.bench.rows import Row
from mica.engine import process
from mica.errors import EngineError
from mica.events import Style

CASES_S: Final = (3, 10, 30, 60, 600)
RIVALS: Final = ("mlx-audio", "mlx-audio-speculative")
METRICS: Final = ("release_to_text_ms", "llm_passes")
VOID_ABOVE_WER: Final = 5.0  # points the rival may err more than we do
_DEADLINE_S: Final = 7200.0


def run(
    model_folder: Path,
    *,
    against: bool = True,
    cases_s: Sequence[int] = CASES_S,
    styles: Sequence[Style] = (Style.RAW,),
    repeats: int = 3,
) -> dict[str, object]:
    """`mica bench latency --json`: {"bench", "machine", "model", "rows"}."""
    asked = {
        "model_folder": str(model_folder),
        "rivals": list(RIVALS) if against else [],
        "cases_s": list(cases_s),
        "styles": [style.value for style in styles],
        "repeats": repeats,
    }
    measured = _measure(json.dumps(asked))
    rows = [row for case in measured for row in _rows(case, against)]
    return {
        "bench": "latency",
        "machine": f"{platform.machine()}, {platform.system()} {platform.release()}",
        "model": model_folder.name,
        "rows": [row.as_dict() for row in rows],
    }


def _rows(case: dict[str, dict[str, float]], against: bool) -> list[Row]:
    """The rows of one measured case; see latency_child for its form."""
    label, style = str(case["case"]), str(case["style"])
    rows = []
    for rival in RIVALS if against else (None,):
        theirs = case.get(rival) if rival else None
        if theirs and theirs["wer"] > case["ours"]["wer"] + VOID_ABOVE_WER:
            theirs = None  # void: fast at writing something else is not fast
        for metric in METRICS:
            value = theirs[metric] if theirs else None
            ours = case["ours"][metric]
            rows.append(Row(label, metric, style, rival, ours, value))
    return rows


def _measure(asked: str) -> list[dict[str, dict[str, float]]]:
    """What the child printed on its last line."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "mica.bench.latency_child", asked],
            env=process.environment(),
            capture_output=True,
            text=True,
            timeout=_DEADLINE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        why = (getattr(error, "stderr", None) or str(error)).strip()
        line = why.splitlines()[-1] if why else "no reason given"
        what = f"The benchmark's process failed: {line}"
        raise EngineError(what, "Try again with --debug.") from error
    measured: list[dict[str, dict[str, float]]] = json.loads(
        ended.stdout.splitlines()[-1]
    )
    return measured
