"""The arithmetic of the work done: rows through encoder and decoder, what each takes.

Counts multiplications and additions of their matrices and of the encoder's attention;
the projector, the BPE head, the decoder's own head and attention are left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mica.model.config import GraniteConfig
from mica.model.tensor_names import layout

if TYPE_CHECKING:
    from mica.model.granite import Granite


class CountingNetwork:
    """A network that counts its calls and the rows it is given; all else is the
    network's."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self.rows = self.calls = 0

    def __call__(self, rows: Any, *more: Any, **named: Any) -> Any:
        self.rows, self.calls = self.rows + rows.shape[0], self.calls + 1
        return self._network(rows, *more, **named)

    def step(self, rows: Any, *more: Any) -> Any:
        self.rows, self.calls = self.rows + rows.shape[0], self.calls + 1
        return self._network.step(rows, *more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


class RowCounter:
    """While it is entered, a model's rows are counted."""

    def __init__(self, model: Granite) -> None:
        self._model: Any = model
        self._encoder = CountingNetwork(model.encoder)
        self._decoder = CountingNetwork(model.decoder)

    def __enter__(self) -> RowCounter:
        self._swap(self._encoder, self._decoder)
        return self

    def __exit__(self, *why: object) -> None:
        self._swap(self._encoder._network, self._decoder._network)

    def _swap(self, encoder: Any, decoder: Any) -> None:
        self._model.encoder, self._model.decoder = encoder, decoder

    @property
    def encodings(self) -> int:
        return self._encoder.calls

    @property
    def passes(self) -> int:
        return self._decoder.calls

    @property
    def gflop(self) -> float:
        config: GraniteConfig = self._model.config
        frames, positions = self._encoder.rows, self._decoder.rows
        flops = frames * frame_flops(config) + positions * position_flops(config)
        return flops / 1e9


def frame_flops(config: GraniteConfig) -> int:
    """Floating-point operations of one frame in the encoder."""
    encoder = config.encoder
    inner = encoder.heads * encoder.head_size
    keys = 2 * encoder.context_frames + 2 * encoder.context_frames - 1
    return 2 * _matrices(config, "encoder.") + encoder.layers * 2 * keys * inner


def position_flops(config: GraniteConfig) -> int:
    """Floating-point operations of one position in the decoder's layers."""
    return 2 * _matrices(config, "language_model.model.layers.")


def _matrices(config: GraniteConfig, under: str) -> int:
    """Numbers in the matrices and kernels of that name; the table of distances is a
    part of attention."""
    return sum(
        math.prod(entry.shape)
        for entry in layout(config)
        if entry.name.startswith(under)
        and len(entry.shape) > 1
        and "rel_pos" not in entry.name
    )
