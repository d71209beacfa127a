"""The journal keeps the recording, even after a crash or on a full disk."""

import os

import av
import numpy as np
import pytest

from mica.audio import files
from mica.audio.journal import HEADER_BYTES, Journal, extent, prune, recover
from mica.errors import JournalError

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


def test_full_disk_is_reported_and_written_samples_stay():
    with pytest.raises(JournalError, match="No space left"):
        Journal(FullDisk("/dev/full"), 16_000)


class FullDisk:
    """A journal on /dev/full, which exists already: so no exclusive creation."""

    def __init__(self, path: str) -> None:
        self._path = path

    def open(self, mode: str, buffering: int):
        del mode
        return open(self._path, "wb", buffering=buffering)  # noqa: PTH123


def test_a_recording_is_never_overwritten(tmp_path):
    Journal.open(tmp_path, 7, 16_000).close()
    with pytest.raises(JournalError, match="File exists"):
        Journal.open(tmp_path, 7, 16_000)


def test_the_newest_recordings_are_kept(tmp_path):
    for utterance in range(5):
        Journal.open(tmp_path, utterance, 16_000).close()
    prune(tmp_path, count=2)
    assert [p.name for p in sorted(tmp_path.iterdir())] == [
        "00000003.wav",
        "00000004.wav",
    ]


def test_total_size_of_recordings_is_limited(tmp_path):
    for utterance in range(4):
        (tmp_path / f"{utterance:08d}.wav").write_bytes(bytes(100))
    prune(tmp_path, most_bytes=250)
    assert [p.name for p in sorted(tmp_path.iterdir())] == [
        "00000002.wav",
        "00000003.wav",
    ]


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
