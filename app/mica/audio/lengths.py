"""How long a file says it is, where it says so itself and FFmpeg need not estimate."""

import os
import struct
from typing import Any, Final

from mica.audio.containers import File

_BY_HEADER: Final = ("mov", "aiff", "au", "flac", "matroska", "tta", "wv", "rm")
_BEGINNINGS: Final = (b"RIFF", b"FORM", b"fLaC", b"OggS", b"ID3", b"\xff\xfb")
_LEAST_BYTES: Final = 4096  # less than that, or that share, is no recording
_LEAST: Final = 0.05
_BY_CHUNK: Final = ("wav", "w64", "caf")  # of these FFmpeg tells what is there
# In place of a size by who wrote to a pipe: SoX, arecord, FFmpeg.
_UNKNOWN: Final = (
    range(1),
    range(0x7FFF_0000, 0x8000_0100),
    range(0xFFFF_0000, 1 << 32),
)


def claimed_s(file: File, container: Any, stream: Any) -> float | None:
    """Seconds by an open container's header; None where it does not say exactly."""
    kind = container.format.name.split(",")[0]
    is_constant = stream.codec_context.name.startswith(("pcm", "adpcm"))
    if kind in _BY_CHUNK and is_constant:
        size, bits_per_s = _data_bytes(file, kind), stream.bit_rate
        if size is not None and bits_per_s:
            return size * 8 / float(bits_per_s)
    if kind in _BY_HEADER or (kind == "wav" and is_constant):
        if stream.duration is not None:
            return float(stream.duration * stream.time_base)
        if len(container.streams) == 1 and container.duration:
            return float(container.duration) / 1e6
    return None


def has_another(file: File) -> bool:
    """Whether another sound file, of some size, stands behind a WAV, AIFF or MP4."""
    before = file.tell()
    try:
        total, end = file.seek(0, os.SEEK_END), _own_end(file)
        file.seek(end)
        head = file.read(8)
    finally:
        file.seek(before)
    is_large = end > 0 and total - end > max(_LEAST_BYTES, _LEAST * total)
    return is_large and (head.startswith(_BEGINNINGS) or head[4:] == b"ftyp")


def _own_end(file: File) -> int:
    """Where a file ends by its header; 0 where that does not say."""
    file.seek(0)
    head = file.read(8)
    if head[:4] == b"RIFF":
        return 8 + int.from_bytes(head[4:], "little")
    if head[:4] == b"FORM":
        return 8 + int.from_bytes(head[4:], "big")
    at, is_box = 0, head[4:] == b"ftyp"
    while is_box:  # those of an MP4, up to what is none or the next one's first
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(file.read(8), "big")
        at += size
        file.seek(at)
        head = file.read(8)
        if size < 8 or len(head) < 8:
            return 0
        is_box = not (head.startswith(_BEGINNINGS) or head[4:] == b"ftyp")
    return at


def _data_bytes(file: File, kind: str) -> int | None:
    """The size of the chunk with the samples, as its header gives it."""
    before = file.tell()
    try:
        return _chunk_bytes(file, kind)
    finally:
        file.seek(before)


def _chunk_bytes(file: File, kind: str) -> int | None:
    """See _data_bytes(); it leaves the file anywhere."""
    start, head, own, align = {
        "wav": (12, "<4sI", 0, 2),
        "w64": (40, "<4s12xQ", 24, 8),
        "caf": (8, ">4sq", 0, 1),
    }[kind]
    end, at = file.seek(0, os.SEEK_END), start
    while at < end:
        file.seek(at)
        got = file.read(struct.calcsize(head))
        if len(got) < struct.calcsize(head):
            return None
        name, size = struct.unpack(head, got)
        if name == b"data":
            is_known = size >= own and not any(size in sizes for sizes in _UNKNOWN)
            return size - own if is_known else None
        if size < 0:
            return None
        at += max(8, len(got) - own + size + -size % align)
    return None
