"""The file objects that audio is read from."""

from typing import Final, Protocol

_NEAR: Final = 256  # bytes that are searched first
_BLOCK: Final = 1 << 20


class SeekableFile(Protocol):
    """A seekable binary file, as PyAV needs it."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...
    def close(self) -> None: ...


def read_at(file: SeekableFile, place: int, size: int) -> bytes:
    """At most `size` bytes from `place` on, or from the start if that is before it.

    Moves the file's position.
    """
    file.seek(max(0, place))
    return file.read(size)


def find(file: SeekableFile, wanted: bytes, at: int) -> int | None:
    """The first position of `wanted` from `at` on; None if there is none.

    Reads little if it is near, since it may be everywhere in a file made to do harm.
    Moves the file's position.
    """
    size = _NEAR
    while True:
        block = read_at(file, at, size)
        found = block.find(wanted)
        if found >= 0:
            return at + found
        if len(block) < len(wanted):
            return None
        at += len(block) - len(wanted) + 1
        size = min(2 * size, _BLOCK)
