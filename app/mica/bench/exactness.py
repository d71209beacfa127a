"""What reading ahead gains and what it may cost: beside our own plain path, no rival's.

How many tokens equal the plain path's on the same segments, with near-ties counted; how
many passes are left for the release; what a block that is final early is off by; and
how busy one core is while somebody speaks.

This module starts the child and makes the report; it loads no MLX and measures nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mica.bench.child import measured
from mica.bench.rows import Row, report
from mica.events import Style

LENGTHS_S: Final = (20, 60)
CLIPS: Final = 20


def run(
    model_folder: Path,
    *,
    styles: Sequence[Style] = (Style.RAW, Style.PUNCTUATED),
    lengths_s: Sequence[int] = LENGTHS_S,
    clips: int = CLIPS,
) -> dict[str, object]:
    """`mica bench exactness --json`: {"bench", "machine", "model", "rows"}.

    clips   how many are measured alone; recordings of `lengths_s` are made of all
    """
    asked = {
        "model_folder": str(model_folder),
        "styles": [style.value for style in styles],
        "lengths_s": list(lengths_s),
        "clips": clips,
    }
    found = measured("mica.bench.exactness_child", asked)
    rows = [
        Row(case, metric, style, None, value, None)
        for case, metric, style, value in found
    ]
    return report("exactness", model_folder.name, rows)
