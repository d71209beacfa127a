"""Corrects packet positions and times that FFmpeg miscounts.

After bytes that it skipped, FFmpeg keeps counting as if they were not there.
"""

import os
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Final

from mica.audio.seekable import SeekableFile

_AVI_HEADER: Final = 1 << 16  # bytes that include the index of indexes, if any
_CHUNK_HEAD: Final = 8  # bytes before a chunk's data; an AVI's index points to it
_ENOUGH: Final = 16  # bytes that identify a packet
_SEARCHED: Final = 1 << 20  # bytes to search for the next packet


class RawPlaces:
    """Packet positions in a raw stream, which has no container.

    FFmpeg's own positions count only the bytes that its parser received.
    """

    def __init__(self, file: SeekableFile) -> None:
        self._file = file
        self._further = 0
        self._is_known: bool | None = None

    def place(self, packet: Any) -> int | None:
        """The packet's position; None if FFmpeg does not know it."""
        if packet.pos is None or self._is_known is False:
            return None if packet.pos is None else int(packet.pos)
        before, place = self._file.tell(), packet.pos + self._further
        wanted = bytes(memoryview(packet)[:_ENOUGH])
        self._file.seek(place)
        is_there = self._file.read(len(wanted)) == wanted
        if self._is_known is None:  # some packets are not bytes of the file
            self._is_known = is_there
        elif not is_there:
            self._file.seek(place)
            self._further += max(0, self._file.read(_SEARCHED).find(wanted))
        self._file.seek(before)
        return int(packet.pos) + self._further


class Index:
    """Packet times according to an AVI's index.

    FFmpeg times AVI packets by counting, so all that follow a skipped one are too
    early.
    """

    def __init__(self, entries: Iterable[Any]) -> None:
        self._times = {one.pos + _CHUNK_HEAD: one.timestamp for one in entries}
        self._places = sorted(self._times)
        self._next = 0  # index of the next place
        self._units = 0.0  # index time units per packet time unit
        self.later_s = 0.0  # to be added to the packets' times

    def misses(self, packet: Any) -> bool:
        """Whether packets that the index lists before this one did not come."""
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
    """An AVI's own index; None if it has none (FFmpeg then builds one from packets)."""
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
