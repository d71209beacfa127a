"""What follows a sound file in the same file, behind all that FFmpeg reads of it."""

import os
import re
from typing import Final

from mica.audio.joined import LEAST_BYTES, beginning, begins, own_end
from mica.audio.seekable import SeekableFile

_BLOCK: Final = 1 << 20
# Containers end with tables; more than this, and this share of the file, is none.
_MOST_BYTES: Final = 1 << 16
_PACKETS: Final = 1 << 14  # less may be the last ones of a stream
_MOST: Final = 0.1
_TAG: Final = re.compile(rb"ID3[\2-\4]|TAG|APETAGEX|LYRICSBEGIN")


class Rest:
    """What follows.

    starts_at      where another recording begins, or may begin; None where none does
    may_be_none    it need not be one: the other tracks end a little later, too
    is_known       it is a container that FFmpeg knows
    unread_bytes   how much follows that is of no known kind; 0 for what is no sound
    """

    def __init__(self) -> None:
        self.starts_at: int | None = None
        self.may_be_none = False
        self.is_known = False
        self.unread_bytes = 0

    def refused(self, file: SeekableFile) -> int | None:
        """How to tell of what cannot be read, beginning where find() said.

        By its bytes, by 0 as a recording, or by None not at all.
        """
        self.starts_at, self.unread_bytes = None, 0
        size = file.seek(0, os.SEEK_END)
        if not self.may_be_none:
            return 0
        return None if self.is_known or size < _PACKETS else size

    def find(self, file: SeekableFile, read_to: int, is_cuttable: bool) -> None:
        """Look behind the container that a file begins with.

        read_to       where its last packet ended; 0 where unknown
        is_cuttable   the like of it may be read from there on, if it goes on
        """
        self.starts_at, self.unread_bytes = None, 0
        self.may_be_none = self.is_known = False
        size, own = file.seek(0, os.SEEK_END), own_end(file)
        at = max(read_to, min(own or 0, size))
        if size - at <= LEAST_BYTES or not at:
            return
        if begins(file, at) and not is_cuttable:
            self.starts_at = at
        elif (found := beginning(file, at)) is not None:
            self.starts_at = found
        elif is_cuttable:
            self.starts_at, self.may_be_none = at, True
        elif own is not None or size - at > max(_MOST_BYTES, _MOST * size):
            self.unread_bytes = 0 if _is_no_sound(file, at) else size - at


def _is_no_sound(file: SeekableFile, at: int) -> bool:
    """Whether it is a tag, or nothing but one byte again and again."""
    file.seek(at)
    block = file.read(_BLOCK)
    if _TAG.match(block):
        return True
    while block:
        if block.count(block[0]) != len(block):
            return False
        block = file.read(_BLOCK)
    return True
