"""The journal keeps the recording, even after a crash or on a full disk."""

import errno
import os
import subprocess
import sys
import threading
import wave

import av
import numpy as np
import pytest

from mica import atomic
from mica.audio import files
from mica.audio import journal as journals
from mica.audio.journal import (
    HEADER_BYTES,
    Journal,
    extent,
    is_recorded_now,
    recover,
    remove,
)
from mica.errors import JournalError
from support.fakes import LIMIT_S

SECOND = np.sin(np.arange(16_000) / 9).astype("<f4")


def test_appended_samples_can_be_read_again(tmp_path):
    journal = Journal.open(tmp_path, 7, 16_000)
    for piece in np.array_split(SECOND, 13):
        journal.append(piece.tobytes())
    journal.close()
    assert np.array_equal(np.concatenate(list(files.read(journal.path))), SECOND)


def test_journal_survives_a_crash(tmp_path):
    journal = Journal.open(tmp_path, 7, 16_000)
    journal.append(SECOND.tobytes())
    journal.append(SECOND[:100].tobytes() + b"\1\2")  # half a sample, and no close()
    assert recover(journal.path) == 16_100
    read = np.concatenate(list(files.read(journal.path)))
    assert np.array_equal(read, np.concatenate([SECOND, SECOND[:100]]))


def test_full_disk_is_reported_and_written_samples_stay(tmp_path):
    full = open("/dev/full", "wb", buffering=0)  # noqa: PTH123, SIM115
    with pytest.raises(JournalError, match="No space left"):
        Journal(full, tmp_path / "1.wav", 16_000)


def test_a_recording_is_never_overwritten(tmp_path):
    Journal.open(tmp_path, 7, 16_000).close()
    with pytest.raises(FileExistsError):
        Journal.open(tmp_path, 7, 16_000)
    assert Journal.open_next(tmp_path, 7, 16_000).path.name == "00000008.wav"


def test_a_recording_of_over_4_gb_is_read_to_its_end(tmp_path):
    journal = Journal.open(tmp_path, 7, 16_000)
    journal.append(SECOND.tobytes())
    silence = 1 << 32
    os.lseek(journal._file.fileno(), silence, os.SEEK_CUR)  # a hole, as if appended
    journal._written += silence
    journal.append(SECOND.tobytes())
    journal.add_cue(8_000, "has no place in it")
    size = journal.path.stat().st_size
    samples = (size - HEADER_BYTES) // 4
    assert size > 1 << 32 and extent(journal.path) == (16_000, samples)
    journal.close()
    assert recover(journal.path) == samples
    assert extent(journal.path) == (16_000, samples)
    assert journal.path.stat().st_size == size
    with av.open(str(journal.path)) as file:  # FFmpeg reads it to its end, too
        assert file.duration / av.time_base == pytest.approx(samples / 16_000, abs=0.1)
    last = np.fromfile(journal.path, "<f4", offset=size - SECOND.nbytes)
    assert np.array_equal(last, SECOND)


def test_cue_point_is_read_back_and_is_not_sound(tmp_path):
    journal = Journal.open(tmp_path, 7, 16_000)
    journal.append(SECOND.tobytes())
    journal.add_cue(8_000, "another microphone")
    journal.close()
    data = journal.path.read_bytes()
    assert np.array_equal(np.concatenate(list(files.read(journal.path))), SECOND)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    cue = data.index(b"cue ")
    assert int.from_bytes(data[cue + 32 : cue + 36], "little") == 8_000
    assert b"another microphone\0" in data[cue:]
    assert recover(journal.path) == 16_000
    assert journal.path.read_bytes() == data


def test_a_recording_cut_at_any_byte_of_its_last_second_is_repaired(tmp_path):
    """As a power failure leaves it: the header is on the disk, or an older one."""
    rate_hz, quiet = 1_000, SECOND[:1_000]
    journal = Journal.open(tmp_path, 7, rate_hz)
    for piece in np.array_split(np.concatenate([quiet, quiet]), 32):
        journal.append(piece.tobytes())
    headers = [header_of(journal.path)]
    journal.close()
    headers.append(header_of(journal.path))
    content, size = journal.path.read_bytes(), journal.path.stat().st_size
    first = size - rate_hz * 4
    for header in headers:
        journal.path.write_bytes(header + content[HEADER_BYTES:])
        for cut in range(size, first - 1, -1):
            os.truncate(journal.path, cut)
            samples = (cut - HEADER_BYTES) // 4
            assert recover(journal.path) == samples
            assert extent(journal.path) == (rate_hz, samples)
    content_left = journal.path.read_bytes()
    assert content_left[HEADER_BYTES:] == content[HEADER_BYTES:first]


def header_of(path):
    return path.read_bytes()[:HEADER_BYTES]


@pytest.mark.parametrize("labels", [["another microphone"], ["a", "bcd", "ef"]])
def test_marks_cut_at_any_byte_are_no_sound(tmp_path, labels):
    journal = Journal.open(tmp_path, 7, 16_000)
    journal.append(SECOND[:9_000].tobytes())
    old = header_of(journal.path)  # what reached the disk last: 1000 samples fewer
    journal.append(SECOND[9_000:10_000].tobytes())
    for label in labels:
        journal.add_cue(5_000, label)
    journal.close()
    content = journal.path.read_bytes()
    end = HEADER_BYTES + 40_000
    for header in (old, header_of(journal.path)):
        for cut in range(end, len(content) + 1):
            journal.path.write_bytes(header + content[HEADER_BYTES:cut])
            samples = recover(journal.path)
            # fewer than 12 bytes of a chunk could be samples, too: nearly zeros
            assert samples in (10_000, 10_001, 10_002)
            assert samples == 10_000 or cut < end + 12
            assert extent(journal.path) == (16_000, samples)
            recovered = np.fromfile(journal.path, "<f4", samples - 10_000, offset=end)
            assert np.abs(recovered).max(initial=0) < 1e-15
    assert journal.path.read_bytes() == content


@pytest.mark.parametrize("length", [0, 1, HEADER_BYTES - 1, HEADER_BYTES])
def test_a_recording_cut_in_its_header_has_no_samples(tmp_path, length):
    Journal.open(tmp_path, 7, 16_000).close()
    path = tmp_path / "00000007.wav"
    os.truncate(path, length)
    assert recover(path) == 0 and extent(path)[1] == 0
    assert path.stat().st_size == length


@pytest.mark.parametrize("encoding", ["PCM_16", "PCM_32", "float in stereo"])
def test_a_wav_file_of_another_program_is_not_changed(tmp_path, encoding):
    """Somebody has edited a recording and saved it under its name."""
    path = tmp_path / "00000007.wav"
    journal = Journal.open(tmp_path, 7, 16_000)
    journal.append(SECOND.tobytes())
    journal.close()
    if encoding == "float in stereo":
        data = bytearray(path.read_bytes())
        data[22] = 2
        path.write_bytes(data)
    else:
        width = int(encoding[4:]) // 8
        with wave.open(str(path), "wb") as file:
            file.setparams((1, width, 16_000, 0, "NONE", ""))
            file.writeframes(SECOND.tobytes())
    content = path.read_bytes()
    assert recover(path) == 0 and extent(path) == (0, 0)
    assert path.read_bytes() == content


def test_a_recording_is_flushed_while_it_is_recorded_and_at_its_end(
    tmp_path, monkeypatch
):
    flushed = record_flushes(monkeypatch)
    journal = Journal.open(tmp_path, FLUSHED, 16_000)
    journal.append(SECOND.tobytes())
    assert flushed.wait_for(HEADER_BYTES + SECOND.nbytes)
    journal.append(SECOND.tobytes())
    assert flushed.wait_for(HEADER_BYTES + 2 * SECOND.nbytes)
    journal.append(SECOND.tobytes())
    journal.close()
    assert flushed.wait_for(HEADER_BYTES + 3 * SECOND.nbytes)
    assert flushed.wait_for_end()


def test_a_disk_that_hangs_in_a_flush_delays_no_sample_and_no_end(
    tmp_path, monkeypatch
):
    flushed = record_flushes(monkeypatch, hangs=True)
    journal = Journal.open(tmp_path, FLUSHED, 16_000)
    assert flushed.begun.wait(LIMIT_S)
    journal.append(SECOND.tobytes())
    journal.close()
    assert extent(journal.path) == (16_000, len(SECOND))
    assert not is_recorded_now(journal.path)
    flushed.go_on.set()
    assert flushed.wait_for_end()


def test_failed_flush_is_reported_at_the_next_sample(tmp_path, monkeypatch):
    flushed = record_flushes(monkeypatch, fails=True)
    journal = Journal.open(tmp_path, FLUSHED, 16_000)
    assert flushed.wait_for_end()
    with pytest.raises(JournalError, match="Input/output error"):
        journal.append(SECOND.tobytes())
    journal.close()


FLUSHED = 70  # the number of the recording


class Flushes:
    """The sizes that files had when they were flushed."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.sizes: list[int] = []
        self.hangs = self.fails = False

    def sync(self, opened: int) -> None:
        self.sizes.append(os.fstat(opened).st_size)
        self.begun.set()
        if self.hangs:
            assert self.go_on.wait(LIMIT_S)
        if self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def wait_for(self, size: int) -> bool:
        pause = threading.Event()
        for _ in range(2_000):
            if size in self.sizes:
                return True
            pause.wait(0.01)
        return False

    def wait_for_end(self) -> bool:
        threads = [t for t in threading.enumerate() if t.name == f"sync-{FLUSHED:08d}"]
        for thread in threads:
            thread.join(LIMIT_S)
        return not any(thread.is_alive() for thread in threads)


def record_flushes(monkeypatch, *, hangs=False, fails=False):
    flushes = Flushes()
    flushes.hangs, flushes.fails = hangs, fails
    monkeypatch.setattr(atomic, "sync", flushes.sync)
    monkeypatch.setattr(journals, "SYNC_S", 0.01)
    return flushes


RECORDS = """
import sys
from pathlib import Path
from mica.audio.journal import Journal
folder = Path(sys.argv[1])
named, private = Journal.open(folder, 7, 16_000), Journal.open_private(folder, 16_000)
for journal in (named, private):
    journal.append(b"spoken.." * 100)
print("recorded", flush=True)
input()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that records."""
    with subprocess.Popen(
        [sys.executable, "-c", RECORDS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "recorded\n"
        yield process
        process.kill()


def test_recording_of_another_process_is_detected_until_it_ends(tmp_path, other):
    recording = tmp_path / "00000007.wav"
    assert is_recorded_now(recording)
    other.kill()
    other.wait()
    assert not is_recorded_now(recording) and recover(recording) == 200


def test_a_recording_is_over_for_other_processes_at_once(tmp_path):
    journal = Journal.open(tmp_path, 7, 16_000)
    assert is_recorded_now(journal.path)
    journal.close()
    assert not is_recorded_now(journal.path)
    assert not is_recorded_now(tmp_path / "8.wav")
    os.mkfifo(tmp_path / "9.wav")
    assert not is_recorded_now(tmp_path / "9.wav")


def test_a_private_recording_has_no_file_even_if_its_process_is_killed(tmp_path, other):
    assert [path.name for path in tmp_path.iterdir()] == ["00000007.wav"]
    other.kill()
    other.wait()
    assert [path.name for path in tmp_path.iterdir()] == ["00000007.wav"]


def test_a_private_recording_is_read_like_others_until_it_is_removed(tmp_path):
    journal = Journal.open_private(tmp_path, 16_000)
    journal.append(SECOND.tobytes())
    assert extent(journal.path) == (16_000, len(SECOND))
    journal.append(SECOND.tobytes())
    journal.close()
    with journal.path.open("rb", buffering=0) as file:
        data = os.pread(file.fileno(), 2 * SECOND.nbytes, HEADER_BYTES)
    assert data == 2 * SECOND.tobytes()
    assert extent(journal.path) == (16_000, 2 * len(SECOND))
    remove(journal.path)
    assert extent(journal.path) == (0, 0) and list(tmp_path.iterdir()) == []
