"""Presents sound files to FFmpeg as seekable file objects.

FFmpeg never sees a path, since it interprets paths as URLs. Input that is not seekable
is spooled to an unnamed scratch file as it is read; some malformed containers are
presented in repaired form. It decodes nothing.
"""

import os
import re
import stat
import struct
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Final

from mica.audio.joined import box_length, recordings
from mica.audio.ogg import links
from mica.audio.seekable import SeekableFile, find, read_at

_NAME: Final = re.compile(rb"[A-Za-z0-9_ ]{4}")  # of a RIFF or AIFF chunk
_SAMPLES: Final = (b"data", b"SSND")
_USUAL: Final = (*_SAMPLES, b"fmt ", b"fact", b"LIST", b"COMM")
_BLOCK_HEAD: Final = re.compile(rb"wvpk.{3}\0[\x02-\x10]\x04", re.DOTALL)  # of WavPack
Piece = tuple[int, int | None] | bytes  # start and stop in a file, None: to its end


def source(descriptor: int, scratch: Path) -> SeekableFile:
    """An open file as a seekable one, at its beginning.

    scratch   a folder for the unnamed file that a pipe is spooled to
    """
    file = os.fdopen(descriptor, "rb", buffering=0)
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind) or stat.S_ISBLK(kind):
        file.seek(0)
        return file
    return Spooled(file, scratch)


def parts(file: SeekableFile) -> Iterator[SeekableFile]:
    """The parts of a file that FFmpeg can read: usually just the file itself.

    Several recordings may have been joined. FFmpeg reads only the first of them; also
    in Ogg files if the next one has a different number of channels.
    """
    starts = recordings(file)
    if len(starts) == 1:
        yield from _links_of(file)
        return
    ends: list[int | None] = [*starts[1:], None]
    for one in zip(starts, ends, strict=True):
        yield from _links_of(Spliced(file, [one]))


def _links_of(file: SeekableFile) -> Iterator[SeekableFile]:
    """One file, or the links of a chained Ogg file."""
    file.seek(0)
    head = file.read(8)
    kind = head[:4]
    if kind == b"OggS":
        starts = links(file)
        ends: list[int | None] = [*starts[1:], None]
        for link in zip(starts, ends, strict=True):
            yield Spliced(file, [link])
    elif kind in (b"RIFF", b"RIFX", b"FORM"):
        yield _padded(file, "<" if kind == b"RIFF" else ">")
    elif head[4:] == b"ftyp":
        yield _resumed(file)
    elif kind == b"wvpk":
        yield _blocks(file)
    else:
        file.seek(0)
        yield file


class Spooled:
    """A pipe or device made seekable: data already read is kept in a scratch file."""

    def __init__(self, pipe: SeekableFile, scratch: Path) -> None:
        self._pipe = pipe
        # it is unnamed, so nothing is left behind however this process ends
        self._file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115
        self._at = self._size = 0

    def read(self, size: int, /) -> bytes:
        while self._size < self._at + size and self._read_more():
            pass
        self._file.seek(self._at)
        got = self._file.read(size)
        self._at += len(got)
        return got

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        while whence == os.SEEK_END and self._read_more():
            pass
        self._at = _sought(offset, whence, self._at, self._size)
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._pipe.close()
        self._file.close()

    def _read_more(self) -> bool:
        """Read and keep more from the pipe; False at its end."""
        got = self._pipe.read(1 << 16)
        self._file.seek(self._size)
        self._file.write(got)
        self._size += len(got)
        return bool(got)


class Spliced:
    """Ranges of another file, with bytes inserted between them, as one file."""

    def __init__(self, file: SeekableFile, pieces: list[Piece]) -> None:
        """`pieces`: only the last one may go on to the end of the file."""
        self._file = file
        self._pieces = pieces
        lengths = [_length(piece) or 0 for piece in pieces[:-1]]
        self._starts = [0, *accumulate(lengths)]
        self._at = 0

    def read(self, size: int, /) -> bytes:
        got = b""
        number = bisect_right(self._starts, self._at) - 1
        while not got and number < len(self._pieces):
            within = self._at - self._starts[number]
            length = _length(self._pieces[number])
            room = size if length is None else min(size, max(0, length - within))
            got = self._of(self._pieces[number], within, room)
            number += 1
        self._at += len(got)
        return got

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        size = self._size() if whence == os.SEEK_END else 0
        self._at = _sought(offset, whence, self._at, size)
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """Does nothing: the other file stays open."""

    def _of(self, piece: Piece, within: int, size: int) -> bytes:
        if isinstance(piece, bytes):
            return piece[within : within + size]
        self._file.seek(piece[0] + within)
        return self._file.read(size)

    def _size(self) -> int:
        last = self._pieces[-1]
        length = _length(last)
        if length is None:
            length = max(0, self._file.seek(0, os.SEEK_END) - int(last[0]))
        return self._starts[-1] + length


def _length(piece: Piece) -> int | None:
    if isinstance(piece, bytes):
        return len(piece)
    start, stop = piece
    return None if stop is None else stop - start


def _sought(offset: int, whence: int, at: int, size: int) -> int:
    base = {os.SEEK_SET: 0, os.SEEK_CUR: at, os.SEEK_END: size}[whence]
    return max(0, base + offset)


def _padded(file: SeekableFile, order: str) -> Spliced:
    """A RIFF or AIFF file with the zero bytes that must follow odd-sized chunks.

    Some programs omit them; FFmpeg then misreads the rest.
    """
    pieces: list[Piece] = []
    start, at = 0, 12
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or head[:4] in _SAMPLES:
            return Spliced(file, [*pieces, (start, None)])
        size = struct.unpack(f"{order}I", head[4:])[0]
        at += 8 + size
        if size % 2 and _lacks_padding(file, at):
            pieces += [(start, at), b"\0"]
            start = at
        else:
            at += size % 2


def _lacks_padding(file: SeekableFile, end: int) -> bool:
    """Whether the next chunk begins right after an odd-sized one."""
    file.seek(end)
    name = file.read(5)
    return _NAME.fullmatch(name[:4]) is not None and name[1:] not in _USUAL


def _resumed(file: SeekableFile) -> SeekableFile:
    """A fragmented MP4 in which damage, up to the next fragment, becomes a free box.

    FFmpeg reads box by box and stops where there is none.
    """
    pieces: list[Piece] = []
    start = at = 0
    in_fragments = False
    size = file.seek(0, os.SEEK_END)
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        in_fragments |= head[4:8] == b"moof"
        length = box_length(head)
        if length is not None:
            at += length
            continue
        found = find(file, b"moof", at + 12) if in_fragments else None
        if found is None:
            break
        pieces += [(start, at), struct.pack(">I4s", found - 4 - at, b"free")]
        start, at = at + 8, found - 4
    file.seek(0)
    return Spliced(file, [*pieces, (start, None)]) if pieces else file


def _blocks(file: SeekableFile) -> SeekableFile:
    """A WavPack file without its damaged parts: FFmpeg stops where no block begins."""
    pieces: list[Piece] = []
    start = at = 0
    while len(head := read_at(file, at, 10)) == 10:
        if _BLOCK_HEAD.match(head):
            at += 8 + int.from_bytes(head[4:8], "little")
            continue
        found = find(file, b"wvpk", at)
        while found is not None and not _BLOCK_HEAD.match(read_at(file, found, 10)):
            found = find(file, b"wvpk", found + 4)
        if found is None:
            break
        pieces.append((start, at))
        start = at = found
    file.seek(0)
    return Spliced(file, [*pieces, (start, None)]) if pieces else file
