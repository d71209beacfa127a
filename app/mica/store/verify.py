"""Checks whether a model folder is complete and usable, without loading it.

It checks the configuration, tensor names and shapes, file lengths, the tokenizer, and
that every value is finite. It needs no MLX and holds a few megabytes at a time. It
cannot tell whether the weights are good.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from mica.errors import ModelError
from mica.model.checkpoint import (
    BPE_HEAD_FILE,
    FLOAT_BYTES,
    Stored,
    head_problems,
    problems,
    read_header,
    read_tensors,
)
from mica.model.config import read_config
from mica.model.tokenizer import load_tokenizer

_PIECE_BYTES: Final = 16 * 2**20
_EXPONENTS: Final = {"BF16": 0x7F80, "F16": 0x7C00}  # all ones: infinity or NaN


def verify(folder: Path) -> list[str]:
    """Problems with a model folder, one sentence each; empty if there are none."""
    found = structure_problems(folder)
    if found:
        return found
    tensors = {**read_tensors(folder), **_head(folder)}
    return [
        f"The tensor {name} contains values that aren’t finite numbers."
        for name, stored in tensors.items()
        if stored.dtype in FLOAT_BYTES and not _finite(stored)
    ]


def structure_problems(folder: Path) -> list[str]:
    """Problems with a model folder, without checking the values."""
    try:
        config = read_config(folder)
        found = problems(config, read_tensors(folder))
        if head := _head(folder):
            found += head_problems(config, head)
        tokenizer = load_tokenizer(folder, config.audio_token)
    except ModelError as error:
        return [error.what]
    if tokenizer.size > config.decoder.vocabulary:
        found.append("The tokenizer has more tokens than the decoder.")
    return found


def _head(folder: Path) -> dict[str, Stored]:
    """The tensors of the BPE head; empty if the model has none."""
    file = folder / BPE_HEAD_FILE
    if not file.exists():
        return {}
    return {stored.name: stored for stored in read_header(file)}


def _finite(stored: Stored) -> bool:
    exponent = _EXPONENTS.get(stored.dtype)
    for piece in _pieces(stored):
        if exponent is None:
            good = np.isfinite(np.frombuffer(piece, np.float32))
        else:
            good = (np.frombuffer(piece, np.uint16) & exponent) != exponent
        if not good.all():
            return False
    return True


def _pieces(stored: Stored) -> Iterator[bytes]:
    with stored.file.open("rb") as opened:
        opened.seek(stored.start)
        remaining = stored.stop - stored.start
        while remaining > 0:
            piece = opened.read(min(remaining, _PIECE_BYTES))
            remaining -= len(piece)
            yield piece
