"""Random weights of a network, by checkpoint name, for measuring what nobody trained.

Values keep what flows through the network near 1. All calls are on one thread.
"""

import math
from collections.abc import Iterable

import mlx.core as mx

from mica.model.config import Quantisation
from mica.model.load import Arrays
from mica.model.quantise import groups
from mica.model.tensor_names import Entry


def drawn(
    entries: Iterable[Entry],
    dtype: mx.Dtype = mx.float32,
    recipe: Quantisation | None = None,
) -> Arrays:
    """The tensors; with a recipe the decoder's matrices are in groups, as in a folder
    that mlx-audio made."""
    weights: Arrays = {}
    for entry in entries:
        parts = {entry.name: _values(entry).astype(dtype)}
        if recipe and entry.ours.startswith("decoder.") and len(entry.shape) == 2:
            stem = entry.name.removesuffix(".weight")
            names = (entry.name, f"{stem}.scales", f"{stem}.biases")
            packed = groups(parts[entry.name], recipe)
            parts = dict(zip(names, packed, strict=True))
        mx.eval(parts)  # one at a time: together they would take twice the memory
        weights |= parts
    return weights


def _values(entry: Entry) -> mx.array:
    if len(entry.shape) > 1:
        limit = (3 / math.prod(entry.shape[1:])) ** 0.5
        return mx.random.uniform(-limit, limit, entry.shape)  # normal takes 5 times it
    values: mx.array = mx.random.normal(entry.shape)
    if entry.name.endswith("running_var"):
        return 0.5 + mx.abs(values)
    return 1 + 0.1 * values if entry.name.endswith("weight") else 0.1 * values
