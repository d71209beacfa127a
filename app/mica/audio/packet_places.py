"""Where packets are in a file, and when they are heard, where FFmpeg miscounts.

It counts on from where it was behind bytes that it passed over.
"""

import os
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Final

from mica.audio.seekable import SeekableFile

_AVI_HEADER: Final = 1 << 16  # bytes in which an index of indexes is
_CHUNK_HEAD: Final = 8  # bytes before its data; an AVI's index points to it
_ENOUGH: Final = 16  # bytes that tell one packet from another
_SEARCHED: Final = 1 << 20  # bytes behind a packet, for the next one


class RawPlaces:
    """Where packets are in a file of nothing but packets.

    Its places are those of what FFmpeg's parser was given.
    """

    def __init__(self, file: SeekableFile) -> None:
        self._file = file
        self._further = 0
        self._is_known: bool | None = None

    def place(self, packet: Any) -> int | None:
        """Where this one is; None where FFmpeg does not say."""
        if packet.pos is None or self._is_known is False:
            return None if packet.pos is None else int(packet.pos)
        before, place = self._file.tell(), packet.pos + self._further
        wanted = bytes(memoryview(packet)[:_ENOUGH])
        self._file.seek(place)
        is_there = self._file.read(len(wanted)) == wanted
        if self._is_known is None:  # some packets are no bytes of the file
            self._is_known = is_there
        elif not is_there:
            self._file.seek(place)
            self._further += max(0, self._file.read(_SEARCHED).find(wanted))
        self._file.seek(before)
        return int(packet.pos) + self._further


class Index:
    """When packets are heard by an AVI's index.

    Its packets are counted, so behind one that was passed over all are too early.
    """

    def __init__(self, entries: Iterable[Any]) -> None:
        self._times = {one.pos + _CHUNK_HEAD: one.timestamp for one in entries}
        self._places = sorted(self._times)
        self._next = 0  # of the places
        self._units = 0.0  # of the index in one of the packets'
        self.later_s = 0.0  # how much later packets are heard than their times say

    def misses(self, packet: Any) -> bool:
        """Whether there are packets by the index that did not come before this one."""
        if packet.pos is None:
            return False
        here = bisect_left(self._places, packet.pos)
        missed = here > self._next
        time = self._times.get(packet.pos)
        self._next = max(self._next, here + (time is not None))
        if time and packet.dts:
            self._units = self._units or time / packet.dts
            later = time / self._units - packet.dts
            self.later_s = float(later * packet.time_base)
        return missed


def index_of(file: SeekableFile, stream: Any) -> Index | None:
    """Of an AVI that has one: what FFmpeg made of the packets is none."""
    before, size = file.tell(), file.seek(0, os.SEEK_END)
    at, name = 12, b""
    while name != b"idx1" and at < size:
        file.seek(at)
        head = file.read(_CHUNK_HEAD)
        name, length = head[:4], int.from_bytes(head[4:], "little")
        at += _CHUNK_HEAD + length + length % 2
    file.seek(12)
    has_super_index = b"indx" in file.read(_AVI_HEADER)
    file.seek(before)
    return Index(stream.index_entries) if name == b"idx1" or has_super_index else None
