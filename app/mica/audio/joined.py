"""Where sound files that were joined, one behind the other, begin.

FFmpeg reads a file by its first container; what stands behind that it leaves, or takes
for damage. MP3 behind MP3, Ogg behind Ogg and the like are one file here: those are
read on.
"""

import os
import re
from collections.abc import Iterator
from typing import Final

from mica.audio.seekable import SeekableFile

_BLOCK: Final = 1 << 20
_HEAD: Final = 64  # bytes that tell a container
_LEAST_BYTES: Final = 4096  # less is no recording
_MOST_SEARCHED: Final = 1 << 30  # larger ones are films, whose first word would wait
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_W64: Final = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0"
_ID3: Final = re.compile(rb"ID3[\2-\4][\0-\x0f][\0-\xf0][\0-\x7f]{4}", re.DOTALL)
_FRAME: Final = rb"\xff[\xf2\xf3\xfa\xfb][\x10-\xef]."  # of an MP3
_BOX: Final = re.compile(rb".{4}[a-zA-Z0-9 ]{4}", re.DOTALL)  # of an MP4
_FIRST_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
# How containers begin: bytes to look for, where in the beginning they are, and all of
# it, which is sure enough to be found among other bytes.
_BEGINNINGS: Final = [
    (literal, at, re.compile(whole, re.DOTALL))
    for literal, at, whole in (
        (b"WAVEfmt ", 8, rb"RIFF....WAVEfmt "),
        (b"FORM", 0, rb"FORM....AIF[FC]"),
        (b"fLaC", 0, rb"fLaC[\0\x80]\0\0\x22"),
        (b"OggS\0\2", 0, rb"OggS\0\x02\0{8}"),
        (b"caff\0\1", 0, rb"caff\0\x01\0\0desc"),
        (b"FLV\1", 0, rb"FLV\x01[\1\4\5]\0\0\0\x09\0\0\0\0"),
        (b"TTA1", 0, rb"TTA1[\1-\3]\0[\1-\x20]\0[\x08-\x20]\0"),
        (b"ftyp", 4, rb"\0\0\0[\x10-\x80]ftyp[\x20-\x7e]{4}"),
        (_ASF, 0, re.escape(_ASF)),
        (_W64, 0, re.escape(_W64)),
        (b"ID3", 0, _ID3.pattern),
        *((b"Xing\0\0\0", at, _FRAME) for at in (13, 21, 36)),
        *((b"Info\0\0\0", at, _FRAME) for at in (13, 21, 36)),
    )
]
_ONLY_BEHIND_AN_END: Final = (b"\x1aE\xdf\xa3", b"wvpk", b".snd\0\0")  # too short
# The end of these is known only to who reads them.
_SEARCHED: Final = (
    *(b"fLaC", b"OggS", b"caff", b"FLV\1", b"TTA1", b"wvpk", b".snd"),
    *(b"ID3", b"\xff\xf1", b"\xff\xf9", b"\xff\xf2", b"\xff\xf3", b"\xff\xfa"),
    *(b"\xff\xfb", _ASF, _W64),
)


def recordings(file: SeekableFile) -> list[int]:
    """The offsets of joined recordings; the first is 0."""
    size, starts = file.seek(0, os.SEEK_END), [0]
    while (start := _next(file, starts[-1], size)) is not None:
        starts.append(start)
    return starts


def _next(file: SeekableFile, start: int, size: int) -> int | None:
    """Where the recording behind the one at `start` begins."""
    head = _at(file, start, _HEAD)
    end = _own_end(file, start, head)
    if end is not None:
        ends = (at for at in (end, end + 1) if size - at > _LEAST_BYTES)
        return next((at for at in ends if _begins(file, at)), None)
    if size > _MOST_SEARCHED or not head.startswith(_SEARCHED):
        return None
    return next(_others(file, start, head, size), None)


def _begins(file: SeekableFile, at: int) -> bool:
    """Whether a container begins right behind the end of another."""
    head = _at(file, at, _HEAD)
    if head.startswith(b"ID3"):
        return _layer(file, at) is not None
    return 0 in _found(head) or head.startswith(_ONLY_BEHIND_AN_END)


def _others(file: SeekableFile, start: int, head: bytes, size: int) -> Iterator[int]:
    """Beginnings of other containers behind `start`."""
    layer = _layer(file, start)
    for at in range(start + 1, size - _LEAST_BYTES, _BLOCK):
        block = _at(file, at, _BLOCK + _HEAD)
        for place in sorted(_found(block)):
            first = block[place : place + 4]
            if first == head[:4] == b"OggS":
                continue  # its own
            if first == b"fLaC" and _at(file, at + place - 9, 5) == b"\x7fFLAC":
                continue  # in the header of FLAC in Ogg
            is_mpeg = first.startswith((b"ID3", b"\xff"))
            if is_mpeg and _layer(file, at + place) in (None, layer):
                continue  # a tag without sound, or the same sound going on
            yield at + place


def _found(block: bytes) -> set[int]:
    """Places of what is surely a beginning."""
    places = set()
    for literal, within, whole in _BEGINNINGS:
        hit = block.find(literal)
        while hit >= 0:
            if hit >= within and whole.match(block, hit - within):
                places.add(hit - within)
            hit = block.find(literal, hit + 1)
    return places


def behind_tag(file: SeekableFile, at: int) -> int:
    """The offset behind an ID3 tag at `at`; `at` itself without one."""
    head = _at(file, at, 10)
    if not _ID3.match(head):
        return at
    length = 0
    for byte in head[6:]:
        length = length << 7 | byte
    return at + len(head) + length


def _layer(file: SeekableFile, at: int) -> int | None:
    """The MPEG layer of the frame there, or behind a tag there; None without one."""
    head = _at(file, behind_tag(file, at), 2)
    is_frame = len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0
    return head[1] >> 1 & 3 if is_frame else None


def _own_end(file: SeekableFile, start: int, head: bytes) -> int | None:
    """Where a WAV, AIFF or MP4 ends by its header; None where that does not say."""
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":  # an AVI has more of them
        return start + 8 + int.from_bytes(head[4:8], "little")
    if head.startswith(b"FORM"):
        return start + 8 + int.from_bytes(head[4:8], "big")
    if head[4:8] in _FIRST_BOXES:
        return _end_of_boxes(file, start, head)
    return None


def _end_of_boxes(file: SeekableFile, start: int, head: bytes) -> int | None:
    at = start
    while length := box_length(head):
        if at > start and head[4:8] == b"ftyp":
            break
        at += length
        head = _at(file, at, 16)
    return None if head[:4] == bytes(4) else at  # 0: up to the end of the file


def box_length(head: bytes) -> int | None:
    """The length of the MP4 box that begins with these 16 bytes; None if it is none."""
    if not _BOX.match(head):
        return None
    large = head[:4] == b"\0\0\0\1"
    length = int.from_bytes(head[8:16] if large else head[:4], "big")
    return length if length >= 8 else None


def _at(file: SeekableFile, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)
