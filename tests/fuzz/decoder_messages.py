"""Fuzzes what the decoding process sends: a sound file may have taken it over."""

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st

from fuzz.mutations import as_json, damaged, damaged_tree
from mica.audio import decoded as d
from mica.audio.files import SoundFile
from mica.errors import AudioFileError

LIMIT_S = 3.0
MEMORY_BYTES = 1 << 30
PCM = np.linspace(-1, 1, 3200, dtype="<f4").tobytes()
MESSAGES = (
    d.StreamOpened(1.0, 1.0, 0.1, "1, 2", 5000),
    d.DecodedSamples(16_000, 1, "flt", 0.0),
    d.PacketsLost(),
    d.DecodedSamples(48_000, 2, "s16", 0.5),
    d.TimesReset(),
    d.DecodedSamples(8_000, 1, "dbl", 1.5),
    d.Unread(9000),
    d.EndMissing(True),
    d.StreamEnded(),
)


def _pcm(message: d.Message) -> bytes:
    return PCM if isinstance(message, d.DecodedSamples) else b""


STREAM = b"".join(d.pack(one, _pcm(one)) for one in MESSAGES)
REFUSED = d.pack(d.Refused("a.wav cannot be read.", "Choose another."))
TREES = [[msgspec.to_builtins(one) for one in MESSAGES]]


def inputs() -> st.SearchStrategy[bytes]:
    return damaged((STREAM, REFUSED)) | damaged_tree(TREES, _packed, most=4)


def _packed(tree: Any) -> bytes:
    stream = b""
    for one in tree if isinstance(tree, list) else [tree]:
        header = as_json(one)
        pcm = PCM if b"DecodedSamples" in header else b""
        lengths = len(header).to_bytes(4, "little") + len(pcm).to_bytes(4, "little")
        stream += lengths + header + pcm
    return stream


def _messages(stream: io.BytesIO) -> Iterator[tuple[d.Message, bytes]]:
    while (item := d.unpack(stream)) is not None:
        yield item


def check(data: bytes, folder: Path) -> None:
    with suppress(AudioFileError):
        sound = SoundFile("a.wav", _messages(io.BytesIO(data)))
        for piece in sound.pieces():
            assert piece.dtype == np.float32 and np.isfinite(piece).all()
        assert all(isinstance(note, str) for note in sound.notes)
