"""Journals: audio is written to disk before anything else is done with it.

A journal is a float32 mono WAV file that grows. Its header is updated twice a second;
`recover` repairs one left behind by a crash. Points of interest are written after the
samples as labeled cue points, which sound editors show. While it is recorded, its file
is locked. It does not resample and knows nothing of speech.

Every sample is in the file, and so survives the end of this process, when append()
returns; a thread of its own flushes the file to the disk SYNC_S apart, so that a power
failure costs about a second.

The journal of a private dictation has no name: no other process finds it, and it is
gone when this process ends. Its path stands for its descriptor. Over 300 lines: one
file format, written, repaired and read.
"""

import fcntl
import logging
import os
import struct
import tempfile
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

from mica import atomic
from mica.errors import JournalError

HEADER_BYTES: Final = 58
SAMPLE_BYTES: Final = 4
SYNC_S: Final = 1.0
MAX_RATE_HZ: Final = 1 << 29  # that the header can state
#: The size in the header of a recording too long for it (18 h at 16 kHz), which readers
#: of streamed WAV files take to be the rest of the file.
ENDLESS: Final = 0xFFFF_FFFF
#: Of private journals. On a Mac, opening such a path duplicates the descriptor, which
#: shares its offset (fd(4)): so they are only read by os.pread.
_DESCRIPTORS: Final = Path("/dev/fd")
_FLOAT: Final = 3  # WAVE_FORMAT_IEEE_FLOAT
_CUES: Final = b"cue "
_CUE_BYTES: Final = 24  # of one cue point
_MAX_CUES_BYTES: Final = 1 << 20
_log = logging.getLogger(__name__)


def journal_path(folder: Path, utterance: int) -> Path:
    return folder / f"{utterance:08d}.wav"


class Journal:
    """One utterance's recording. Journal thread only."""

    def __init__(self, file: Any, path: Path, rate_hz: int) -> None:
        """file: a new one, unbuffered, which the journal closes."""
        self.path = path
        self._file, self._rate_hz = file, rate_hz
        self._written = self._described = 0  # bytes
        self._cue_points: list[tuple[int, str]] = []
        self._refused = False
        self._sync_error: OSError | None = None
        self._closing = threading.Event()
        try:
            with suppress(OSError):  # a network folder without locks
                fcntl.flock(file, fcntl.LOCK_EX)
            file.write(_header(rate_hz, 0))
        except OSError as error:
            file.close()
            raise _refused(error) from error

    @classmethod
    def open(cls, folder: Path, utterance: int, rate_hz: int) -> Self:
        """Create a recording. Raises FileExistsError if there is one."""
        path = journal_path(folder, utterance)
        try:
            file = path.open("xb", buffering=0)
        except FileExistsError:
            raise
        except OSError as error:
            raise _refused(error) from error
        journal = cls(file, path, rate_hz)
        journal._start_syncing()
        return journal

    @classmethod
    def open_next(cls, folder: Path, utterance: int, rate_hz: int) -> Self:
        """Create a recording with this number, or the next one that has none."""
        while True:
            try:
                return cls.open(folder, utterance, rate_hz)
            except FileExistsError:
                utterance += 1

    @classmethod
    def open_private(cls, folder: Path, rate_hz: int) -> Self:
        """Create a recording without a name, in this folder; remove() deletes it."""
        try:
            file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
            path = _DESCRIPTORS / str(os.dup(file.fileno()))
        except OSError as error:
            raise _refused(error) from error
        return cls(file, path, rate_hz)

    def append(self, pcm: bytes) -> None:
        """Append samples (float32, little endian). JournalError if the disk is full."""
        try:
            if self._sync_error is not None:
                raise self._sync_error
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
        """Write cue points and the final header. May be repeated. Does not wait for the
        disk: the text would come later."""
        if self._file.closed:
            return
        # after a disk-full error, anything after the samples could be taken for samples
        if self._refused or self._written >= ENDLESS - HEADER_BYTES:
            self._cue_points.clear()
        cues = _cues(self._cue_points)
        try:
            self._describe()  # first, so that a crash leaves no cues among the samples
            self._file.write(cues)
            self._describe(len(cues))
        except OSError:
            pass  # recover() fixes the header from the file's size
        finally:
            self._closing.set()
            with suppress(OSError):  # the syncing thread has it open, too
                fcntl.flock(self._file, fcntl.LOCK_UN)
            self._file.close()

    def _describe(self, padding: int = 0) -> None:
        header = _header(self._rate_hz, self._written, padding)
        os.pwrite(self._file.fileno(), header, 0)
        self._described = self._written

    def _start_syncing(self) -> None:
        copy = os.dup(self._file.fileno())  # the journal may be closed meanwhile
        args = (weakref.ref(self), copy, self._closing, self.path.parent)
        name = f"sync-{self.path.stem}"
        threading.Thread(target=_sync, args=args, name=name, daemon=True).start()


def _sync(
    journal: weakref.ref[Journal], file: int, closing: threading.Event, folder: Path
) -> None:
    """Flush a journal's file until it is closed. A disk that takes long delays no
    sample; if it fails, append() says so."""
    try:
        atomic.sync_folder(folder)
        is_closed = False
        while not is_closed:
            is_closed = closing.wait(SYNC_S) or journal() is None
            atomic.sync(file)
    except OSError as error:
        _log.warning("the recording cannot be flushed: %s", error)
        if (still_open := journal()) is not None:
            still_open._sync_error = error
    finally:
        os.close(file)


def is_recorded_now(path: Path) -> bool:
    """Whether some process is recording it."""
    if not path.is_file():  # opening a pipe would block
        return False
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not atomic.try_lock(file)
    except OSError:
        return False
    finally:
        os.close(file)


def is_private(path: Path) -> bool:
    """Whether it is a recording without a name."""
    return path.parent == _DESCRIPTORS


def remove(path: Path) -> None:
    """Delete a recording; nothing else may use it. It may be gone already."""
    with suppress(FileNotFoundError):
        if is_private(path):
            os.close(int(path.name))
        else:
            path.unlink()


def recover(path: Path) -> int:
    """Make a header match the file's size; returns the number of samples. Do not call
    for one that is being recorded."""
    if not path.is_file():  # reading a pipe would block
        return 0
    size = path.stat().st_size
    with path.open("r+b") as file:
        start = file.read(HEADER_BYTES)
        if not _is_header(start):
            return 0
        rate_hz, data_bytes = struct.unpack("<24xI26xI", start)
        samples_end, end = _ends(file.fileno(), data_bytes, size)
        data_bytes = (samples_end - HEADER_BYTES) // SAMPLE_BYTES * SAMPLE_BYTES
        header = _header(rate_hz, data_bytes, end - samples_end)
        if header != start:
            os.pwrite(file.fileno(), header, 0)
    return int(data_bytes // SAMPLE_BYTES)


def extent(path: Path) -> tuple[int, int]:
    """A recording's rate in Hz and its number of samples, from its header; (0, 0) if
    there is none."""
    try:
        if not (is_private(path) or path.is_file()):  # opening a pipe would block
            return 0, 0
        with path.open("rb", buffering=0) as file:
            start = os.pread(file.fileno(), HEADER_BYTES, 0)
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return 0, 0
    if not _is_header(start):
        return 0, 0
    rate_hz, data_bytes = struct.unpack("<24xI26xI", start)
    if data_bytes == ENDLESS:
        data_bytes = size - HEADER_BYTES
    return rate_hz, data_bytes // SAMPLE_BYTES


def samples_in(journal: Path) -> int:
    """The samples in a journal that is being written, whose header may be behind."""
    try:
        return max(0, journal.stat().st_size - HEADER_BYTES) // SAMPLE_BYTES
    except OSError:
        return 0


def free_number(folder: Path, number: int) -> int:
    """The first number from this one on that has no recording yet."""
    while journal_path(folder, number).exists():
        number += 1
    return number


def _is_header(start: bytes) -> bool:
    """Whether it is a journal's header, not that of another program's WAV file, which
    has its sizes elsewhere."""
    if len(start) < HEADER_BYTES:
        return False
    (rate_hz,) = struct.unpack_from("<I", start, 24)
    sizes = (slice(4, 8), slice(46, 50), slice(54, 58))
    found, ours = bytearray(start), bytearray(_header(min(rate_hz, MAX_RATE_HZ), 0))
    for size in sizes:
        found[size] = ours[size] = bytes(4)
    return found == ours


def _ends(file: int, data_bytes: int, size: int) -> tuple[int, int]:
    """Where a recording's samples end, and where the chunks end that follow them. They
    may have reached the disk before the header that counts all samples did."""
    if data_bytes == ENDLESS:  # it has none
        return size, size
    begin = max(HEADER_BYTES + data_bytes, size - _MAX_CUES_BYTES)
    begin -= (begin - HEADER_BYTES) % SAMPLE_BYTES
    tail = os.pread(file, max(0, size - begin), begin)
    at = tail.find(_CUES)
    while at >= 0:
        if at % SAMPLE_BYTES == 0 and len(tail) >= at + 12:
            length, count = struct.unpack_from("<II", tail, at + 4)
            if count > 0 and length == 4 + _CUE_BYTES * count:
                is_whole = begin + at + 8 + length < size
                return begin + at, size if is_whole else begin + at
        at = tail.find(_CUES, at + 1)
    return size, size


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
