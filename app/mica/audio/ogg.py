"""Finds in an Ogg file where recordings begin and where pages are missing.

FFmpeg silently skips damaged pages. This module decodes nothing.
"""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mica.audio.seekable import SeekableFile, find

_HEADER: Final = 27  # bytes of a page before its table of lengths
_BEGINS: Final = 2  # flag of a page that begins a stream
_ENDS: Final = 4  # flag of a page that ends a stream
_MOST_DAMAGED: Final = 1000  # pages; a file with more is no recording
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    at     where it begins in the file
    size   in bytes, some of which the file may lack
    """

    at: int
    size: int
    data: bytes

    @property
    def ends(self) -> bool:
        """Whether a stream ends with this page."""
        return bool(self.data[5] & _ENDS)

    @property
    def begins(self) -> bool:
        """Whether a stream begins with this page."""
        return bool(self.data[5] & _BEGINS)

    @property
    def stream(self) -> int:
        return int.from_bytes(self.data[14:18], "little")

    @property
    def number(self) -> int:
        """The page's number within its stream."""
        return int.from_bytes(self.data[18:22], "little")

    @property
    def is_whole(self) -> bool:
        """Whether its checksum is right: zlib's polynomial with the bits of each byte
        reversed and initial value 0 (RFC 3533, section 6)."""
        plain = self.data[:22] + bytes(4) + self.data[26:]
        mirrored = zlib.crc32(plain.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
        checksum = mirrored.to_bytes(4, "little").translate(_MIRRORED)
        return checksum[::-1] == self.data[22:26]


def links(file: SeekableFile) -> list[int]:
    """The offsets where the recordings of a chained file begin.

    Streams that play together begin on consecutive pages; one that begins after any
    other page begins the next recording (RFC 3533, section 4).
    """
    starts, follows_beginning = [0], True
    for page in _pages(file):
        if page.begins and not follows_beginning:
            starts.append(page.at)
        follows_beginning = page.begins
    return starts


def holes(file: SeekableFile) -> list[int]:
    """The positions of pages before which others are missing or damaged.

    Keeps the file's position.
    """
    before = file.tell()
    places, numbers = [], dict[int, int]()
    for page in _pages(file):
        if not page.is_whole:
            continue
        if page.number > numbers.get(page.stream, page.number) + 1:
            places.append(page.at)
        numbers[page.stream] = page.number
    file.seek(before)
    return places


def last_page(file: SeekableFile) -> Page | None:
    """The last page, which may be incomplete."""
    last = None
    for page in _pages(file):
        last = page
    return last


def last_end(file: SeekableFile) -> int:
    """Where the last page ends."""
    last = last_page(file)
    return 0 if last is None else last.at + len(last.data)


def _pages(file: SeekableFile) -> Iterator[Page]:
    at = damaged = 0
    while damaged < _MOST_DAMAGED:
        file.seek(at)
        head = file.read(_HEADER + 255)
        if len(head) < _HEADER:
            return
        if head[:5] != b"OggS\0":
            found = find(file, b"OggS", at + 1)
            if found is None:
                return
            at = found
            continue
        table = head[_HEADER : _HEADER + head[26]]
        size = _HEADER + len(table) + sum(table)
        page = Page(at, size, head[:size] + file.read(max(0, size - len(head))))
        yield page
        if _follows(file, at + size):
            at += size
        else:  # the size in a damaged page may be wrong
            at, damaged = at + 1, damaged + 1


def _follows(file: SeekableFile, at: int) -> bool:
    """Whether a page begins at `at`, or the file ends."""
    end = file.seek(0, os.SEEK_END)
    file.seek(at)
    return at >= end or file.read(4) == b"OggS"
