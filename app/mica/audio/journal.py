"""Journals: audio is written to disk before anything else is done with it.

A journal is a float32 mono WAV file that grows. Its header is updated twice a second;
`recover` repairs one left behind by a crash. Points of interest are written after the
samples as labeled cue points, which sound editors show. It does not resample and knows
nothing of speech.
"""

import os
import struct
from pathlib import Path
from typing import Final, Self

from mica.errors import JournalError

MAX_RECORDINGS: Final = 200
MAX_BYTES: Final = 8 << 30  # about twelve hours of captions
HEADER_BYTES: Final = 58
SAMPLE_BYTES: Final = 4
#: The size in the header of a recording too long for it (18 h at 16 kHz), which readers
#: of streamed WAV files take to be the rest of the file.
ENDLESS: Final = 0xFFFF_FFFF
_FLOAT: Final = 3  # WAVE_FORMAT_IEEE_FLOAT
_CUES: Final = b"cue "


def journal_path(folder: Path, utterance: int) -> Path:
    return folder / f"{utterance:08d}.wav"


class Journal:
    """One utterance's recording. Journal thread only."""

    def __init__(self, path: Path, rate_hz: int) -> None:
        self.path = path
        self._rate_hz = rate_hz
        self._written = self._described = 0  # bytes
        self._cue_points: list[tuple[int, str]] = []
        self._refused = False
        try:
            self._file = path.open("xb", buffering=0)
        except OSError as error:
            raise _refused(error) from error
        try:
            self._file.write(_header(rate_hz, 0))
        except OSError as error:
            self._file.close()
            raise _refused(error) from error

    @classmethod
    def open(cls, folder: Path, utterance: int, rate_hz: int) -> Self:
        """Create a recording; it must not exist yet."""
        return cls(journal_path(folder, utterance), rate_hz)

    def append(self, pcm: bytes) -> None:
        """Append samples (float32, little endian). JournalError if the disk is full."""
        try:
            rest = memoryview(pcm)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._written += len(pcm)
            if self._written - self._described >= self._rate_hz * SAMPLE_BYTES // 2:
                self._describe()
        except OSError as error:
            self._refused = True
            raise _refused(error) from error

    def add_cue(self, sample: int, label: str) -> None:
        """Mark a sample with a label; written by close()."""
        self._cue_points.append((sample, label))

    def close(self) -> None:
        """Write cue points and the final header. May be repeated."""
        if self._file.closed:
            return
        # after a disk-full error, anything after the samples could be taken for samples
        if self._refused or self._written >= ENDLESS - HEADER_BYTES:
            self._cue_points.clear()
        cues = _cues(self._cue_points)
        try:
            self._file.write(cues)
            self._describe(len(cues))
        except OSError:
            pass  # recover() fixes the header from the file's size
        finally:
            self._file.close()

    def _describe(self, padding: int = 0) -> None:
        header = _header(self._rate_hz, self._written, padding)
        os.pwrite(self._file.fileno(), header, 0)
        self._described = self._written


def recover(path: Path) -> int:
    """Make a header match the file's size; returns the number of samples."""
    size = path.stat().st_size
    samples = max(0, size - HEADER_BYTES) // SAMPLE_BYTES
    with path.open("r+b") as file:
        start = file.read(HEADER_BYTES)
        if len(start) == HEADER_BYTES and start[:4] == b"RIFF":
            rate_hz, data_bytes = struct.unpack("<24xI26xI", start)
            file.seek(HEADER_BYTES + data_bytes)
            is_closed = data_bytes != ENDLESS and file.read(4) == _CUES
            if is_closed:  # what follows are not samples
                return int(data_bytes // SAMPLE_BYTES)
            file.seek(0)
            file.write(_header(rate_hz, samples * SAMPLE_BYTES))
    return samples


def extent(path: Path) -> tuple[int, int]:
    """A recording's rate in Hz and its number of samples, from its header; (0, 0) if
    there is none."""
    try:
        if not path.is_file():  # opening a pipe would block
            return 0, 0
        with path.open("rb") as file:
            start = file.read(HEADER_BYTES)
    except OSError:
        return 0, 0
    if len(start) < HEADER_BYTES or start[:4] != b"RIFF":
        return 0, 0
    rate_hz, data_bytes = struct.unpack("<24xI26xI", start)
    if data_bytes == ENDLESS:
        data_bytes = path.stat().st_size - HEADER_BYTES
    return rate_hz, data_bytes // SAMPLE_BYTES


def prune(
    folder: Path, count: int = MAX_RECORDINGS, most_bytes: int = MAX_BYTES
) -> None:
    """Remove old recordings: keep at most `count` and `most_bytes` of the newest."""
    remaining = most_bytes
    for number, path in enumerate(sorted(folder.glob("*.wav"), reverse=True)):
        remaining -= path.stat().st_size
        if number >= count or remaining < 0:
            path.unlink(missing_ok=True)


def _header(rate_hz: int, data_bytes: int, padding: int = 0) -> bytes:
    """RIFF, an 18-byte fmt, fact and data, as float WAV requires.

    padding   bytes of chunks that follow the samples
    """
    layout = struct.pack(
        "<HHIIHHH", _FLOAT, 1, rate_hz, rate_hz * SAMPLE_BYTES, SAMPLE_BYTES, 32, 0
    )
    parts = b"WAVE" + b"fmt " + struct.pack("<I", len(layout)) + layout
    size = HEADER_BYTES - 8 + data_bytes + padding  # of all behind its own 8 bytes
    samples = data_bytes // SAMPLE_BYTES
    if size >= ENDLESS:
        size, data_bytes, samples = ENDLESS, ENDLESS, 0
    parts += b"fact" + struct.pack("<II", 4, samples)
    parts += b"data" + struct.pack("<I", data_bytes)
    return b"RIFF" + struct.pack("<I", size) + parts


def _cues(cue_points: list[tuple[int, str]]) -> bytes:
    """A cue chunk and its labels; empty if there are no cue points."""
    if not cue_points:
        return b""
    points = struct.pack("<I", len(cue_points))
    labels = b"adtl"
    for number, (sample, label) in enumerate(cue_points, 1):
        points += struct.pack("<II4sIII", number, sample, b"data", 0, 0, sample)
        labels += _chunk(b"labl", struct.pack("<I", number) + label.encode() + b"\0")
    return _chunk(_CUES, points) + _chunk(b"LIST", labels)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _refused(error: OSError) -> JournalError:
    what = f"The recording cannot be written ({error.strerror})."
    return JournalError(what, "Free some disk space.")
