"""Ogg pages: missing ones are reported, and later sound keeps its position."""

import io
from pathlib import Path

import numpy as np
import pytest

from mica.audio import files
from mica.audio.ogg import holes, links
from support.av_files import RATE_HZ, Track, write_tracks

CODECS = {"opus": "libopus", "ogg": "vorbis", "oga": "flac"}
LENGTH_S = 12
PITCHES_HZ = [300 + 70 * second for second in range(LENGTH_S)]


def scale(rate_hz: int) -> np.ndarray:
    """Tones with a different pitch in each second."""
    at = np.arange(rate_hz) / rate_hz
    return np.concatenate([np.sin(2 * np.pi * hz * at) / 4 for hz in PITCHES_HZ])


def written(path: Path) -> Path:
    both = np.repeat(scale(RATE_HZ)[:, None], 2, axis=1)  # FFmpeg's Vorbis is stereo
    track = Track([(0.0, both)], layout="stereo")
    return write_tracks(path, track, codec=CODECS[path.suffix[1:]])


def seconds(samples: np.ndarray) -> list[int | None]:
    """For each second, which second of the scale it contains; None if none."""
    found: list[int | None] = []
    for start in range(0, len(samples) - 15_000, 16_000):
        middle = samples[start + 4_000 : start + 12_000]
        hz = np.abs(np.fft.rfft(middle)).argmax() * 2.0
        nearest = round((hz - 300) / 70)
        is_tone = np.abs(middle).mean() > 0.05 and abs(hz - 300 - 70 * nearest) < 15
        found.append(nearest if is_tone else None)
    return found


def pages(data: bytes) -> list[tuple[int, int]]:
    found, at = [], 0
    while at < len(data):
        table = data[at + 27 : at + 27 + data[at + 26]]
        found.append((at, at + 27 + len(table) + sum(table)))
        at = found[-1][1]
    return found


def damaged(data: bytes, damage: str) -> bytes:
    """A file with its middle pages removed, or with bytes in them changed."""
    middle = [page for page in pages(data) if 0.4 < page[0] / len(data) < 0.6]
    start, stop = middle[0][0], middle[-1][1]
    if damage == "cut":
        return data[:start] + data[stop:]
    changed = bytearray(data)
    if damage == "zeros":
        changed[start + 40 : stop - 40] = bytes(stop - start - 80)
    for first, last in middle:
        changed[(first + last) // 2] ^= 0x55
    return bytes(changed)


@pytest.mark.parametrize("ending", CODECS)
@pytest.mark.parametrize("damage", ["cut", "zeros", "bits"])
def test_missing_pages_are_reported_and_the_rest_keeps_its_position(
    tmp_path, ending, damage
):
    path = written(tmp_path / f"a.{ending}")
    path.write_bytes(damaged(path.read_bytes(), damage))
    with files.opened(path) as sound:
        decoded = seconds(np.concatenate(list(sound.pieces())))
        [note] = sound.notes
    assert note.startswith(f"1 place of a.{ending} could not be read (0:0")
    assert len(decoded) == LENGTH_S
    assert all(second in (None, at) for at, second in enumerate(decoded)), decoded
    assert decoded.count(None) in range(1, 7)
    assert decoded[:3] == [0, 1, 2]
    assert decoded[-2:] == [10, 11]


@pytest.mark.parametrize("ending", CODECS)
def test_complete_file_has_no_gaps(tmp_path, ending):
    file = io.BytesIO(written(tmp_path / f"a.{ending}").read_bytes())
    file.seek(5)
    assert holes(file) == []
    assert file.tell() == 5  # FFmpeg continues from here
    assert links(file) == [0]


def test_pages_without_numbers_are_not_missing(tmp_path):
    """Some programs do not number pages; their checksums may be right or wrong."""
    data = written(tmp_path / "a.opus").read_bytes()
    numbered = bytearray(data)
    for start, _ in pages(data):
        numbered[start + 18 : start + 22] = bytes(4)
    assert holes(io.BytesIO(numbered)) == []
