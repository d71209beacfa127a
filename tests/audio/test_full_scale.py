"""Float samples at any scale, and with outliers."""

import numpy as np
import pytest

from mica.audio.downmix import FullScale

STRETCH = 1024


def signal(seconds: float = 1.0) -> np.ndarray:
    """Noise that grows from silence to half of full scale; float32 (n, 1)."""
    count = round(seconds * 16_000)
    noise = np.random.default_rng(1).standard_normal(count)
    swells = np.linspace(1e-4, 1, count) * noise / np.abs(noise).max() / 2
    return swells.astype(np.float32)[:, None]


def scaled(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    full = FullScale()
    parts = range(0, len(samples), STRETCH)
    pairs = [full.push(samples[at : at + STRETCH]) for at in parts]
    out, are = zip(*pairs, strict=True)
    return np.concatenate(out), np.concatenate(are)


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_integers_as_floats_are_full_scale_from_their_silence_on(bits):
    whole = np.round(signal() * 2.0 ** (bits - 1)).astype(np.float32)
    samples, are_sound = scaled(whole)
    assert are_sound.all()
    assert np.abs(samples[STRETCH:] - signal()[STRETCH:]).max() < 1e-4
    assert np.abs(samples[:STRETCH]).max() < 0.1


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_resampled_integers_are_full_scale_too(bits):
    samples, are_sound = scaled(signal() * np.float32(2.0 ** (bits - 1) + 0.3))
    assert are_sound.mean() > 0.99
    assert np.abs(samples[8_000:] - signal()[8_000:]).max() < 1e-4


@pytest.mark.parametrize("wild", [1e4, -1e10, 1e30, 3e38, np.inf, np.nan])
@pytest.mark.parametrize("count", [1, 5, 300])
def test_outlier_samples_are_replaced(wild, count):
    samples = signal()
    samples[9_000 : 9_000 + count] = wild
    out, are_sound = scaled(samples)
    assert (~are_sound).sum() == count
    assert (out[are_sound] == samples[are_sound]).all()
    assert not out[~are_sound].any()


def test_block_of_random_bits_is_replaced():
    samples = signal()
    random = np.random.default_rng(2).bytes(4 * STRETCH)
    samples[5 * STRETCH : 6 * STRETCH, 0] = np.frombuffer(random, "<f4")
    out, _ = scaled(samples)
    assert (out[6 * STRETCH :] == samples[6 * STRETCH :]).all()


@pytest.mark.parametrize("level", [1.0, 2.0, 20.0])
def test_samples_over_full_scale_stay_unchanged(level):
    hot = signal() * np.float32(level)
    out, are_sound = scaled(hot)
    assert are_sound.all()
    assert (out == hot).all()


def test_burst_of_outliers_in_digital_silence_is_replaced():
    samples = signal()
    samples[:STRETCH] = 0
    samples[500:600] = 10_000
    out, are_sound = scaled(samples)
    assert (~are_sound).sum() == 100
    assert (out[STRETCH:] == samples[STRETCH:]).all()


def test_integer_silence_with_clicks_loses_nothing():
    """The start of a recording: mostly 0, some 1 and 2, and mouse clicks."""
    rng = np.random.default_rng(1)
    whole = rng.choice([0, 0, 0, 0, 1, -1, 2], STRETCH).astype(np.float32)
    whole[300:310] = 900
    samples, are_sound = FullScale().push(whole)
    assert are_sound.all()
    assert (samples == whole / 32_768).all()
