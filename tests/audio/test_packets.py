"""Damage that FFmpeg skips silently, in all containers: reported, and times kept."""

from pathlib import Path

import numpy as np
import pytest

from mica.audio import files
from support.av_files import RATE_HZ, Track, write_tracks

LENGTH_S = 12
CODECS = {
    "ac3": ("ac3", RATE_HZ),
    "eac3": ("eac3", RATE_HZ),
    "aac": ("aac", RATE_HZ),
    "mp3": ("libmp3lame", RATE_HZ),
    "mp2": ("mp2", RATE_HZ),
    "avi": ("libmp3lame", RATE_HZ),
    "wma": ("wmav2", 44_100),
    "wtv": ("mp2", RATE_HZ),
    "flv": ("libmp3lame", 44_100),
    "nut": ("libmp3lame", RATE_HZ),
    "mka": ("ac3", RATE_HZ),
    "ts": ("ac3", RATE_HZ),
    "mpg": ("mp2", RATE_HZ),
    "wv": ("wavpack", RATE_HZ),
    "tta": ("tta", RATE_HZ),
}
IN_CLUSTERS = ["nut", "mka"]  # clusters of seconds; FFmpeg resumes at the next one
WITH_TIMES = ["wma", "wtv", "flv", "nut", "mka", "ts", "mpg"]


def scale(rate_hz: int) -> np.ndarray:
    """Tones with a different pitch in each second, plus a little noise."""
    at = np.arange(rate_hz) / rate_hz
    pitches = [300 + 70 * second for second in range(LENGTH_S)]
    tones = np.concatenate([np.sin(2 * np.pi * hz * at) / 4 for hz in pitches])
    return tones + np.random.default_rng(1).uniform(-0.01, 0.01, len(tones))


def seconds(samples: np.ndarray) -> list[int | None]:
    """For each second, which second of the scale it contains; None if none."""
    found: list[int | None] = []
    for start in range(0, len(samples) - 15_000, 16_000):
        middle = samples[start + 3_000 : start + 13_000]
        hz = np.abs(np.fft.rfft(middle)).argmax() * 16_000 / len(middle)
        nearest = round((hz - 300) / 70)
        is_tone = np.abs(middle).mean() > 0.05 and abs(hz - 300 - 70 * nearest) < 15
        found.append(nearest if is_tone else None)
    return found


def written(path: Path, *, video: bool = False) -> Path:
    codec, rate_hz = CODECS[path.suffix[1:]]
    track = Track([(0.0, scale(rate_hz))], rate_hz)
    return write_tracks(path, track, codec=codec, video=video)


def decoded(path: Path) -> tuple[list[int | None], list[str]]:
    with files.opened(path) as sound:
        return seconds(np.concatenate(list(sound.pieces()))), sound.notes


def overwritten(path: Path, how: str) -> Path:
    """The file with 8 % of its bytes overwritten, from 4.8 s on."""
    data = bytearray(path.read_bytes())
    start, size = round(0.4 * len(data)), round(0.08 * len(data))
    filling = bytes(size) if how == "zeros" else np.random.default_rng(2).bytes(size)
    data[start : start + size] = filling
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("ending", CODECS)
def test_a_whole_file_has_no_notes(tmp_path, ending):
    pitches, notes = decoded(written(tmp_path / f"a.{ending}"))
    assert pitches[:LENGTH_S] == list(range(LENGTH_S))
    assert notes == []


@pytest.mark.parametrize("how", ["zeros", "noise"])
@pytest.mark.parametrize("ending", CODECS)
def test_overwritten_parts_are_reported_and_the_rest_keeps_its_time(
    tmp_path, ending, how
):
    pitches, notes = decoded(overwritten(written(tmp_path / f"a.{ending}"), how))
    assert len(notes) == 1
    assert f"of a.{ending} could not be read (0:0" in notes[0]
    assert pitches[:4] == [0, 1, 2, 3]
    later = list(enumerate(pitches))[6:]
    assert all(second in (None, at) for at, second in later), pitches
    assert pitches[10:LENGTH_S] == [10, 11]
    assert pitches[7:10] == [7, 8, 9] or ending in IN_CLUSTERS


@pytest.mark.parametrize("how", ["zeros", "noise"])
def test_video_in_an_avi_keeps_its_time(tmp_path, how):
    pitches, notes = decoded(overwritten(written(tmp_path / "a.avi", video=True), how))
    assert len(notes) == 1
    assert pitches[:4] == [0, 1, 2, 3]
    assert pitches[7:LENGTH_S] == [7, 8, 9, 10, 11]


def test_an_avi_without_an_index_keeps_its_time_by_its_bytes(tmp_path):
    path = written(tmp_path / "a.avi")
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"idx1")])
    pitches, notes = decoded(overwritten(path, "zeros"))
    assert len(notes) >= 1
    assert pitches[7:LENGTH_S] == [7, 8, 9, 10, 11]


@pytest.mark.parametrize("ending", WITH_TIMES)
def test_a_pause_of_the_recording_is_no_damage(tmp_path, ending):
    codec, rate_hz = CODECS[ending]
    pieces = scale(rate_hz)
    parts = [(0.0, pieces[: 4 * rate_hz]), (7.0, pieces[7 * rate_hz :])]
    path = write_tracks(tmp_path / f"a.{ending}", Track(parts, rate_hz), codec=codec)
    pitches, notes = decoded(path)
    assert notes == []
    assert pitches[7:LENGTH_S] == [7, 8, 9, 10, 11]


def test_tags_in_the_middle_are_not_damage(tmp_path):
    """Streams that name each song have such tags, and so do HLS segments."""
    path = written(tmp_path / "a.aac")
    data = path.read_bytes()
    middle = data.index(b"\xff\xf1", len(data) // 2)
    tag = b"ID3\x04\0\0\0\0\x02\0" + bytes(256)
    path.write_bytes(data[:middle] + tag + data[middle:])
    assert decoded(path)[0][:LENGTH_S] == list(range(LENGTH_S))


def test_frames_with_a_wrong_checksum_are_reported(tmp_path):
    path = written(tmp_path / "a.ac3")
    data = bytearray(path.read_bytes())
    for at in range(100):
        data[len(data) // 2 + at * 7] ^= 0x10
    path.write_bytes(data)
    _, [note] = decoded(path)
    assert note.startswith("1 place of a.ac3 could not be read (0:0")
