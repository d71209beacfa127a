"""Whether reading ahead writes what reading at the end does: beside our own plain path.

Utterances and long recordings are pushed in random pieces. How many tokens equal the
plain path's on the same segments, near-ties counted; what cutting into segments costs
in word errors, marks and capitals; whether how the sound was cut shows anywhere; and
what a block that is final early is off by.

This module starts a child for each style and makes the report; it loads no MLX.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from mica.bench.child import AT_ONCE, measured
from mica.bench.rows import Row, report
from mica.events import Style

STYLES: Final = (Style.RAW, Style.PUNCTUATED)


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured in each style; less is for trying the benchmark itself.

    utterances   clips alone, at most as many as there are
    long_s       lengths of recordings, in which every clip comes up in turn
    short_s      lengths of those that are decoded as a whole too
    cut_s, cuts  the recording that is cut in so many ways
    """

    utterances: int = 300
    long_s: tuple[float, ...] = tuple(20 + 100 * n / 29 for n in range(30))
    short_s: tuple[float, ...] = tuple(8 + 16 * n / 23 for n in range(24))
    cut_s: float = 30
    cuts: int = 5


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    styles: Sequence[Style] = STYLES,
    amount: Amount | None = None,
) -> dict[str, object]:
    """`mica bench exactness --json`: {"bench", "machine", "model", "rows"}.

    clips   a folder of recordings with their words; None = those that came along
    """

    def of_style(style: Style) -> Any:
        asked = {
            "model_folder": str(model_folder),
            "clips": str(clips) if clips else None,
            "style": style.value,
            "amount": asdict(amount or Amount()),
        }
        threads = 1 if AT_ONCE > 1 else None
        return measured("mica.bench.exactness_child", asked, threads)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(of_style, styles))
    rows = [
        Row(case, metric, style, None, value, None)
        for rows in found
        for case, metric, style, value in rows
    ]
    return report("exactness", model_folder.name, rows)
