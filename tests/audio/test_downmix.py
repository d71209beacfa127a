"""The downmix: no voice cancels, and the result does not depend on the chunks."""

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from mica.audio.downmix import Downmix

RATE_HZ = 16_000
SECONDS = 2


def voice(seed: int = 1) -> np.ndarray:
    """Noise in the speech band, one second loud and one second quiet; float32."""
    noise = np.random.default_rng(seed).standard_normal(SECONDS * RATE_HZ)
    spectrum = np.fft.rfft(noise)
    spectrum[: 300 * SECONDS] = spectrum[3000 * SECONDS :] = 0
    signal = np.fft.irfft(spectrum)
    signal[RATE_HZ:] /= 10
    return (signal / np.abs(signal).max() / 2).astype(np.float32)


def mixed(*channels: np.ndarray) -> np.ndarray:
    down = Downmix(RATE_HZ, len(channels))
    return np.concatenate([down.push(np.stack(channels, axis=1)), down.finish()])


def share(of: np.ndarray, within: np.ndarray) -> float:
    """The share of a signal in a mix, inverted or not: 1 = all of it, 0 = nothing."""
    return abs(float(of @ within / (of @ of)))


def hum(level: float) -> np.ndarray:
    at = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    return (level * np.sin(2 * np.pi * 50 * at)).astype(np.float32)


def test_equal_channels_stay_as_they_are():
    assert np.allclose(mixed(voice(), voice()), voice(), atol=1e-6)


def high(kind: str, rate_hz: int, level: float = 0.4) -> np.ndarray:
    """A tone or noise far above the speech band, at any sampling rate; float32."""
    count = SECONDS * rate_hz
    if kind == "tone":
        at = np.arange(count) / rate_hz
        return (level * np.sin(2 * np.pi * 0.42 * rate_hz * at)).astype(np.float32)
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(count))
    spectrum[: count // 4] = 0
    return (level / 3 * np.fft.irfft(spectrum, count)).astype(np.float32)


@pytest.mark.parametrize("kind", ["tone", "noise"])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_inaudible_sound_in_one_channel_silences_no_voice(kind, rate_hz):
    speech = soxr.resample(voice() / 10, RATE_HZ, rate_hz).astype(np.float32)
    down = Downmix(rate_hz, 2)
    channels = np.stack([high(kind, rate_hz), speech], axis=1)
    mix = np.concatenate([down.push(channels), down.finish()])
    assert share(speech, mix) > 0.4


def test_inaudible_sound_does_not_hide_an_inverted_copy():
    rate_hz = 48_000
    speech = soxr.resample(voice() / 10, RATE_HZ, rate_hz).astype(np.float32)
    common = high("tone", rate_hz)
    down = Downmix(rate_hz, 2)
    channels = np.stack([speech + common, common - speech], axis=1)
    mix = np.concatenate([down.push(channels), down.finish()])
    assert share(speech, mix) > 0.9


def test_two_voices_both_stay_audible():
    one, other = voice(1), voice(2)
    mix = mixed(one, other)
    assert share(one, mix) == pytest.approx(0.5, abs=0.05)
    assert share(other, mix) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("level", [1.0, 0.9, 0.7])
def test_inverted_copy_does_not_cancel_the_sound(level):
    assert share(voice(), mixed(voice(), -level * voice())) == pytest.approx(
        1, abs=0.01
    )
    assert share(voice(), mixed(-level * voice(), voice())) == pytest.approx(
        1, abs=0.01
    )


def test_inverted_copy_under_a_common_hum_and_offset_does_not_cancel_the_sound():
    common = hum(0.5) + np.float32(0.2)
    mix = mixed(voice() + common, common - voice())
    assert share(voice(), mix) == pytest.approx(1, abs=0.05)


def test_inverted_pair_beside_another_voice_leaves_both_audible():
    one, other = voice(1), voice(2)
    mix = mixed(one, -one, other)
    assert share(one, mix) > 0.4
    assert share(other, mix) > 0.4


@pytest.mark.parametrize("channels", [2, 6, 8, 9, 16, 24, 128])
def test_a_voice_in_one_channel_of_many_stays_as_loud(channels):
    silent = np.zeros_like(voice())
    parts = [silent] * channels
    parts[channels // 2] = voice()
    assert np.allclose(mixed(*parts), voice(), atol=1e-6)


def test_silence_is_silence():
    assert not mixed(np.zeros(5000, np.float32), np.zeros(5000, np.float32)).any()


@given(st.lists(st.integers(0, 7000), max_size=12))
def test_output_does_not_depend_on_how_samples_are_cut(cuts):
    channels = np.stack([voice(1), voice(2) - voice(1)], axis=1)
    down = Downmix(RATE_HZ, 2)
    out, at = [], 0
    for cut in [*cuts, len(channels)]:
        out.append(down.push(channels[at : at + cut]))
        at += cut
    whole = np.concatenate([*out, down.finish()])
    assert (whole == mixed(*channels.T)).all()


def test_single_channel_is_passed_through_at_once():
    assert (Downmix(RATE_HZ, 1).push(voice()[:, None]) == voice()).all()
