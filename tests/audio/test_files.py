"""Sound files: all common formats are read; bad files get a specific message."""

from pathlib import Path

import av
import numpy as np
import pytest

from mica.audio import files
from mica.errors import AudioFileError
from support.av_files import RATE_HZ, Track, write_tracks
from support.wav_files import tone, write_caf, write_wav


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


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 7, 8, 9, 16, 24, 32, 65, 100])
@pytest.mark.parametrize("kind", ["s16", "f32"])
def test_any_number_of_channels_is_mixed_to_one(tmp_path, channels, kind):
    path = write_wav(tmp_path / "a.wav", tone(0.5, 16_000, channels), 16_000, kind)
    assert np.abs(whole(path)).max() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("layout", ["7.1", "22.2", "octagonal", "hexadecagonal"])
def test_planar_channels_of_any_number_are_one(tmp_path, layout):
    signal = tone(0.5, RATE_HZ, len(av.AudioLayout(layout).channels))
    track = Track([(0.0, signal)], layout=layout)
    path = write_tracks(tmp_path / "a.wv", track, codec="wavpack")
    assert np.abs(whole(path)).max() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("labels", [[2, 1], [6, 5, 4, 3, 2, 1, 8, 7], [3, 3, 3]])
def test_channels_in_an_order_of_the_files_own_are_read(tmp_path, labels):
    """PyAV 18.1 frees such a layout twice, which may crash; the file is read anyway."""
    path = write_caf(tmp_path / "a.caf", tone(0.5, 16_000, len(labels)), labels)
    assert np.abs(whole(path)).max() == pytest.approx(0.5, abs=0.01)


def test_an_inverted_channel_silences_nothing(tmp_path):
    stereo = tone(0.5, 16_000, channels=2)
    stereo[:, 1] = -stereo[:, 1]
    path = write_wav(tmp_path / "a.wav", stereo, 16_000)
    assert np.abs(whole(path)).max() == pytest.approx(0.5, abs=0.01)


def test_nan_samples_are_replaced_by_silence(tmp_path):
    holed = tone(3.0, 16_000)
    holed[32_000:32_010] = np.nan
    path = write_wav(tmp_path / "nan.wav", holed, 16_000, "f32")
    with files.opened(path) as sound:
        samples = np.concatenate(list(sound.pieces()))
    assert len(samples) == 48_000
    assert np.isfinite(samples).all()
    assert (samples == holed[:, 0].astype(np.float32)).sum() == 48_000 - 10
    assert len(sound.notes) == 1
    assert "1 place of nan.wav could not be read (0:0" in sound.notes[0]


def test_integers_stored_as_floats_are_scaled_down_and_reported(tmp_path):
    whole_numbers = np.round(tone(1.0, 16_000) * 32_768)
    path = write_wav(tmp_path / "loud.wav", whole_numbers, 16_000, "f32")
    with files.opened(path) as sound:
        samples = np.concatenate(list(sound.pieces()))
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.01)
    assert ["loud.wav is far too loud" in note for note in sound.notes] == [True]


@pytest.mark.parametrize("wild", [1e4, 3e38])
def test_single_outlier_sample_is_replaced(tmp_path, wild):
    spoilt = tone(1.0, 44_100, channels=2)
    spoilt[22_050, 0] = wild
    path = write_wav(tmp_path / "wild.wav", spoilt, 44_100, "f32")
    with files.opened(path) as sound:
        samples = np.concatenate(list(sound.pieces()))
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.05)
    assert "1 place of wild.wav could not be read (0:0" in sound.notes[0]


def test_the_length_is_known_beforehand(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(2.0, 8_000), 8_000)
    with files.opened(path) as sound:
        assert sound.duration_s == pytest.approx(2.0, abs=0.01)


def test_slightly_truncated_file_is_reported_with_its_length(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(0.0999, 10_000), 10_000)
    with pytest.raises(AudioFileError, match=r"too short \(99 ms\)"):
        whole(path)


def bad_files(folder: Path) -> dict[str, Path]:
    nan = np.full((8_000, 1), np.nan)
    noise = folder / "noise.wav"
    noise.write_bytes(np.random.default_rng(1).bytes(5_000))
    nothing = folder / "nothing.wav"
    nothing.write_bytes(b"")
    return {
        "too short": write_wav(folder / "short.wav", tone(0.05, 16_000), 16_000),
        "contains no sound": write_wav(folder / "none.wav", tone(0, 16_000), 16_000),
        "audio samples": write_wav(folder / "nan.wav", nan, 16_000, "f32"),
        "cannot be read": noise,
        "is empty.": nothing,
        "does not exist": folder / "missing.wav",
        "is a folder": folder,
    }


@pytest.mark.parametrize("rate_hz", [1, 999])
def test_a_rate_too_low_for_speech_is_refused(tmp_path, rate_hz):
    path = write_wav(tmp_path / "slow.wav", tone(2.0, 16_000), rate_hz)
    with pytest.raises(AudioFileError, match=f"{rate_hz} samples per second"):
        whole(path)


@pytest.mark.parametrize(
    "words",
    ["too short", "contains no sound", "audio samples", "cannot be read", "is empty.",
     "does not exist", "is a folder"],
)  # fmt: skip
def test_unreadable_file_is_one_error_line(tmp_path, words):
    with pytest.raises(AudioFileError) as caught:
        whole(bad_files(tmp_path)[words])
    assert words in caught.value.line()
    assert caught.value.remedy
    assert "\n" not in caught.value.line()
