"""Checks whether a model folder is complete and usable, without loading it.

It checks the configuration, tensor names and shapes, file lengths, the tokenizer, and
that every value is a usable number. It needs no MLX and holds a few megabytes at a
time. It cannot tell whether the weights are good.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from mica.errors import ModelError
from mica.model.checkpoint import (
    BEYOND,
    BPE_HEAD_FILE,
    FLOAT_BYTES,
    UNUSABLE,
    Stored,
    head_problems,
    problems,
    read_header,
    read_tensors,
)
from mica.model.config import read_config
from mica.model.regular_file import open_regular, shown
from mica.model.tokenizer import load_tokenizer

_PIECE_BYTES: Final = 16 * 2**20
_BEYOND: Final = {"BF16": int(np.float32(BEYOND).view(np.uint32)) >> 16, "F16": 0x7C00}


def verify(folder: Path) -> list[str]:
    """Problems with a model folder, one sentence each; empty if there are none."""
    found = structure_problems(folder)
    if found:
        return found
    tensors = {**read_tensors(folder), **_head(folder)}
    return [
        UNUSABLE.format(name)
        for name, stored in tensors.items()
        if stored.dtype in FLOAT_BYTES and not _are_usable(stored)
    ]


def structure_problems(folder: Path) -> list[str]:
    """Problems with a model folder, without checking the values."""
    try:
        config = read_config(folder)
        found = problems(config, read_tensors(folder))
        if head := _head(folder):
            found += head_problems(config, head)
        load_tokenizer(folder, config.audio_token, config.decoder.vocabulary)
    except ModelError as error:
        return [error.what]
    return found


def _head(folder: Path) -> dict[str, Stored]:
    """The tensors of the BPE head; empty if the model has none."""
    file = folder / BPE_HEAD_FILE
    if not os.path.lexists(file):
        return {}
    return {stored.name: stored for stored in read_header(file)}


def _are_usable(stored: Stored) -> bool:
    """Whether no value is NaN or far too large."""
    beyond = _BEYOND.get(stored.dtype)
    for piece in _pieces(stored):
        if beyond is None:
            good = np.abs(np.frombuffer(piece, np.float32)) < BEYOND
        else:  # without their signs, their bits are in the order of the values
            good = (np.frombuffer(piece, np.uint16) & 0x7FFF) < beyond
        if not good.all():
            return False
    return True


def _pieces(stored: Stored) -> Iterator[bytes]:
    with open_regular(stored.file) as opened:
        opened.seek(stored.start)
        remaining = stored.stop - stored.start
        while remaining > 0:
            piece = opened.read(min(remaining, _PIECE_BYTES))
            if not piece:
                raise ModelError(f"{shown(stored.file.name)} is cut off.")  # just now
            remaining -= len(piece)
            yield piece
