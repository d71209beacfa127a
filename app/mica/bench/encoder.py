"""How fast and how lean the encoder is, beside mlx-audio's.

Full-size encoders with the same random fp32 weights in one child process, which gets
the engine's environment (OpenBLAS, a fixed number of threads). Speed: one block of 4 s
through 16 layers, alternating pairs, medians. Memory: what 30 s through 2 layers need
on top of the weights. Random weights say nothing of accuracy; none is measured.

This module starts the child and loads no MLX; encoder_child.py measures.
"""

from typing import Final

from mica.bench.child import measured
from mica.bench.rows import Row

RIVAL: Final = "mlx-audio"
PAIRS: Final = 5
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
    asked = {
        "pairs": pairs,
        "layers": layers,
        "hidden_size": hidden_size,
        "rival": against or "",
    }
    sides = measured("mica.bench.encoder_child", asked)
    return [
        Row(
            case=case,
            metric=metric,
            style=None,
            rival=against,
            ours=sides["ours"][metric],
            theirs=sides["theirs"][metric] if against else None,
        )
        for case, metric in _CASES
    ]
