"""8-bit groups and the one rule of data types.

Metal keeps 8-bit matrices and computes in bfloat16. MLX's CPU kernels for both are
about a hundred times slower than fp32, so there everything is fp32 and matrices are
dequantized when they are loaded.
"""

from dataclasses import dataclass

import mlx.core as mx

from mica.model.config import Quantization


def on_metal() -> bool:
    return mx.default_device() == mx.Device(mx.gpu) and mx.metal.is_available()


@dataclass(frozen=True, slots=True)
class Rule:
    """How weights are held.

    dtype         of every value that is not an 8-bit group, and of the computing
    keeps_groups  8-bit matrices stay as they are
    """

    dtype: mx.Dtype
    keeps_groups: bool


def default_rule() -> Rule:
    if on_metal():
        return Rule(mx.bfloat16, keeps_groups=True)
    return Rule(mx.float32, keeps_groups=False)


def dequantized(
    packed: mx.array, scales: mx.array, biases: mx.array, recipe: Quantization
) -> mx.array:
    """The float32 matrix that groups stand for."""
    return mx.dequantize(
        packed,
        scales.astype(mx.float32),
        biases.astype(mx.float32),
        group_size=recipe.group_size,
        bits=recipe.bits,
    )


def groups(
    matrix: mx.array, recipe: Quantization
) -> tuple[mx.array, mx.array, mx.array]:
    """(packed, scales, biases) of a matrix, as mlx_audio and we load them."""
    packed, scales, biases = mx.quantize(
        matrix, group_size=recipe.group_size, bits=recipe.bits
    )
    return packed, scales, biases
