"""How fast and how lean the encoder is, beside mlx-audio's.

Full-size encoders with the same random fp32 weights in one child process, which gets
the engine's environment (OpenBLAS, a fixed number of threads). Speed: one block of 4 s
through 16 layers, alternating pairs, medians. Memory: what 30 s through 2 layers need
on top of the weights. Random weights say nothing of accuracy; none is measured.

This module starts the child and loads no MLX; encoder_child.py measures.
"""

import json
import subprocess
import sys
from typing import Final

from mica.bench.rows import Row
from mica.engine import process
from mica.errors import EngineError

RIVAL: Final = "mlx-audio"
PAIRS: Final = 5
_DEADLINE_S: Final = 3600.0  # without OpenBLAS a block takes two minutes
_CASES: Final = (("4s", "encode_ms"), ("30s", "extra_memory_mb"))


def run(
    against: str | None = RIVAL,
    pairs: int = PAIRS,
    layers: int = 16,
    hidden_size: int = 1024,
) -> list[Row]:
    """Rows `encode_ms` and `extra_memory_mb`; `against` is "mlx-audio" or None.

    Smaller `layers` and `hidden_size` are for trying the benchmark itself.
    """
    sizes = [str(pairs), str(layers), str(hidden_size), against or ""]
    measured = _measure([sys.executable, "-m", "mica.bench.encoder_child", *sizes])
    return [
        Row(
            case=case,
            metric=metric,
            style=None,
            rival=against,
            ours=measured["ours"][metric],
            theirs=measured["theirs"][metric] if against else None,
        )
        for case, metric in _CASES
    ]


def _measure(command: list[str]) -> dict[str, dict[str, float]]:
    """What the child printed on its last line."""
    try:
        ended = subprocess.run(
            command,
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
    measured: dict[str, dict[str, float]] = json.loads(ended.stdout.splitlines()[-1])
    return measured
