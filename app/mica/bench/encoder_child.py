"""Measures encoders with random weights; the process bench/encoder.py starts.

One argument, JSON: {"pairs", "layers", "hidden_size", "rival"}, the last "mlx-audio" or
empty. Prints one line of JSON: {"ours": {"encode_ms", "extra_memory_mb"}, "theirs"}.
"""

import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Final

import mlx.core as mx
from mlx_audio.stt.models.granite_speech.config import EncoderConfig as RivalConfig
from mlx_audio.stt.models.granite_speech.granite_speech import CTCEncoder, Model

from mica.bench.child import tell
from mica.bench.drawn import drawn
from mica.model.config import EncoderConfig
from mica.model.load import Arrays, build_encoder
from mica.model.tensor_names import encoder_layout
from mica.units import BLOCK_FRAMES, FRAME_S

MEMORY_FRAMES: Final = round(30 / FRAME_S)
MEMORY_LAYERS: Final = 2
AGREEMENT: Final = 1e-3  # fp32 sums in another order, through 16 layers

Encode = Callable[[mx.array], mx.array]


def main(pairs: int, layers: int, hidden_size: int, rival: str) -> None:
    if rival not in ("", "mlx-audio"):
        sys.exit(f"no rival is called {rival}")
    mx.random.seed(0)
    tell(f"{pairs} pairs of encodings, {layers} layers")
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
    block = mx.random.normal((BLOCK_FRAMES, 160))
    hidden = {name: encode(block) for name, encode in encoders.items()}  # warms up
    mx.eval(hidden)
    for other in hidden.values():
        if float(mx.abs(other - hidden["ours"]).max()) > AGREEMENT:
            sys.exit("the encoders do not agree")
    taken: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(pairs):
        for name, encode in encoders.items():
            start = time.perf_counter()
            mx.eval(encode(block))
            taken[name].append(1000 * (time.perf_counter() - start))
    return {name: median(times) for name, times in taken.items()}


def _extra_mb(encode: Encode) -> float:
    """Peak megabytes above what was held before."""
    frames = mx.random.normal((MEMORY_FRAMES, 160))
    mx.eval(frames)
    before = mx.get_active_memory()
    mx.reset_peak_memory()
    mx.eval(encode(frames))
    return (mx.get_peak_memory() - before) / 1e6


def _encoders(config: EncoderConfig, rival: str) -> dict[str, Encode]:
    weights = drawn(encoder_layout(config))
    ours = build_encoder(weights, config)
    encoders: dict[str, Encode] = {"ours": lambda frames: ours(frames).hidden}
    if rival:
        theirs = _rival(config, weights)
        encoders["theirs"] = lambda frames: theirs(frames[None])[0]
    return encoders


def _rival(config: EncoderConfig, weights: Arrays) -> Callable[[mx.array], mx.array]:
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
    rival: Callable[[mx.array], mx.array] = encoder
    return rival


def _config(layers: int, hidden_size: int) -> EncoderConfig:
    """granite-speech-4.1-2b's encoder at another depth and width."""
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
