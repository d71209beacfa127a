"""Quantization, and the rule that decides data types.

On Metal, matrices stay 8-bit and computation is in bfloat16. MLX's CPU kernels for both
are about a hundred times slower than fp32, so on a CPU everything is fp32 and matrices
are dequantized when loaded.
"""

from dataclasses import dataclass

import mlx.core as mx

from mica.model.config import Quantization


def on_metal() -> bool:
    return mx.default_device() == mx.Device(mx.gpu) and mx.metal.is_available()


@dataclass(frozen=True, slots=True)
class Rule:
    """How weights are stored in memory.

    dtype         of all values that are not quantized, and of computation
    is_quantized  quantized matrices stay quantized
    """

    dtype: mx.Dtype
    is_quantized: bool


def default_rule() -> Rule:
    if on_metal():
        return Rule(mx.bfloat16, is_quantized=True)
    return Rule(mx.float32, is_quantized=False)


def dequantized(
    packed: mx.array, scales: mx.array, biases: mx.array, recipe: Quantization
) -> mx.array:
    """The float32 matrix of quantized groups."""
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
    """Quantize a matrix to (packed, scales, biases), as we and mlx_audio load them."""
    packed, scales, biases = mx.quantize(
        matrix, group_size=recipe.group_size, bits=recipe.bits
    )
    return packed, scales, biases
