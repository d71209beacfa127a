"""How much is left to do at the release, and what the work before it costs.

Passes begun after the release, with and without a pause before it; how busy one core
is and how much arithmetic is done for each second of speech; passes that drafts with
errors take; and that an hour of silence costs no pass and hides no word.

This module starts the child and makes the report; it loads no MLX and measures nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mica.bench.child import measured
from mica.bench.rows import Row, report
from mica.events import Style

LENGTHS_S: Final = (20, 60)
CLIPS: Final = 40
QUIET_S: Final = 3600


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    styles: Sequence[Style] = (Style.RAW, Style.PUNCTUATED),
    lengths_s: Sequence[int] = LENGTHS_S,
    releases: int = CLIPS,
    quiet_s: int = QUIET_S,
) -> dict[str, object]:
    """`mica bench effort --json`: {"bench", "machine", "model", "rows"}.

    releases   how many clips are released
    """
    asked = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "styles": [style.value for style in styles],
        "lengths_s": list(lengths_s),
        "releases": releases,
        "quiet_s": quiet_s,
    }
    found = measured("mica.bench.effort_child", asked)
    rows = [
        Row(case, metric, style, None, value, None)
        for case, metric, style, value in found
    ]
    return report("effort", model_folder.name, rows)
