"""Reads a file's exact length from its header, without estimates by FFmpeg."""

import os
import re
import struct
from typing import Any, Final

from mica.audio.joined import behind_tag, own_end
from mica.audio.seekable import SeekableFile

_HEADER: Final = 8  # bytes of a RIFF's own name and size
_HEAD: Final = 4096  # bytes after a tag in which such a header is found
_COUNT: Final = re.compile(rb"RIFF.*fact\x04\0\0\0", re.DOTALL)  # of a WAV's samples
_FRAMES: Final = re.compile(  # the frame count of an MP3
    rb"\xff.(?:.{11}|.{19}|.{34})(?:Xing|Info)\0\0\0[\1\3\5\7\x09\x0b\x0d\x0f]",
    re.DOTALL,
)
_UNKNOWN_AVI: Final = re.compile(rb"RIFF(?:\0{4}|\xff{4})")  # written to a pipe
_BY_CHUNK: Final = ("wav", "w64", "caf")  # for these FFmpeg reports what is there
# For these FFmpeg reports the duration of what is there, from its last timestamps.
_MEASURED: Final = ("ogg", "mpegts", "mpeg", "nut")
# Formats whose headers count samples or frames; some count one frame too many.
_COUNTED: Final = (*_BY_CHUNK, "aiff", "au", "flac", "wv", "tta", "ast", "apm")
COUNTED_SLACK_S: Final = 0.08  # one frame of any codec
_MP3_SLACK_S: Final = 0.3  # what its encoder adds at both ends, at the lowest rate
SLACK_S: Final = 1.0  # other headers have a time, of the longest track or by a clock,
SLACK: Final = 0.005  # which may be off by this fraction
# Placeholders for a size, from programs that wrote to a pipe: SoX, arecord, FFmpeg.
_UNKNOWN: Final = (
    range(1),
    range(0x7FFF_0000, 0x8000_0100),
    range(0xFFFF_0000, 1 << 32),
)


def claimed_s(
    file: SeekableFile, container: Any, stream: Any, is_estimated: bool
) -> float | None:
    """The duration in an open container's header; None if it is not exact.

    is_estimated   FFmpeg could not find it in the header
    """
    kind, codec = container.format.name.split(",")[0], stream.codec_context.name
    if kind in _BY_CHUNK and codec.startswith("pcm"):
        size, bits_per_s = _data_bytes(file, kind), stream.bit_rate
        if size is not None and bits_per_s:
            return size * 8 / float(bits_per_s)
    is_claimed = {
        "wav": codec.startswith("pcm") or _begins(file, _COUNT),
        "mp3": _begins(file, _FRAMES),
        "mov": stream.frames > 0,  # else FFmpeg adds up fragments
        "avi": not _begins(file, _UNKNOWN_AVI),
    }.get(kind, not is_estimated and kind not in _MEASURED)
    if is_claimed:
        if stream.duration is not None:
            return float(stream.duration * stream.time_base)
        if len(container.streams) == 1 and container.duration:
            return float(container.duration) / 1e6
    return None


def slack_s(kind: str, claimed_s: float) -> float:
    """How much shorter than claimed a complete file may be.

    kind   FFmpeg's name of its format
    """
    if kind == "mp3":
        return _MP3_SLACK_S
    return COUNTED_SLACK_S if kind in _COUNTED else max(SLACK_S, SLACK * claimed_s)


def missing_bytes(file: SeekableFile) -> int:
    """How many of the bytes that the header specifies are missing; keeps the file's
    position."""
    before = file.tell()
    size, own = file.seek(0, os.SEEK_END), own_end(file)
    file.seek(before)
    if own is None or any(own - _HEADER in sizes for sizes in _UNKNOWN):
        return 0
    return max(0, own - size)


def _begins(file: SeekableFile, header: re.Pattern[bytes]) -> bool:
    """Whether the audio begins with `header`; keeps the file's position."""
    before = file.tell()
    file.seek(behind_tag(file, 0))
    found = header.match(file.read(_HEAD))
    file.seek(before)
    return found is not None


def _data_bytes(file: SeekableFile, kind: str) -> int | None:
    """The size of the chunk with the samples, from its header; keeps the file's
    position."""
    before = file.tell()
    try:
        return _chunk_bytes(file, kind)
    finally:
        file.seek(before)


def _chunk_bytes(file: SeekableFile, kind: str) -> int | None:
    """See _data_bytes(); does not keep the file's position."""
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
