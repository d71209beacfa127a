"""Finds where recordings begin in a file that was joined from several.

FFmpeg reads a file as its first container; it ignores what follows, or treats it as
damage. MP3 after MP3, Ogg after Ogg and the like count as one file here, since FFmpeg
reads on. What it ignores is examined after it has read the first (trailing.py).
"""

import os
import re
from collections.abc import Iterator
from typing import Final, Literal

from mica.audio.ogg import last_end
from mica.audio.seekable import SeekableFile, read_at

_BLOCK: Final = 1 << 20
_HEAD: Final = 64  # bytes that identify a container
MAX_RECORDINGS: Final = 1000  # more are a file made to do harm
LEAST_BYTES: Final = 4096  # less is not a recording
_FIRST_SEARCHED: Final = 4096  # bytes, since headers may be everywhere
_MOST_SEARCHED: Final = 1 << 30  # larger files are films; searching delays the start
EBML: Final = b"\x1aE\xdf\xa3"  # of Matroska
_SEGMENT: Final = b"\x18S\x80g"
_NUT: Final = b"nut/multimedia container\0"
_MXF: Final = bytes.fromhex("060e2b34020501010d0102010102")
_WTV: Final = bytes.fromhex("b7d800203749da11a64e0007e95ead8d")
_VOC: Final = b"Creative Voice File\x1a"
_SOX: Final = (b".SoX", b"XoS.")
_SWF_UNKNOWN: Final = 100 << 20  # FFmpeg writes it if there is no video
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_W64: Final = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0"
_ID3: Final = re.compile(rb"ID3[\2-\4][\0-\x0f][\0-\xf0][\0-\x7f]{4}", re.DOTALL)
_FRAME: Final = rb"\xff[\xf2\xf3\xfa\xfb][\x10-\xef]."  # of an MP3
_BOX: Final = re.compile(rb".{4}[a-zA-Z0-9 ]{4}", re.DOTALL)  # of an MP4
FIRST_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_FIRST_BLOCK: Final = rb"[%s]" % b"".join(  # bytes of flags with that of a first block
    rb"\x%x8-\x%xf" % (high, high) for high in range(16)
)
# How containers begin: bytes to search for, their offset in the header, and a pattern
# for the header that is specific enough to be recognized among other bytes.
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
        (b"AVI LIST", 8, rb"RIFF....AVI LIST....hdrlavih"),
        (b"ds64", 12, rb"RF64....WAVEds64"),
        (EBML, 0, EBML + rb".{1,40}\x42\x82[\x84-\x88](?:webm|matroska)"),
        # its first block: number 0, and first of those for several channels
        (b"wvpk", 0, rb"wvpk.{4}.\x04.{6}\0{4}.{4}." + _FIRST_BLOCK),
        (b".snd\0\0", 0, rb"\.snd\0\0.{6}\0\0\0[\1-\x1d]\0[\0-\x0b]..\0\0\0[\1-\x20]"),
        (b".RMF\0\0\0", 0, rb"\.RMF\0\0\0[\x10-\x14]\0"),
        (b"#!AMR", 0, rb"#!AMR(?:-WB)?\n"),
        (b"MAC ", 0, rb"MAC [\x6e-\xa0]\x0f\0\0\x34\0\0\0"),
        (b"MPCKSH", 0, rb"MPCKSH"),
        (b"DSD \x1c", 0, rb"DSD \x1c\0{7}"),
        (b"STRM", 0, rb"STRM.{4}\0[\0\1]\0\x10\0[\1-\x08]"),
        *((whole, 0, re.escape(whole)) for whole in (_ASF, _W64, _NUT, _MXF)),
        *((whole, 0, re.escape(whole)) for whole in (_WTV, _VOC)),
        (b"ID3", 0, _ID3.pattern),
        *((b"Xing\0\0\0", at, _FRAME) for at in (13, 21, 36)),
        *((b"Info\0\0\0", at, _FRAME) for at in (13, 21, 36)),
    )
]
# Headers too short to be recognized among other bytes: of MPEG, AC-3 and DTS frames.
_FRAMED: Final = re.compile(
    rb"\x0bw|\x7f\xfe\x80\x01|\xff[\xf1\xf9]|V[\xe0-\xff]|\0\0\x01\xba|"
    rb"G.{187}G.{187}G|.{4}G.{191}G.{191}G|....\xf8ro[\xba\xbb]",
    re.DOTALL,
)
_LONGEST_FRAMED: Final = 400
# MPEG streams, in which such a header recurs: packets of 188 bytes, or packs
_STREAMS: Final = (
    re.compile(rb"G(?:.{187}G){6}", re.DOTALL),
    re.compile(rb"\0\0\x01\xba[!-/D-g].{7}(?:..)?\0\0\x01[\xbb-\xef]", re.DOTALL),
)
_LONGEST_STREAM: Final = 188 * 6 + 1
# These contain what could begin another file, such as MP3 frames or a FLAC header;
# FFmpeg stops at their end.
_HOLDING: Final = (b"RIFF", b".RMF", EBML, _NUT, _MXF, _WTV)


def recordings(file: SeekableFile) -> list[int]:
    """The offsets of joined recordings; the first is 0."""
    size, starts = file.seek(0, os.SEEK_END), [0]
    while (start := _next(file, starts[-1], size)) is not None:
        starts.append(start)
        if len(starts) == MAX_RECORDINGS:
            break
    return starts


def _next(file: SeekableFile, start: int, size: int) -> int | None:
    """Where the recording after the one at `start` begins."""
    head = read_at(file, start, _HEAD)
    end = _own_end(file, start, head)
    if end is not None:
        ends = (at for at in (end, end + 1) if size - at > LEAST_BYTES)
        return next((at for at in ends if begins(file, at)), None)
    if size > _MOST_SEARCHED or head.startswith(_HOLDING):
        return None
    return next(_others(file, start, head, size), None)


def begins(file: SeekableFile, at: int) -> bool:
    """Whether a recording begins at `at`, right after the end of another."""
    head = read_at(file, at, _LONGEST_FRAMED)
    if head.startswith(b"ID3"):
        return _layer(file, at) is not None
    is_framed = _FRAMED.match(head) or _layer(file, at) in (1, 2, 3)
    return 0 in _found(head[:_HEAD]) or bool(is_framed)


def beginning(file: SeekableFile, at: int) -> int | None:
    """Where the next container begins, at or after `at`."""
    size, head = file.seek(0, os.SEEK_END), read_at(file, 0, _LONGEST_STREAM)
    streams = [stream for stream in _STREAMS if not stream.match(head)]
    for start in range(at, min(size, at + _MOST_SEARCHED), _BLOCK):
        block = read_at(file, start, _BLOCK + _LONGEST_STREAM)
        places = _found(block)
        hits = [stream.search(block) for stream in streams]
        places |= {hit.start() for hit in hits if hit}
        for place in sorted(places):
            if begins(file, start + place):
                return start + place
    return None


def _others(file: SeekableFile, start: int, head: bytes, size: int) -> Iterator[int]:
    """Where other containers begin after `start`."""
    layer = _layer(file, start)
    at, step = start + 1, 0
    while (at := at + step) < size - LEAST_BYTES:
        step = min(2 * step or _FIRST_SEARCHED, _BLOCK)
        block = read_at(file, at, step + _HEAD)
        for place in sorted(_found(block)):
            first = block[place : place + 4]
            if first == head[:4] == b"OggS":
                continue  # the same Ogg file
            if first == b"fLaC" and read_at(file, at + place - 9, 5) == b"\x7fFLAC":
                continue  # in the header of FLAC in Ogg
            is_mpeg = first.startswith((b"ID3", b"\xff"))
            if is_mpeg and _layer(file, at + place) in (None, layer):
                continue  # a tag without audio, or the same audio continuing
            yield at + place


def _found(block: bytes) -> set[int]:
    """The places in a block where a container certainly begins."""
    places = set()
    for literal, within, whole in _BEGINNINGS:
        hit = block.find(literal)
        while hit >= 0:
            if hit >= within and whole.match(block, hit - within):
                places.add(hit - within)
            hit = block.find(literal, hit + 1)
    return places


def behind_tag(file: SeekableFile, at: int) -> int:
    """The offset after an ID3 tag at `at`; `at` itself if there is none."""
    head = read_at(file, at, 10)
    if not _ID3.match(head):
        return at
    length = 0
    for byte in head[6:]:
        length = length << 7 | byte
    return at + len(head) + length


def _layer(file: SeekableFile, at: int) -> int | None:
    """The MPEG layer of the frame at `at`, or after a tag there; None if there is
    none."""
    head = read_at(file, behind_tag(file, at), 2)
    is_frame = len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0
    return head[1] >> 1 & 3 if is_frame else None


def own_end(file: SeekableFile) -> int | None:
    """Where a file's first recording ends according to its header; None if unknown."""
    head = read_at(file, 0, _HEAD)
    return last_end(file) if head.startswith(b"OggS") else _own_end(file, 0, head)


def _own_end(file: SeekableFile, start: int, head: bytes) -> int | None:
    """Where the recording at `start` ends according to its header; None if unknown."""
    if head.startswith(b"RIFF") and head[8:12] in (b"WAVE", b"AVI "):
        end = start + 8 + int.from_bytes(head[4:8], "little")
        more = read_at(file, end, 12)
        while more.startswith(b"RIFF") and more[8:] == b"AVIX":
            end += 8 + int.from_bytes(more[4:8], "little")
            more = read_at(file, end, 12)
        return end
    if head.startswith(b".snd"):
        size = int.from_bytes(head[8:12], "big")
        known = 0 < size < 0xFFFF_FFFF
        return start + int.from_bytes(head[4:8], "big") + size if known else None
    if head.startswith(b"FORM"):
        return start + 8 + int.from_bytes(head[4:8], "big")
    if head.startswith(b"FWS"):  # Flash
        size = int.from_bytes(head[4:8], "little")
        return start + size if size != _SWF_UNKNOWN else None
    if head.startswith(_SOX):
        order: Literal["little", "big"] = "little" if head[0] == _SOX[0][0] else "big"
        count = int.from_bytes(head[8:16], order)  # of samples, four bytes each
        own = int.from_bytes(head[4:8], order)
        return start + own + 4 * count if count else None
    if head.startswith(_ASF):
        return _end_of_objects(file, start)
    if head.startswith(EBML):
        return _end_of_segment(file, start)
    if head[4:8] in FIRST_BOXES:
        return _end_of_boxes(file, start, head)
    return None


def _end_of_objects(file: SeekableFile, start: int) -> int | None:
    """The end of an ASF file: of its header, packets and indexes, each of which begins
    with a name and a length."""
    size, at, count = file.seek(0, os.SEEK_END), start, 0
    while True:
        head = read_at(file, at, 24)
        length = int.from_bytes(head[16:], "little")
        is_next = count > 1 and (at + length > size or head.startswith(_ASF))
        if length < 24 or is_next:
            return at if count > 1 else None
        at, count = at + length, count + 1


def _end_of_segment(file: SeekableFile, start: int) -> int | None:
    """The end of a Matroska file's segment; RFC 8794 defines how lengths are coded."""
    at = start
    for name in (EBML, _SEGMENT):
        head = read_at(file, at, 12)
        if len(head) < 12 or head[:4] != name or not head[4]:
            return None
        size = 9 - head[4].bit_length()  # bytes of the length, by the first set bit
        most = (1 << 7 * size) - 1
        length = int.from_bytes(head[4 : 4 + size], "big") & most
        if length == most:  # unknown when it was written
            return None
        at += 4 + size + length
    return at


def _end_of_boxes(file: SeekableFile, start: int, head: bytes) -> int | None:
    at = start
    while length := box_length(head):
        if at > start and head[4:8] == b"ftyp":
            break
        at += length
        head = read_at(file, at, 16)
    is_last = head[:4] == bytes(4) and _BOX.match(head)
    return None if is_last else at  # 0: up to the end of the file


def box_length(head: bytes) -> int | None:
    """The length of the MP4 box that begins with these 16 bytes; None if not a box."""
    if not _BOX.match(head):
        return None
    large = head[:4] == b"\0\0\0\1"
    length = int.from_bytes(head[8:16] if large else head[:4], "big")
    return length if length >= 8 else None
