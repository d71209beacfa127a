"""Finds the end of MPEG streams from their packets.

A program stream (MPG, VOB) consists of packs, a transport stream (TS) of packets of one
size; the headers of frames (MP2, MP3) give their size. It decodes nothing.
"""

import os
from typing import Final

from mica.audio.seekable import SeekableFile, read_at

_BLOCK: Final = 1 << 20
_SIZES: Final = (188, 192, 204)  # of a transport stream's packets
_SYNC: Final = b"G"
_ENOUGH: Final = 4  # this many in a row are not a coincidence
_PACK: Final = b"\0\0\1\xba"
_NO_MORE: Final = b"\0\0\1\xb9"  # after the last pack
_HEAD: Final = 14  # bytes of a pack's header in MPEG-2, without stuffing
_HEAD_1: Final = 12  # and in MPEG-1
# kbit/s of MPEG-1's layers II and III and of MPEG-2's, by a frame's header
_LAYER_2: Final = (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_LAYER_3: Final = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LOWER: Final = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ: Final = (44_100, 48_000, 32_000)


def is_part_of_frame(packet: bytes) -> bool:
    """Whether a packet is shorter than the MP2 or MP3 frame that it begins."""
    if len(packet) < 4 or packet[0] != 0xFF or packet[1] < 0xE0:
        return False
    version, layer = packet[1] >> 3 & 3, packet[1] >> 1 & 3  # 3: MPEG-1; 1: layer III
    rate, bits = packet[2] >> 2 & 3, packet[2] >> 4
    if layer not in (1, 2) or version == 1 or rate == 3 or not 0 < bits < 15:
        return False
    per_s = (_LAYER_2 if layer == 2 else _LAYER_3) if version == 3 else _LOWER
    rate_hz = _RATES_HZ[rate] >> {3: 0, 2: 1, 0: 2}[version]
    factor = 72 if layer == 1 and version != 3 else 144
    padding = packet[2] >> 1 & 1
    return len(packet) < factor * per_s[bits - 1] * 1000 // rate_hz + padding


def stream_end(file: SeekableFile) -> int | None:
    """Where the packets of a program or transport stream end, beyond the file's end if
    that cuts one off; None if it is no such stream."""
    size = packet_size(file)
    if size is not None:
        return _last_packet_end(file, size)
    if read_at(file, 0, len(_PACK)) == _PACK:
        return _last_pack_end(file)
    return None


def packet_size(file: SeekableFile) -> int | None:
    """The size of a transport stream's packets in bytes; None if it is none."""
    head = read_at(file, 0, 3 * max(_SIZES))
    for size in _SIZES:
        first = 4 if size == 192 else 0  # each of these begins with a timestamp
        if all(head[at : at + 1] == _SYNC for at in range(first, 3 * size, size)):
            return size
    return None


def _last_packet_end(file: SeekableFile, size: int) -> int:
    """The end of the last of the consecutive packets at the end of the file."""
    end = file.seek(0, os.SEEK_END)
    first = 4 if size == 192 else 0
    at = end - end % size  # the last one may have only begun
    while at > 0 and not _in_sync(file, at + first, size):
        at -= size
    return at + size if at < end else at


def _in_sync(file: SeekableFile, at: int, size: int) -> bool:
    """Whether a packet, perhaps incomplete, begins there, preceded by others."""
    places = range(at, 0, -size)[:_ENOUGH]
    return all(read_at(file, place, 1) in (_SYNC, b"") for place in places)


def _last_pack_end(file: SeekableFile) -> int:
    at = file.seek(0, os.SEEK_END)
    while at > 0:
        at = max(0, at - _BLOCK)
        block = read_at(file, at, _BLOCK + len(_PACK) - 1)
        place = block.rfind(_PACK)
        while place >= 0:
            if (end := _pack_end(file, at + place)) is not None:
                return end
            place = block.rfind(_PACK, 0, place)
    return 0


def _pack_end(file: SeekableFile, at: int) -> int | None:
    """Where a pack ends, perhaps beyond the file's end; None if none begins there."""
    head = read_at(file, at, _HEAD)
    if len(head) < _HEAD:
        return at + _HEAD
    if head[4] & 0xF0 == 0x20:
        at += _HEAD_1
    elif head[4] & 0xC0 == 0x40:
        at += _HEAD + (head[13] & 7)
    else:
        return None
    while head := read_at(file, at, 6):
        if head.startswith(_NO_MORE):
            return at + len(_NO_MORE)
        if not head.startswith(b"\0\0\1") or head[3:4] < b"\xbb":
            is_cut_off = len(head) < 6 and b"\0\0\1".startswith(head[:3])
            return at + 6 if is_cut_off else at
        at += 6 + int.from_bytes(head[4:].ljust(2, b"\0"), "big")
    return at
