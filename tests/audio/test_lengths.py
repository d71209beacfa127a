"""A file that was cut off says so; one whose length nobody knows says nothing."""

import struct
from pathlib import Path

import numpy as np
import pytest

from av_files import RATE_HZ, Track, write_tracks
from mica.audio import files
from wav_files import tone, write_caf, write_wav


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
    """A WAV file whose chunk of samples has that size in its header."""
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
     ("flac", "flac"), ("mka", "pcm_s16le")],
)  # fmt: skip
def test_other_files_that_were_cut_off_say_so(tmp_path, ending, codec):
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (10 * RATE_HZ, 1))
    track = Track([(0.0, noise)])
    path = write_tracks(tmp_path / f"a.{ending}", track, codec=codec)
    assert not [note for note in notes(path) if "should be" in note]
    said = [note for note in notes(cut(path)) if "should be" in note]
    assert len(said) == 1
    assert "it should be 0:10 long" in said[0]


@pytest.mark.parametrize("size", [0, 0x7FFF_F000, 0x8000_0000, 0xFFFF_FFFF])
def test_a_length_that_nobody_knew_is_no_claim(tmp_path, size):
    path = write_wav(tmp_path / "a.wav", tone(10.0, 8_000), 8_000)
    assert not [note for note in notes(with_size(path, size)) if "should" in note]


def test_a_second_less_is_no_matter(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(10.0, 8_000), 8_000)
    assert notes(cut(path, 0.92)) == []


@pytest.mark.parametrize("ending", ["wav", "aiff", "m4a"])
@pytest.mark.parametrize("second", ["wav", "m4a", "flac", "mp3"])
def test_another_file_behind_one_is_told(tmp_path, ending, second):
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (3 * RATE_HZ, 1))
    codecs = {"wav": "pcm_s16le", "aiff": "pcm_s16be", "flac": "flac"}

    def make(name: str) -> Path:
        codec = codecs.get(name.partition(".")[2])
        return write_tracks(tmp_path / name, Track([(0.0, noise)]), codec=codec)

    path, other = make(f"a.{ending}"), make(f"b.{second}")
    assert notes(path) == []
    path.write_bytes(path.read_bytes() + other.read_bytes())
    assert f"joined to a.{ending} at 0:03 could not be read" in notes(path)[-1]
