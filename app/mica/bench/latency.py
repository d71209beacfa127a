"""How long after release the text is there, ours beside mlx-audio's.

Both run in one child process on the same weights, with the engine's environment. Ours
gets the audio in pieces as from a microphone and works while it comes; the rival, which
takes whole recordings, gets it at release. What each piece costs is measured and the
waiting between is reckoned, so a minute of audio does not take a minute here.

A case is several recordings of lengths spread around it, each ending soon after its
last word: where the encoder's blocks happen to lie would decide otherwise. A rival gets
every third of them. Of ten minutes all but the end comes at once, as from a file, and
the rival is left out: they are more than its model's context holds.

This module starts the child and makes the report; it loads no MLX and measures nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mica.bench.child import measured
from mica.bench.rows import Row, report
from mica.events import Style

CASES_S: Final = (3, 10, 30, 60, 600)
RECORDINGS: Final = 10  # of a case that is held against a bar
HELD_S: Final = (10, 60, 600)
FEWER: Final = 4  # of the others
SPREAD_S: Final = 2.0
RIVALS: Final = ("mlx-audio", "mlx-audio-speculative")
METRICS: Final = ("release_to_text_ms", "llm_passes")
MORE_METRICS: Final = ("release_to_text_p95_ms", "wer_percent")
VOID_ABOVE_WER: Final = 5.0  # points the rival may err more than we do
GROWTH_FROM_S: Final = 10  # longer cases are compared with this one
GROWTH: Final = f"release_to_text_over_{GROWTH_FROM_S}s"


@dataclass(frozen=True, slots=True)
class Shape:
    """A network of random weights in place of a model that is not here.

    name          of a shape bench/shape.py knows
    wrong_share   of its drafts' tokens
    """

    name: str
    wrong_share: float = 0.03


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    against: bool = True,
    cases_s: Sequence[int] = CASES_S,
    styles: Sequence[Style] = (Style.RAW,),
    recordings: int | None = None,
    once_s: Sequence[int] = (),
    shape: Shape | None = None,
) -> dict[str, object]:
    """`mica bench latency --json`: {"bench", "machine", "model", "rows"}.

    recordings   how many every case has
    once_s       cases measured in the last style only: they take minutes
    shape        measured in place of the model in the folder; its rival speculates not
    """
    rivals = RIVALS[: 1 if shape else None] if against else ()
    asked: dict[str, Any] = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "rivals": list(rivals),
        "cases": [
            [style.value, seconds, recordings or usual(seconds)]
            for style in styles
            for seconds in cases_s
            if style is styles[-1] or seconds not in once_s
        ],
        "shape": [shape.name, shape.wrong_share] if shape else None,
    }
    cases = measured("mica.bench.latency_child", asked)
    rows = [row for case in cases for row in _rows(case, rivals)]
    name = f"{shape.name}, random" if shape else model_folder.name
    return report("latency", name, [*rows, *_growth(rows)])


def usual(seconds: int) -> int:
    """How many recordings a case has where nobody says."""
    return RECORDINGS if seconds in HELD_S else FEWER


def _rows(case: dict[str, Any], rivals: Sequence[str]) -> list[Row]:
    """The rows of one measured case; see latency_child for its form."""
    label, style = str(case["case"]), str(case["style"])
    rows = []
    for rival in rivals or (None,):
        theirs: dict[str, float] | None = case.get(rival) if rival else None
        void = theirs is not None and _is_void(case["ours"], theirs)
        for metric in (*METRICS, *MORE_METRICS):
            ours = case["ours"].get(metric)
            if ours is None:
                continue
            # A void rival's errors are shown: they are the reason.
            shown = theirs and (metric == "wer_percent" or not void)
            value = theirs.get(metric) if theirs and shown else None
            rows.append(Row(label, metric, style, rival, ours, value))
    return rows


def _is_void(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    """Fast at writing something else is not fast."""
    if "wer_percent" not in ours or "wer_percent" not in theirs:
        return False
    return theirs["wer_percent"] > ours["wer_percent"] + VOID_ABOVE_WER


def _growth(rows: Sequence[Row]) -> list[Row]:
    """Our time in the longer cases over that in the shorter one."""
    times = {
        (row.style, row.case): row.ours
        for row in rows
        if row.metric == "release_to_text_ms"
    }
    return [
        Row(case, GROWTH, style, None, ours / times[style, f"{GROWTH_FROM_S}s"], None)
        for (style, case), ours in times.items()
        if int(case.removesuffix("s")) > GROWTH_FROM_S
        and times.get((style, f"{GROWTH_FROM_S}s"))
    ]
