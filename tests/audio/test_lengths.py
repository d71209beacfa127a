"""Truncated files get a note; files of unknown length do not."""

import struct
from pathlib import Path

import numpy as np
import pytest

from mica.audio import files
from support.av_files import RATE_HZ, Track, write_tracks
from support.wav_files import tone, write_caf, write_wav


def notes(path: Path) -> list[str]:
    with files.opened(path) as sound:
        for _ in sound.pieces():
            pass
    return sound.notes


def cut(path: Path, share: float = 0.7) -> Path:
    whole = path.read_bytes()
    path.write_bytes(whole[: round(len(whole) * share)])
    return path


def with_size(path: Path, size: int) -> Path:
    """A WAV file whose header gives this size for the data chunk."""
    whole = path.read_bytes()
    at = whole.index(b"data") + 4
    path.write_bytes(whole[:at] + struct.pack("<I", size) + whole[at + 4 :])
    return path


@pytest.mark.parametrize("kind", ["u8", "s16", "s24", "f32"])
def test_a_wav_file_that_was_cut_off_says_so(tmp_path, kind):
    path = write_wav(tmp_path / "a.wav", tone(10.0, 8_000), 8_000, kind)
    assert notes(path) == []
    assert notes(cut(path)) == ["a.wav ends at 0:07; it should be 0:10 long."]


def test_a_caf_file_that_was_cut_off_says_so(tmp_path):
    path = write_caf(tmp_path / "a.caf", tone(10.0, 16_000), [1])
    assert notes(path) == []
    assert notes(cut(path)) == ["a.caf ends at 0:07; it should be 0:10 long."]


@pytest.mark.parametrize(
    ("ending", "codec"),
    [("w64", "pcm_s16le"), ("aiff", "pcm_s16be"), ("au", "pcm_s16be"),
     ("flac", "flac"), ("mka", "pcm_s16le"), ("mp3", None), ("flv", "libmp3lame"),
     ("wv", "wavpack"),
     ("wav", "adpcm_yamaha"), ("wav", "adpcm_ms"), ("wav", "adpcm_ima_wav")],
)  # fmt: skip
def test_other_files_that_were_cut_off_say_so(tmp_path, ending, codec):
    rate_hz = 44_100 if ending == "flv" else RATE_HZ
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (10 * rate_hz, 1))
    track = Track([(0.0, noise)], rate_hz)
    path = write_tracks(tmp_path / f"a.{ending}", track, codec=codec)
    assert not [note for note in notes(path) if "should be" in note]
    truncations = [note for note in notes(cut(path)) if "should be" in note]
    assert len(truncations) == 1
    assert "it should be 0:10 long" in truncations[0]


@pytest.mark.parametrize(
    ("ending", "codec"),
    [("avi", "pcm_s16le"), ("avi", "libmp3lame"), ("wma", "wmav2"), ("asf", "ac3")],
)
def test_missing_bytes_are_counted_if_the_header_has_the_size(tmp_path, ending, codec):
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (10 * 44_100, 1))
    track = Track([(0.0, noise)], 44_100)
    path = write_tracks(tmp_path / f"a.{ending}", track, codec=codec)
    assert notes(path) == []
    [note] = [note for note in notes(cut(path)) if "missing" in note]
    assert note.startswith(f"a.{ending} ends at 0:07; the last ")


def test_a_wrong_rate_in_the_header_is_no_claim(tmp_path):
    """FFmpeg itself writes a wrong one for ADPCM; the number of samples is decisive."""
    track = Track([(0.0, np.zeros((10 * RATE_HZ, 1)))])
    path = write_tracks(tmp_path / "a.wav", track, codec="adpcm_yamaha")
    data = bytearray(path.read_bytes())
    data[28:32] = struct.pack("<I", 12_000)
    path.write_bytes(data)
    assert not [note for note in notes(path) if "should be" in note]


@pytest.mark.parametrize("size", [0, 0x7FFF_F000, 0x8000_0000, 0xFFFF_FFFF])
def test_unknown_length_in_the_header_is_no_claim(tmp_path, size):
    path = write_wav(tmp_path / "a.wav", tone(10.0, 8_000), 8_000)
    assert not [note for note in notes(with_size(path, size)) if "should" in note]


def test_one_missing_frame_is_not_reported(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(10.0, 8_000), 8_000)
    assert notes(cut(path, 0.995)) == []
    assert notes(cut(path, 0.99)) == ["a.wav is cut off at 0:10."]


def test_a_placeholder_for_the_length_is_no_claim(tmp_path):
    """FFmpeg writes one into Flash without pictures, and into an AVI on a pipe."""
    track = Track([(0.0, np.zeros((10 * 44_100, 1)))], 44_100)
    path = write_tracks(tmp_path / "a.swf", track, codec="libmp3lame")
    assert notes(path) == []
    path = write_tracks(tmp_path / "a.avi", track, codec="libmp3lame")
    data = bytearray(path.read_bytes())
    frames = data.index(b"avih") + 24
    data[4:8], data[frames : frames + 4] = bytes(4), b"\0\0\1\0"
    length = data.index(b"strh") + 40
    data[length : length + 4] = b"\0\0\1\0"
    path.write_bytes(data[: data.rindex(b"idx1")])
    assert not [note for note in notes(path) if "should be" in note]
