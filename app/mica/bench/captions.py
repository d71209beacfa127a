"""How soon live text shows what is said, and how much it takes back.

A recording is fed as a microphone would; every word has a time at which it ends, from
the voice that spoke it where that was written down, else from the CTC's frames over the
whole clip (the case says so). Beside it stands no rival: mlx-audio has no live text.

This module starts the child and makes the report; it loads no MLX and measures nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mica.bench.child import measured
from mica.bench.rows import Row, report
from mica.events import Style

CASES_S: Final = (60, 120)
METRICS: Final = (
    "delay_p50_s",
    "delay_p95_s",
    "upwr",
    "normalised_erasure",
    "committed_changed",
    "never_shown_percent",
)


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    cases_s: Sequence[int] = CASES_S,
    styles: Sequence[Style] = (Style.PUNCTUATED,),
) -> dict[str, object]:
    """`mica bench captions --json`: {"bench", "machine", "model", "rows"}."""
    asked = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "cases_s": list(cases_s),
        "styles": [style.value for style in styles],
    }
    cases = measured("mica.bench.captions_child", asked)
    rows = [
        Row(case["case"], metric, case["style"], None, case[metric], None)
        for case in cases
        for metric in METRICS
        if case[metric] is not None
    ]
    return report("captions", model_folder.name, rows)
