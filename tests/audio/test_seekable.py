"""Files made to do harm are searched in time that grows with their size only."""

import io
import os

import pytest

from mica.audio import ogg
from mica.audio.containers import parts
from mica.audio.joined import MAX_RECORDINGS, recordings
from mica.audio.mpeg import stream_end
from mica.audio.seekable import find

SIZE = 1 << 18
FLAC = b"fLaC\0\0\0\x22"
#: Bytes read for each byte of the file: every header is read in some excess.
MOST = 1000


class Counted(io.BytesIO):
    """A file that counts the bytes read from it, and the calls."""

    count = calls = 0

    def read(self, size: int | None = -1, /) -> bytes:
        got = super().read(size)
        self.count += len(got)
        self.calls += 1
        return got


def repeated(start: bytes, unit: bytes) -> Counted:
    return Counted((start + unit * SIZE)[:SIZE])


@pytest.mark.parametrize(
    ("start", "unit"),
    [
        (b"OggS\0\2", b"OggS\0"),
        (b"OggS\0\2", b"OggS\0" + bytes(22)),
        (b"wvpk", b"wvpk"),
        (b"wvpk" + bytes(3), b"wvpk..."),
        (b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\x08moof", b"moof"),
        (b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\x08moof", b"\0\0\0\1moof"),
        (b"RIFF\xff\xff\xff\x7fWAVE", b"abcd\1\0\0\0x"),
        (b"FORM\x7f\xff\xff\xffAIFF", b"abcd\0\0\0\1x"),
        (b"", b"\0\0\1\xba"),
        (b"", b"G" * 188),
    ],
)
def test_reading_a_file_of_headers_takes_time_in_proportion(
    start: bytes, unit: bytes
) -> None:
    file = repeated(start, unit)
    for part in parts(file):
        part.seek(0)
        while part.read(32 << 10):
            pass
    ogg.holes(file)
    ogg.last_page(file)
    stream_end(file)
    assert file.count < MOST * SIZE
    assert file.calls < 3 * SIZE


def test_no_more_than_a_thousand_recordings_are_joined() -> None:
    assert len(recordings(repeated(FLAC, FLAC))) == MAX_RECORDINGS


@pytest.mark.parametrize("at", [0, 255, 256, 5000, (1 << 20) - 2, (3 << 20) + 7])
def test_a_word_is_found_wherever_it_is(at: int) -> None:
    data = bytearray(os.urandom(1) * (4 << 20))
    data[at : at + 4] = b"moof"
    assert find(io.BytesIO(bytes(data)), b"moof", 0) == at
    assert find(io.BytesIO(bytes(data)), b"moof", at + 1) is None
