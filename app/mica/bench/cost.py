"""Counts the work: rows through encoder and decoder, operations, passes of drafts.

Operations are multiplications and additions in matrices and in the encoder's attention;
the projector, the BPE head, and the decoder's own head and attention are left out.

Passes are counted for a minute of text and drafts with three percent wrong tokens. The
oracle stands for a decoder that is certain of the text, so only the loop is measured:
how it aligns a draft and resumes after a mismatch. No network is run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any, Final

from mica.bench.oracle import (
    TEXT,
    Oracle,
    PieceTokenizer,
    spoken_form,
    with_token_errors,
)
from mica.engine.draft import add_punctuation, splice
from mica.model.config import GraniteConfig
from mica.model.tensor_names import layout

if TYPE_CHECKING:
    from mica.model.granite import Granite

WRONG: Final = 0.03
DRAWS: Final = range(20)
LAST_WORDS: Final = 10  # spoken since the interim text, about 4 s
ENOUGH_TOKENS: Final = 10_000


class CountingNetwork:
    """Wraps a network and counts its calls and input rows; the rest passes through."""

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
    """A context manager that counts a model's rows."""

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
    """Floating-point operations per frame in the encoder."""
    encoder = config.encoder
    inner = encoder.heads * encoder.head_size
    keys = 2 * encoder.context_frames + 2 * encoder.context_frames - 1
    return 2 * _matrices(config, "encoder.") + encoder.layers * 2 * keys * inner


def position_flops(config: GraniteConfig) -> int:
    """Floating-point operations per position in the decoder's layers."""
    return 2 * _matrices(config, "language_model.model.layers.")


def _matrices(config: GraniteConfig, under: str) -> int:
    """The number of values in the matrices and kernels under a name, without the
    position tables, which count as attention."""
    return sum(
        math.prod(entry.shape)
        for entry in layout(config)
        if entry.name.startswith(under)
        and len(entry.shape) > 1
        and "rel_pos" not in entry.name
    )


def passes_per_token(draws: Sequence[int] = DRAWS) -> dict[str, float]:
    """Mean passes per token by kind of draft: "raw", "punctuated" (from a raw draft),
    and "interim" (interim text spliced with a draft of the last seconds).

    The oracle is blind: after a wrong token it gives no hint of what follows. A real
    decoder usually does, and takes fewer passes.
    """
    words, spoken = PieceTokenizer(), spoken_form(TEXT)
    interim = " ".join(TEXT.split()[:-LAST_WORDS])
    found: dict[str, list[float]] = {"raw": [], "punctuated": [], "interim": []}
    for draw in draws:
        draft = with_token_errors(words, spoken, draw, WRONG)
        punctuated = add_punctuation(draft, ())
        found["raw"].append(_passes_per_token(words, spoken, draft))
        found["punctuated"].append(_passes_per_token(words, TEXT, punctuated))
        found["interim"].append(
            _passes_per_token(words, TEXT, splice(interim, punctuated))
        )
    return {kind: mean(each) for kind, each in found.items()}


def _passes_per_token(words: PieceTokenizer, target: str, draft: str) -> float:
    from mica.engine.guards import run_to_end
    from mica.engine.speculative import verify_draft

    tokens = words.encode(target)
    oracle = Oracle(words, tokens, blind=True)
    written = run_to_end(
        verify_draft(oracle, words, words.encode(draft), ENOUGH_TOKENS)
    )
    assert written.tokens == tokens, "a draft never changes the text"
    return written.passes / len(tokens)
