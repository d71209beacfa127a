"""Synthesizes non-speech sounds that microphones pick up, from a seed.

Fans, hums, beeps, knocks, coughs, breath, keys, music, DC offsets, clipping, digital
silence, each of any length and level. It plays nothing and knows no model.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.units import SAMPLE_RATE_HZ

LONGEST_S: Final = 4.0
LEVELS_DB: Final = (-50.0, 0.0)  # peak, of full scale
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Chance = np.random.Generator


def random_noise(seed: int) -> tuple[str, Floats]:
    """The kind and the samples of one sound, float32 (n,) at 16 kHz, n >= 0."""
    chance = np.random.default_rng(seed)
    kind = sorted(KINDS)[seed % len(KINDS)]
    # Half of them are shorter than a word: a knock, a click, nothing at all.
    longest_s = LONGEST_S if chance.random() < 0.5 else 0.4
    count = int(chance.uniform(0, longest_s) * SAMPLE_RATE_HZ)
    sound = KINDS[kind](count, chance) if count else np.zeros(0)
    peak = np.abs(sound).max(initial=0.0)
    level = 10 ** (chance.uniform(*LEVELS_DB) / 20)
    return kind, (sound / (peak + 1e-9) * level).astype(np.float32)


def _time_s(count: int) -> Doubles:
    return np.arange(count) / SAMPLE_RATE_HZ


def _band(count: int, chance: Chance, low_hz: float, high_hz: float) -> Doubles:
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    return np.fft.irfft(spectrum, count)


def _noise_band(count: int, chance: Chance) -> Doubles:
    low_hz = chance.uniform(0, 6000)
    return _band(count, chance, low_hz, low_hz + chance.uniform(100, 4000))


def _fan(count: int, chance: Chance) -> Doubles:
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    spectrum /= np.arange(1, len(spectrum) + 1) ** chance.uniform(0.3, 1)
    return np.fft.irfft(spectrum, count)


def _hum(count: int, chance: Chance) -> Doubles:
    phase = 2 * np.pi * chance.choice([50, 60]) * _time_s(count)
    return np.asarray(sum(np.sin(n * phase) / n for n in (1, 2, 3, 5)), np.float64)


def _tone(count: int, chance: Chance) -> Doubles:
    """A gliding beep, or two steady tones at once, as from telephone keys."""
    time_s = _time_s(count)
    low_hz, high_hz = chance.uniform(80, 4000, 2)
    if chance.random() < 0.5:
        return _sine(low_hz * time_s) + _sine(high_hz * time_s)
    glide = (high_hz - low_hz) / (2 * max(time_s[-1], 0.01))
    return _sine((low_hz + glide * time_s) * time_s)


def _sine(cycles: Doubles) -> Doubles:
    return np.asarray(np.sin(2 * np.pi * cycles), np.float64)


def _bursts(count: int, chance: Chance, lasts_s: float, most: int) -> Doubles:
    """One to `most` bursts of decaying noise."""
    sound = np.zeros(count)
    for _ in range(chance.integers(1, most + 1)):
        start = int(chance.integers(0, count))
        fade = np.exp(-_time_s(count - start) / lasts_s)
        sound[start:] += fade * chance.normal(0, 1, count - start)
    return sound


def _knocks(count: int, chance: Chance) -> Doubles:
    return _bursts(count, chance, chance.uniform(0.005, 0.08), 4)


def _keys(count: int, chance: Chance) -> Doubles:
    return _bursts(count, chance, 0.003, 20)


def _cough(count: int, chance: Chance) -> Doubles:
    """A burst in the throat's frequency band, mixed with a voiced sound."""
    voiced = np.sign(np.sin(2 * np.pi * chance.uniform(90, 250) * _time_s(count)))
    throat = _band(count, chance, 200, 3000) * 10
    rise = np.minimum(1, _time_s(count) / 0.02)
    return rise * (throat + 0.3 * voiced) * np.exp(-_time_s(count) / 0.15)


def _breath(count: int, chance: Chance) -> Doubles:
    swell = np.sin(np.pi * np.linspace(0, 1, count))
    return swell * _band(count, chance, 300, chance.uniform(1500, 7000))


def _music(count: int, chance: Chance) -> Doubles:
    """Changing chords with a drum on every beat."""
    time_s, beat_s = _time_s(count), chance.uniform(0.25, 0.7)
    beat = (time_s / beat_s).astype(int)
    fade = np.exp(-3 * (time_s - beat * beat_s))
    root_hz = chance.choice([110, 131, 147, 165, 196, 220, 262], beat[-1] + 1)[beat]
    phase = 2 * np.pi * np.cumsum(root_hz) / SAMPLE_RATE_HZ
    chord = sum(np.sin(step * phase) for step in (1, 1.25, 1.5, 2))
    return fade * (chord + fade**6 * chance.normal(0, 1, count))


def _clipped(count: int, chance: Chance) -> Doubles:
    return np.clip(_fan(count, chance) * 50 + _tone(count, chance), -1, 1)


def _offset(count: int, chance: Chance) -> Doubles:
    """A DC offset that starts and ends abruptly."""
    return np.full(count, chance.choice([-1.0, 1.0])) + chance.normal(0, 1e-3, count)


def _gaps(count: int, chance: Chance) -> Doubles:
    """Gated noise, with repeated digital silence."""
    opened = np.sin(2 * np.pi * chance.uniform(1, 8) * _time_s(count)) > 0
    return np.where(opened, _fan(count, chance), 0)


def _zeros(count: int, chance: Chance) -> Doubles:
    return np.zeros(count)


KINDS: Final[dict[str, Callable[[int, Chance], Doubles]]] = {
    "breath": _breath,
    "clipped": _clipped,
    "cough": _cough,
    "fan": _fan,
    "gate": _gaps,
    "hum": _hum,
    "keys": _keys,
    "knocks": _knocks,
    "music": _music,
    "noise band": _noise_band,
    "offset": _offset,
    "tones": _tone,
    "zeros": _zeros,
}
