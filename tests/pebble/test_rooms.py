"""Simulated rooms keep the length of a sound and give only finite samples."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

RATE_HZ = 16_000


@pytest.fixture
def voice() -> np.ndarray:
    seconds = np.arange(RATE_HZ) / RATE_HZ
    loud = np.sin(2 * np.pi * 220 * seconds) * (np.abs(seconds - 0.5) < 0.25)
    return loud.astype(np.float32)


def test_a_recording_is_as_long_as_the_voice_and_within_full_scale(
    script: Callable[[str], ModuleType], voice: np.ndarray
) -> None:
    rooms = script("rooms")
    for seed in range(60):
        rng = np.random.default_rng(seed)
        sound = rooms.recorded(voice, rng, [voice[::2]])
        assert sound.shape == voice.shape
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        assert 0 < np.abs(sound).max() <= 1.03


def test_every_noise_has_the_requested_level(
    script: Callable[[str], ModuleType], voice: np.ndarray
) -> None:
    rooms = script("rooms")
    for seed in range(40):
        rng = np.random.default_rng(seed)
        noise = rooms.noise(RATE_HZ, rng, -30.0, [voice])
        level_db = 20 * np.log10(np.sqrt(np.mean(noise**2)))
        assert level_db == pytest.approx(-30, abs=0.1)


def test_noise_gate_leaves_zeros_and_the_voice(
    script: Callable[[str], ModuleType], voice: np.ndarray
) -> None:
    rng = np.random.default_rng(1)
    hiss = rng.normal(0, 0.0005, len(voice)).astype(np.float32)
    sound = script("rooms").gated(voice + hiss, rng)
    assert not sound[: RATE_HZ // 8].any()
    middle = slice(RATE_HZ * 3 // 10, RATE_HZ * 7 // 10)
    assert np.array_equal(sound[middle], (voice + hiss)[middle])


def test_telephone_filter_removes_high_tones(
    script: Callable[[str], ModuleType],
) -> None:
    seconds = np.arange(RATE_HZ) / RATE_HZ
    low, high = (np.sin(2 * np.pi * hz * seconds) for hz in (800, 6000))
    telephoned = script("rooms").telephoned
    assert np.std(telephoned(low)) == pytest.approx(np.std(low), rel=0.1)
    assert np.std(telephoned(low + high)) < 1.1 * np.std(low)


def test_echo_follows_the_sound_and_never_precedes_it(
    script: Callable[[str], ModuleType],
) -> None:
    click = np.zeros(RATE_HZ, np.float32)
    click[4000] = 1.0
    sound = script("rooms").reverberated(click, np.random.default_rng(2))
    assert np.abs(sound[:3990]).max() < 1e-6
    assert np.sum(sound[4010:] ** 2) > 0.01
