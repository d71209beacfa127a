"""Sound files: every usual kind is read, every bad one is named."""

from pathlib import Path

import numpy as np
import pytest

from mica.audio import files
from mica.errors import AudioFileError
from wav_files import tone, write_wav


def whole(path: Path) -> np.ndarray:
    return np.concatenate(list(files.read(path)))


@pytest.mark.parametrize("kind", ["u8", "s16", "s24", "f32"])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 96_000])
def test_every_depth_and_rate_gives_the_same_tone(tmp_path, kind, rate_hz):
    path = write_wav(tmp_path / "a.wav", tone(1.0, rate_hz), rate_hz, kind)
    samples = whole(path)
    assert samples.dtype == np.float32
    assert abs(len(samples) - 16_000) <= 16
    middle = samples[4_000:12_000]
    loudest = np.abs(np.fft.rfft(middle)).argmax() * 16_000 / len(middle)
    assert abs(loudest - 440) < 3
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.02)  # 8 bits are coarse


def test_stereo_is_averaged(tmp_path):
    stereo = tone(0.5, 16_000, channels=2)
    stereo[:, 1] = -stereo[:, 1]
    path = write_wav(tmp_path / "a.wav", stereo, 16_000)
    assert np.abs(whole(path)).max() < 1e-3


def test_the_length_is_known_beforehand(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(2.0, 8_000), 8_000)
    assert files.duration_s(path) == pytest.approx(2.0, abs=0.01)


def bad_files(folder: Path) -> dict[str, Path]:
    nan = tone(0.5, 16_000)
    nan[4_000] = np.nan
    noise = folder / "noise.wav"
    noise.write_bytes(np.random.default_rng(1).bytes(5_000))
    nothing = folder / "nothing.wav"
    nothing.write_bytes(b"")
    return {
        "too short": write_wav(folder / "short.wav", tone(0.05, 16_000), 16_000),
        "holds no sound": write_wav(folder / "none.wav", tone(0, 16_000), 16_000),
        "no samples": write_wav(folder / "nan.wav", nan, 16_000, "f32"),
        "cannot be read": noise,
        "read.": nothing,
        "does not exist": folder / "missing.wav",
        "is a folder": folder,
    }


@pytest.mark.parametrize(
    "words",
    ["too short", "holds no sound", "no samples", "cannot be read", "read.",
     "does not exist", "is a folder"],
)  # fmt: skip
def test_a_bad_file_is_one_clear_line(tmp_path, words):
    with pytest.raises(AudioFileError) as caught:
        whole(bad_files(tmp_path)[words])
    assert words in caught.value.line()
    assert caught.value.remedy
    assert "\n" not in caught.value.line()
