"""What sounds without words do: how far they get, and what they cost the words around.

Coughs, knocks, fans, hums, music and silence, alone and around speech, through both
readers, dictated and from files. This module starts the child and makes the report; it
loads no MLX and measures nothing.
"""

from pathlib import Path
from typing import Final

from mica.bench.child import measured
from mica.bench.rows import Row, report

SOUNDS: Final = 1000


def run(
    model_folder: Path, *, clips: Path | None = None, sounds: int = SOUNDS
) -> dict[str, object]:
    """`mica bench noise --json`: {"bench", "machine", "model", "rows"}."""
    asked = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "sounds": sounds,
    }
    found = measured("mica.bench.noise_child", asked)
    rows = [Row(case, metric, None, None, value, None) for case, metric, value in found]
    return report("noise", model_folder.name, rows)
