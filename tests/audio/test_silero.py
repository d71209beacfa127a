"""The network beside its own runtime's answers, and what its state does."""

import json
from pathlib import Path

import numpy as np
import pytest

from mica.audio.silero import WINDOW, SileroVad
from mica.bench.speech import read_clip
from mica.paths import resource
from support.sounds import Floats, silence, voice

RECORDED = Path(__file__).parent / "recorded" / "silero.json"


def windows(samples: Floats) -> list[Floats]:
    whole = len(samples) // WINDOW * WINDOW
    return list(samples[:whole].reshape(-1, WINDOW))


@pytest.fixture(scope="module")
def demo() -> list[Floats]:
    return windows(read_clip(resource("demo.wav")).samples)


def test_probabilities_equal_those_of_onnxruntime(demo: list[Floats]) -> None:
    expected = json.loads(RECORDED.read_text())
    silero = SileroVad()
    found = [silero.probability(window) for window in demo[: len(expected)]]
    assert len(expected) == 375
    assert found == pytest.approx(expected, abs=0.01)
    assert min(expected) < 0.05 and max(expected) > 0.95


def test_reset_restores_the_initial_state(demo: list[Floats]) -> None:
    silero = SileroVad()
    first = [silero.probability(window) for window in demo[:40]]
    second = [silero.probability(window) for window in demo[:40]]
    silero.reset()
    assert [silero.probability(window) for window in demo[:40]] == first
    assert second != first


def test_two_detectors_are_independent(demo: list[Floats]) -> None:
    alone, one, other = SileroVad(), SileroVad(), SileroVad()
    expected = [alone.probability(window) for window in demo[:40]]
    found = []
    for number, window in enumerate(demo[:40]):
        found.append(one.probability(window))
        other.probability(demo[-1 - number])
    assert found == expected


@pytest.mark.parametrize("samples", [voice(2), silence(2), voice(2, 0.9)])
def test_noise_and_silence_are_not_speech(samples: Floats) -> None:
    silero = SileroVad()
    assert max(silero.probability(window) for window in windows(samples)) < 0.2


def test_no_samples_overflow() -> None:
    silero = SileroVad()
    for level in (0.0, 1e-30, 1.0, 1e6):
        window = np.full(WINDOW, level, np.float32)
        assert 0 <= silero.probability(window) <= 1
