"""Detects from a sound file's last bytes whether its end is missing.

lengths.py reads the length in the header. This module decodes nothing and does not keep
the file's position.
"""

import os
import re
from enum import Enum
from typing import Final

from mica.audio import mpeg, ogg
from mica.audio.joined import EBML, FIRST_BOXES, own_end
from mica.audio.lengths import missing_bytes
from mica.audio.seekable import SeekableFile, read_at

# Logged by FFmpeg after the last packet, or when it opens a file without its index.
_CUT_OFF: Final = re.compile(r"ended prematurely|Truncating|partial file")
_NO_INDEX: Final = "no index at the end"
_BOX_HEAD: Final = 8  # bytes of the length and name of an MP4's box
_FLV_HEAD: Final = 11  # bytes before a tag's data; its size follows that


class FileEnd(Enum):
    """What a file's bytes show about its end."""

    WHOLE = "whole"  # or nothing could be detected
    UNMARKED = "unmarked"  # the end mark is missing, or was never written
    CUT_OFF = "cut off"  # it ends inside a packet, page or box


def file_end(file: SeekableFile, kind: str, log: list[str], last: bytes) -> FileEnd:
    """What is known about the end of a container.

    kind   FFmpeg's name of its format
    log    what FFmpeg logged when it opened the file and after the last packet
    last   the last packet
    """
    if any(_CUT_OFF.search(line) for line in log) or lacks_bytes(file):
        return FileEnd.CUT_OFF
    look = _BY_KIND.get(kind)
    end = look(file) if look is not None else FileEnd.WHOLE
    is_open = any(_NO_INDEX in line for line in log) or mpeg.is_part_of_frame(last)
    return FileEnd.UNMARKED if is_open and end is FileEnd.WHOLE else end


def is_cut_off(file: SeekableFile) -> bool:
    """Whether a file that FFmpeg cannot open lacks its end."""
    is_ogg = read_at(file, 0, 4) == b"OggS"
    is_short = missing_bytes(file) > 0 or lacks_bytes(file)
    return is_short or (is_ogg and _ogg_end(file) is FileEnd.CUT_OFF)


def lacks_bytes(file: SeekableFile) -> bool:
    """Whether an MP4 or Matroska file is shorter than its parts say."""
    head = read_at(file, 0, _BOX_HEAD)
    is_boxes = head[4:] in FIRST_BOXES
    end = own_end(file) if is_boxes or head.startswith(EBML) else None
    size = file.seek(0, os.SEEK_END)
    has_part_of_head = is_boxes and end is not None and 0 < size - end < _BOX_HEAD
    return has_part_of_head or (end is not None and end > size)


def _ogg_end(file: SeekableFile) -> FileEnd:
    """The last page of an Ogg file has an end flag; recorded broadcasts lack it."""
    last = ogg.last_page(file)
    if last is None:
        return FileEnd.WHOLE
    following = read_at(file, last.at + last.size, len(b"OggS"))
    is_short = len(last.data) < last.size or bool(following)
    if is_short and b"OggS".startswith(following):
        return FileEnd.CUT_OFF
    return FileEnd.WHOLE if last.ends else FileEnd.UNMARKED


def _stream_end(file: SeekableFile) -> FileEnd:
    """An MPEG stream is whole if it ends after a packet."""
    end = mpeg.stream_end(file)
    is_cut_off = end is not None and end > file.seek(0, os.SEEK_END)
    return FileEnd.CUT_OFF if is_cut_off else FileEnd.WHOLE


def _flv_end(file: SeekableFile) -> FileEnd:
    """Each tag of a Flash video is followed by its size."""
    end = file.seek(0, os.SEEK_END) - 4
    tag = int.from_bytes(read_at(file, end, 4), "big")
    data = int.from_bytes(read_at(file, end - tag, 4)[1:], "big")
    is_whole = _FLV_HEAD <= tag <= end and data == tag - _FLV_HEAD
    return FileEnd.WHOLE if is_whole else FileEnd.UNMARKED


_BY_KIND: Final = {
    "ogg": _ogg_end,
    "mpegts": _stream_end,
    "mpeg": _stream_end,
    "flv": _flv_end,
}
