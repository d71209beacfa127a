"""How long after release the text is there, ours beside mlx-audio's.

Both run in one child process on the same weights, with the engine's environment. Ours
gets the audio in pieces as from a microphone and works while it comes; the rival, which
takes whole recordings, gets it at release. What each piece costs is measured and the
waiting between is reckoned, so a minute of audio does not take a minute here.

This module starts the child and makes the report; it loads no MLX and measures nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mica.bench.child import measured
from mica.bench.rows import Row, report
from mica.events import Style

CASES_S: Final = (3, 10, 30, 60, 600)
RIVALS: Final = ("mlx-audio", "mlx-audio-speculative")
METRICS: Final = ("release_to_text_ms", "llm_passes")
VOID_ABOVE_WER: Final = 5.0  # points the rival may err more than we do


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
    cases = measured("mica.bench.latency_child", asked)
    rows = [row for case in cases for row in _rows(case, against)]
    return report("latency", model_folder.name, rows)


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
