"""Finds what follows a recording in its file, after everything that FFmpeg reads."""

import os
import re
from typing import Final

from mica.audio.joined import LEAST_BYTES, beginning, begins, own_end
from mica.audio.mpeg import stream_end
from mica.audio.seekable import SeekableFile

_BLOCK: Final = 1 << 20
# Containers end with tables; more than this, and this share of the file, is none.
_MOST_BYTES: Final = 1 << 16
_MOST: Final = 0.1
_TAG: Final = re.compile(rb"ID3[\2-\4]|TAG|APETAGEX|LYRICSBEGIN")


class TrailingData:
    """What follows a recording.

    starts_at      where another recording begins, or may begin; None if none does
    may_be_none    it may not be one: other tracks also end a little later
    unread_bytes   how much of unknown kind follows; 0 if it is not audio
    """

    def __init__(self) -> None:
        self.starts_at: int | None = None
        self.may_be_none = False
        self.unread_bytes = 0
        self._trailing_bytes = 0  # bytes after a stream's packets

    @property
    def follows(self) -> bool:
        """Whether anything follows, even of unknown kind."""
        is_recording = self.starts_at is not None and not self.may_be_none
        return is_recording or self.unread_bytes > 0

    def refused(self, file: SeekableFile) -> int | None:
        """How to report a part, found by find(), that cannot be read.

        Returns its size in bytes; 0 to report it as a recording; None for no report.
        """
        self.starts_at, self.unread_bytes = None, 0
        return (self._unknown(file) or None) if self.may_be_none else 0

    def find(self, file: SeekableFile, read_to: int, is_cuttable: bool) -> None:
        """Look for something after the container that a file begins with.

        read_to       where its last packet ended; 0 if unknown
        is_cuttable   the format can be cut and joined anywhere (see is_cuttable)
        """
        goes_on = self.may_be_none  # the same stream, whose end is known
        self.starts_at, self.unread_bytes = None, 0
        self.may_be_none = False
        size, own = file.seek(0, os.SEEK_END), own_end(file)
        at = max(read_to, min(own or 0, size))
        if goes_on and not at:
            self.unread_bytes = self._unknown(file)
        if size - at <= LEAST_BYTES or not at:
            return
        if begins(file, at) and not is_cuttable:
            self.starts_at = at
        elif (found := beginning(file, at)) is not None:
            self.starts_at = found
        elif is_cuttable:
            self.starts_at, self.may_be_none = at, True
            if not goes_on:
                self._trailing_bytes = size - (stream_end(file) or size)
        elif own is not None or size - at > max(_MOST_BYTES, _MOST * size):
            self.unread_bytes = 0 if _is_no_sound(file, at) else size - at

    def _unknown(self, file: SeekableFile) -> int:
        """How many bytes of unknown kind follow a stream's packets."""
        at = file.seek(0, os.SEEK_END) - self._trailing_bytes
        if self._trailing_bytes <= LEAST_BYTES or _is_no_sound(file, at):
            return 0
        return self._trailing_bytes


def _is_no_sound(file: SeekableFile, at: int) -> bool:
    """Whether it is a tag, or a single byte repeated."""
    file.seek(at)
    block = file.read(_BLOCK)
    if _TAG.match(block):
        return True
    while block:
        if block.count(block[0]) != len(block):
            return False
        block = file.read(_BLOCK)
    return True
