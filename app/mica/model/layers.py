"""Typed re-exports of MLX's layers: mlx.nn hides its names from strict type checkers.

No computation of its own.
"""

from typing import Any

from mlx.nn.layers import base
from mlx.nn.layers.activations import gelu, silu
from mlx.nn.layers.embedding import Embedding
from mlx.nn.layers.linear import Linear
from mlx.nn.layers.normalization import LayerNorm, RMSNorm
from mlx.nn.layers.quantized import quantize

__all__ = [
    "Embedding",
    "LayerNorm",
    "Linear",
    "Module",
    "RMSNorm",
    "gelu",
    "quantize",
    "silu",
]


class Module(base.Module):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def parameters(self) -> Any:
        """All arrays, nested like the modules."""
        return super().parameters()  # type: ignore[no-untyped-call]
