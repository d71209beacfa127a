"""Sounds for the engine's tests: speech-like bursts, silence, noise; all seeded."""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
Floats = NDArray[np.float32]


def silence(seconds: float, level: float = 0.0) -> Floats:
    random = np.random.default_rng(7)
    noise = random.standard_normal(round(seconds * RATE_HZ)) * level
    return noise.astype(np.float32)


def voice(seconds: float, level: float = 0.1, seed: int = 0) -> Floats:
    """Noise that the engine treats as speech: never quiet for 10 ms."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal(round(seconds * RATE_HZ)) * level
    return noise.astype(np.float32)


def cut(samples: Floats, sizes: list[int]) -> list[Floats]:
    """Cut samples into pieces of these sizes, repeating the list as needed."""
    pieces, at, turn = [], 0, 0
    while at < len(samples):
        size = sizes[turn % len(sizes)] if sum(sizes) else len(samples)
        pieces.append(samples[at : at + size])
        at, turn = at + size, turn + 1
    return pieces
