"""The file objects that audio is read from."""

from typing import Protocol


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
