"""What the detector's network hears of a window."""

import numpy as np
import pytest

from mica.audio.conditioning import MOST_GAIN, PEAK, PEAK_WINDOWS, Conditioner
from mica.audio.silero import WINDOW
from support.sounds import RATE_HZ, Floats, voice


def conditioned(samples: Floats) -> Floats:
    conditioner = Conditioner()
    whole = len(samples) // WINDOW * WINDOW
    parts = [conditioner.push(part) for part in samples[:whole].reshape(-1, WINDOW)]
    return np.concatenate(parts)


def tone(hz: float, level: float = 0.1, seconds: float = 1.0) -> Floats:
    phase = 2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (level * np.sin(phase)).astype(np.float32)


def gain_db(hz: float) -> float:
    """Of a tone beside one of 1 kHz under which it lies."""
    beside = tone(1000)
    output = conditioned(beside + tone(hz))[WINDOW:]
    reference = conditioned(beside)[WINDOW:]
    at = round(hz * len(output) / RATE_HZ)
    spectra = [np.abs(np.fft.rfft(part)) for part in (output, reference)]
    scale = spectra[0][round(1000 * len(output) / RATE_HZ)]
    return float(20 * np.log10(spectra[0][at] / scale))


@pytest.mark.parametrize(
    ("hz", "low", "high"), [(25, -40, -22), (50, -16, -10), (400, -1, 1), (3000, -1, 1)]
)
def test_rumble_is_taken_out_and_speech_is_not(
    hz: float, low: float, high: float
) -> None:
    assert low < gain_db(hz) < high


@pytest.mark.parametrize("offset", [0.02, -0.5])
def test_an_offset_changes_no_more_than_a_level(offset: float) -> None:
    late = slice(-WINDOW * 10, None)  # the first step is a sound, perhaps a louder one
    reference = conditioned(voice(2))[late]
    moved = conditioned(voice(2) + np.float32(offset))[late]
    scale = np.abs(reference).max() / np.abs(moved).max()
    assert moved * scale == pytest.approx(reference, abs=5e-3)


@pytest.mark.parametrize(("level", "gain"), [(0.02, PEAK / 0.02), (1e-4, MOST_GAIN)])
def test_a_soft_voice_is_lifted_by_30_db_at_most(level: float, gain: float) -> None:
    output = conditioned(tone(1000, level, 2.0))
    assert np.abs(output[-WINDOW:]).max() == pytest.approx(level * gain, rel=0.1)


def test_a_loud_sound_is_forgotten_after_ten_seconds() -> None:
    loud, soft = np.full(WINDOW, 0.5, np.float32), tone(1000, 0.01)[:WINDOW]
    loud[::2] *= -1
    conditioner, levels = Conditioner(), []
    for window in [loud] + [soft] * (PEAK_WINDOWS + 2):
        levels.append(float(np.abs(conditioner.push(window)).max()))
    assert max(levels[2:PEAK_WINDOWS]) < 0.02
    assert levels[-1] == pytest.approx(PEAK, rel=0.1)


def test_a_windows_level_is_that_of_its_sound_without_rumble_and_gain() -> None:
    conditioner = Conditioner()
    for window in (tone(1000, 0.01) + tone(10, 0.5))[: 8 * WINDOW].reshape(-1, WINDOW):
        conditioner.push(window)
    assert conditioner.level_db == pytest.approx(-43, abs=1.5)
    for _ in range(2):
        conditioner.push(np.zeros(WINDOW, np.float32))
    assert conditioner.level_db == -120
