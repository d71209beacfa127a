"""Concatenated sound files are read to the end of the last one."""

import io
import re
from pathlib import Path

import numpy as np
import pytest

from mica.audio import files
from mica.audio.joined import recordings
from support.av_files import RATE_HZ, Track, write_tracks

CODECS = {
    "wav": "pcm_s16le",
    "aiff": "pcm_s16be",
    "caf": "pcm_s16le",
    "w64": "pcm_s16le",
    "wma": "wmav2",
    "flv": "aac",
    "tta": "tta",
    "mka": "libopus",
    "wv": "wavpack",
    "avi": "libmp3lame",
    "au": "pcm_s16be",
    "nut": "libmp3lame",
    "wtv": "mp2",
    "ts": "mp2",
    "mpg": "mp2",
    "vob": "ac3",
    "ac3": "ac3",
}
ENDED = ["mka", "wv", "avi", "au", "nut", "wtv", "ts", "mpg", "vob"]
APPENDED = ["wav", "m4a", "flac", "mp3", "opus", "wma"]
NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, (2 * RATE_HZ, 1))


def made(path: Path) -> bytes:
    """Two seconds of noise, at the rate that the container requires."""
    rate_hz = 44_100 if path.suffix in (".flv", ".wma") else RATE_HZ
    samples = NOISE[: 2 * rate_hz]
    track = Track([(0.0, samples)], rate_hz)
    write_tracks(path, track, codec=CODECS.get(path.suffix[1:]))
    return path.read_bytes()


def decoded(path: Path) -> tuple[np.ndarray, list[str]]:
    with files.opened(path) as sound:
        return np.concatenate(list(sound.pieces())), sound.notes


@pytest.mark.parametrize("second", APPENDED)
@pytest.mark.parametrize(
    "first",
    ["wav", "aiff", "m4a", "flac", "opus", "mp3", "wma", "caf", "w64", "flv", "tta"],
)
def test_appended_file_is_decoded(tmp_path, first, second):
    path = tmp_path / f"a.{first}"
    path.write_bytes(made(path) + made(tmp_path / f"b.{second}"))
    samples, notes = decoded(path)
    assert len(samples) == pytest.approx(4 * 16_000, abs=3_000)
    loud = np.abs(samples[: len(samples) // 1600 * 1600]).reshape(-1, 1600).max(axis=1)
    assert (loud[2:-2] > 0.1).mean() > 0.95
    assert notes == [] or first == second == "mp3"  # FFmpeg drops a frame here


@pytest.mark.parametrize("second", ["mka", "wav", "mp3", "ts", "vob"])
@pytest.mark.parametrize("first", ENDED)
def test_data_after_the_end_that_ffmpeg_sees_is_decoded(tmp_path, first, second):
    path = tmp_path / f"a.{first}"
    path.write_bytes(made(path) + made(tmp_path / f"b.{second}"))
    samples, _ = decoded(path)
    assert 3.8 < len(samples) / 16_000 < 4.6  # timestamps may start anywhere
    loud = np.abs(samples[: len(samples) // 1600 * 1600]).reshape(-1, 1600).max(axis=1)
    assert (loud[2:-2] > 0.1).mean() > 0.85


@pytest.mark.parametrize("ending", ENDED)
def test_two_files_of_one_kind_are_decoded(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(made(path) * 2)
    assert len(decoded(path)[0]) == pytest.approx(4 * 16_000, abs=3_000)


@pytest.mark.parametrize("first", ["wav", "mka", "opus", "avi", "m4a", "ts"])
def test_unknown_appended_data_is_reported_with_its_size(tmp_path, first):
    path = tmp_path / f"a.{first}"
    path.write_bytes(made(path) + np.random.default_rng(3).bytes(30_000))
    samples, notes = decoded(path)
    assert len(samples) == pytest.approx(2 * 16_000, abs=2_000)
    notes_of_rest = [note for note in notes if "KB" in note]
    assert len(notes_of_rest) == 1
    end = rf"3\d KB after the end of a\.{first} \(0:02\) could not be read\."
    assert re.fullmatch(end, notes_of_rest[0])


@pytest.mark.parametrize("ending", ["wav", "mka", "avi", "m4a"])
def test_zeros_and_tags_after_the_end_are_ignored(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    whole = made(path)
    for rest in (bytes(100_000), b"TAG" + b"x" * 9_000):
        path.write_bytes(whole + rest)
        assert decoded(path)[1] == []


def test_three_joined_files_are_decoded(tmp_path):
    path = tmp_path / "a.wma"
    path.write_bytes(made(path) + made(tmp_path / "b.flac") + made(tmp_path / "c.wma"))
    assert len(decoded(path)[0]) == pytest.approx(6 * 16_000, abs=4_000)


def test_unreadable_joined_file_is_noted_with_its_time(tmp_path):
    path = tmp_path / "a.wav"
    other = made(tmp_path / "b.flac")
    path.write_bytes(made(path) + other[:8] + bytes(len(other)))
    samples, notes = decoded(path)
    assert len(samples) == 2 * 16_000
    assert notes == ["Another recording joined to a.wav at 0:02 could not be read."]


@pytest.mark.parametrize(
    "ending",
    ["wav", "aiff", "m4a", "flac", "opus", "oga", "mp3", "wma", "caf", "w64", "mkv",
     *ENDED],
)  # fmt: skip
def test_single_file_is_one_part(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    codecs = {**CODECS, "oga": "flac", "mkv": "flac"}
    if ending == "wma":
        made(path)
    else:
        write_tracks(path, Track([(0.0, NOISE)]), codec=codecs.get(ending))
    assert recordings(io.BytesIO(path.read_bytes())) == [0]


@pytest.mark.parametrize("ending", ["mp3", "aac"])
def test_tags_in_the_middle_are_not_joined_files(tmp_path, ending):
    """Streams that name each song have such tags, and so do HLS segments."""
    one = made(tmp_path / f"a.{ending}")
    tag = b"ID3\x04\0\0\0\0\x10\0" + bytes(2048)
    assert recordings(io.BytesIO(one + tag + one + tag + bytes(9000))) == [0]


def test_tag_after_the_end_is_not_a_recording(tmp_path):
    data = made(tmp_path / "a.wav") + b"ID3\x04\0\0\0\1\0\0" + bytes(16_384)
    assert recordings(io.BytesIO(data)) == [0]


def test_avi_of_several_riff_chunks_is_one_file():
    piece = b"RIFF\x00\x40\0\0AVI " + bytes(0x4000 - 4)
    assert recordings(io.BytesIO(piece + piece.replace(b"AVI ", b"AVIX"))) == [0]


@pytest.mark.parametrize("size", [0, 8, 100, 2**31, 2**32 - 1])
def test_wrong_size_in_the_header_cuts_off_nothing(tmp_path, size):
    data = bytearray(made(tmp_path / "a.wav"))
    data[4:8] = size.to_bytes(4, "little")
    assert recordings(io.BytesIO(data)) == [0]
