"""Sounds for the engine's tests: speech-like bursts, silence, noise; all seeded."""

import numpy as np
from numpy.typing import NDArray

from mica.bench.speech import read_clip
from mica.bench.synthetic_noise import KINDS
from mica.paths import resource

RATE_HZ = 16_000
DEMO_STARTS_S = 0.4  # where its first word is
Floats = NDArray[np.float32]


def silence(seconds: float, level: float = 0.0) -> Floats:
    random = np.random.default_rng(7)
    noise = random.standard_normal(round(seconds * RATE_HZ)) * level
    return noise.astype(np.float32)


def voice(seconds: float, level: float = 0.1, seed: int = 0) -> Floats:
    """Noise that is speech where noise_is_speech is used: never quiet for 10 ms."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal(round(seconds * RATE_HZ)) * level
    return noise.astype(np.float32)


def words(seconds: float) -> Floats:
    """The first words of the demo, again and again: speech to the real detector."""
    start = round(DEMO_STARTS_S * RATE_HZ)
    return np.resize(
        read_clip(resource("demo.wav")).samples[start:], round(seconds * RATE_HZ)
    )


def cough(seconds: float = 0.3, peak: float = 0.2) -> Floats:
    """A cough, as loud as the words of the clips."""
    sound = KINDS["cough"](round(seconds * RATE_HZ), np.random.default_rng(3))
    return (sound / np.abs(sound).max() * peak).astype(np.float32)


def cut(samples: Floats, sizes: list[int]) -> list[Floats]:
    """Cut samples into pieces of these sizes, repeating the list as needed."""
    pieces, at, turn = [], 0, 0
    while at < len(samples):
        size = sizes[turn % len(sizes)] if sum(sizes) else len(samples)
        pieces.append(samples[at : at + size])
        at, turn = at + size, turn + 1
    return pieces
