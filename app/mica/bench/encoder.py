"""Benchmarks the encoder's speed and memory against mlx-audio's.

Full-size encoders with the same random fp32 weights run in one child process with the
engine's environment (OpenBLAS, a fixed number of threads). Speed: one block of 4 s
through 16 layers, alternating pairs, medians. Memory: what 30 s through 2 layers need
in addition to the weights. Accuracy is not measured, since the weights are random.
`run` starts this module as the child, and only that loads MLX.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, Final

from mica.bench.child import measure_in_child, print_progress
from mica.bench.report import Row
from mica.model.config import EncoderConfig
from mica.model.tensor_names import encoder_layout
from mica.units import BLOCK_FRAMES, FRAME_S

if TYPE_CHECKING:
    import mlx.core as mx

    from mica.model.load import Arrays

    Encode = Callable[[mx.array], mx.array]

RIVAL: Final = "mlx-audio"
PAIRS: Final = 5
MEMORY_FRAMES: Final = round(30 / FRAME_S)
MEMORY_LAYERS: Final = 2
AGREEMENT: Final = 1e-3  # fp32 sums in a different order, through 16 layers
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
    request = {
        "pairs": pairs,
        "layers": layers,
        "hidden_size": hidden_size,
        "rival": against or "",
    }
    sides = measure_in_child(__name__, request)
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


def main(pairs: int, layers: int, hidden_size: int, rival: str) -> None:
    """In the child: print {"ours": {"encode_ms", "extra_memory_mb"}, "theirs": …}.

    rival   "mlx-audio", or empty for none
    """
    import mlx.core as mx

    if rival not in ("", "mlx-audio"):
        sys.exit(f"no rival is called {rival}")
    mx.random.seed(0)
    print_progress(f"{pairs} pairs of encodings, {layers} layers")
    encoders = _encoders(_config(layers, hidden_size), rival)
    times_ms = _times_ms(encoders, pairs)
    encoders = _encoders(_config(MEMORY_LAYERS, hidden_size), rival)
    memory_mb = {name: _extra_mb(encode) for name, encode in encoders.items()}
    measured = {
        name: {"encode_ms": times_ms[name], "extra_memory_mb": memory_mb[name]}
        for name in encoders
    }
    print(json.dumps(measured))


def _times_ms(encoders: dict[str, Encode], pairs: int) -> dict[str, float]:
    """Median milliseconds for one block; encoders take turns."""
    import mlx.core as mx

    block = mx.random.normal((BLOCK_FRAMES, 160))
    hidden = {name: encode(block) for name, encode in encoders.items()}  # warms up
    mx.eval(hidden)
    for other in hidden.values():
        if float(mx.abs(other - hidden["ours"]).max()) > AGREEMENT:
            sys.exit("the encoders do not agree")
    times_ms: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(pairs):
        for name, encode in encoders.items():
            start = time.perf_counter()
            mx.eval(encode(block))
            times_ms[name].append(1000 * (time.perf_counter() - start))
    return {name: median(times) for name, times in times_ms.items()}


def _extra_mb(encode: Encode) -> float:
    """Peak megabytes above the memory in use before."""
    import mlx.core as mx

    frames = mx.random.normal((MEMORY_FRAMES, 160))
    mx.eval(frames)
    before = mx.get_active_memory()
    mx.reset_peak_memory()
    mx.eval(encode(frames))
    return (mx.get_peak_memory() - before) / 1e6


def _encoders(config: EncoderConfig, rival: str) -> dict[str, Encode]:
    from mica.bench.random_model import random_weights
    from mica.model.load import build_encoder

    weights = random_weights(encoder_layout(config))
    ours = build_encoder(weights, config)
    encoders: dict[str, Encode] = {"ours": lambda frames: ours(frames).hidden}
    if rival:
        theirs = _rival(config, weights)
        encoders["theirs"] = lambda frames: theirs(frames[None])[0]
    return encoders


def _rival(config: EncoderConfig, weights: Arrays) -> Encode:
    import mlx.core as mx
    from mlx_audio.stt.models.granite_speech.config import EncoderConfig as RivalConfig
    from mlx_audio.stt.models.granite_speech.granite_speech import CTCEncoder, Model

    encoder = CTCEncoder(
        RivalConfig(
            input_dim=config.input_size,
            num_layers=config.layers,
            hidden_dim=config.hidden_size,
            num_heads=config.heads,
            dim_head=config.head_size,
            output_dim=config.characters,
            context_size=config.context_frames,
            max_pos_emb=config.max_distance,
            conv_kernel_size=config.kernel_frames,
        )
    )
    named = {
        name.removeprefix("encoder."): array
        for name, array in Model.sanitize(weights).items()
    }
    encoder.load_weights(list(named.items()), strict=True)
    encoder.eval()
    mx.eval(encoder.parameters())
    rival: Encode = encoder
    return rival


def _config(layers: int, hidden_size: int) -> EncoderConfig:
    """granite-speech-4.1-2b's encoder with another depth and width."""
    return EncoderConfig(
        input_size=160,
        hidden_size=hidden_size,
        layers=layers,
        heads=max(1, hidden_size // 128),
        head_size=min(128, hidden_size),
        inner_size=4 * hidden_size,
        characters=348,
        context_frames=BLOCK_FRAMES,
        max_distance=512,
        kernel_frames=15,
        kernel_channels=2 * hidden_size,
    )


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
