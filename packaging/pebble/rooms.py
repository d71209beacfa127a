"""Simulates rooms, microphones and lines: noise, reverberation, levels, codecs.

Functions on float32 samples at 16 kHz; each draws its parameters from the random
generator it is given. `recorded` applies them in the order of a real signal path.
"""

import numpy as np
import soxr
from espeak import RATE_HZ

NOISES = {
    "white": 0.12, "pink": 0.14, "hum": 0.1, "music": 0.12, "fan": 0.16,
    "keys": 0.14, "street": 0.14, "babble": 0.08,
}  # fmt: skip
CLEAN_SHARE = 0.25
REVERB_SHARE, NOISE_SHARE, BAND_SHARE, CODEC_SHARE = 0.4, 0.7, 0.25, 0.12
GAIN_SHARE, GATE_SHARE, CLIP_SHARE, OFFSET_SHARE = 0.15, 0.1, 0.05, 0.04
SNR_DB = (3.0, 40.0)
LEVEL_DB = (-42.0, -1.0)  # of the peak


def background(count: int, rng: np.random.Generator, level_db: float) -> np.ndarray:
    """`count` samples of white or pink noise, hum, or music (chords and drums)."""
    kind = rng.choice(["white", "pink", "hum", "music"], p=[0.35, 0.3, 0.15, 0.2])
    return _at_level(_steady(str(kind), count, rng), level_db)


def _at_level(sound: np.ndarray, level_db: float) -> np.ndarray:
    loud = np.sqrt(np.mean(sound**2)) + 1e-9
    return (sound / loud * 10 ** (level_db / 20)).astype(np.float32)


def _steady(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    seconds = np.arange(count) / RATE_HZ
    if kind == "music":
        return music(seconds, rng)
    if kind == "hum":
        tones = [np.sin(2 * np.pi * f * seconds) / f for f in (50, 100, 150, 200, 300)]
        return np.sum(tones, axis=0) + rng.normal(0, 0.002, count)
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    if kind == "pink":
        spectrum /= np.sqrt(np.arange(len(spectrum)) + 1)
    return np.fft.irfft(spectrum, count)


def music(seconds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Chords that change and a drum on every beat."""
    beat_s = rng.uniform(0.35, 0.7)
    beat = (seconds / beat_s).astype(int)
    phase = seconds - beat * beat_s
    roots = rng.choice([110, 131, 147, 165, 196, 220], beat[-1] // 4 + 1)
    root = roots[beat // 4]
    phases = 2 * np.pi * np.cumsum(root) / RATE_HZ
    chord = sum(np.sin(phases * r) * np.exp(-phase) for r in (1, 1.25, 1.5, 2))
    drum = rng.normal(0, 1, len(seconds)) * np.exp(-phase * 30)
    return chord * 0.3 + drum * rng.uniform(0.2, 1.0)


def noise(
    count: int, rng: np.random.Generator, level_db: float, voices: list[np.ndarray]
) -> np.ndarray:
    """`count` samples of one of NOISES; babble is mixed from `voices`, if any."""
    kind = str(rng.choice(list(NOISES), p=list(NOISES.values())))
    if kind == "babble" and not voices:
        kind = "street"
    if kind in ("fan", "street"):
        sound = _colored(count, rng, 1.0 if kind == "fan" else 1.4)
        if kind == "street":
            sound = sound * np.exp(_slow(count, rng, 0.7) * 0.8)
    elif kind == "keys":
        sound = _keys(count, rng)
    elif kind == "babble":
        sound = sum(np.roll(np.resize(voice, count), 977 * i)
                    for i, voice in enumerate(voices))  # fmt: skip
    else:
        sound = _steady(kind, count, rng)
    return _at_level(np.asarray(sound), level_db)


def _colored(count: int, rng: np.random.Generator, slope: float) -> np.ndarray:
    """Noise that falls with the `slope`th power of frequency above a random corner."""
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    corner = rng.uniform(80, 600)
    return np.fft.irfft(spectrum / (1 + (hz / corner) ** slope), count)


def _slow(count: int, rng: np.random.Generator, hz: float) -> np.ndarray:
    """A random curve with mean 0 and standard deviation 1 that changes direction about
    `hz` times a second."""
    points = rng.normal(0, 1, int(count / RATE_HZ * hz * 2) + 3)
    return np.interp(np.linspace(0, len(points) - 1, count), range(len(points)), points)


def _keys(count: int, rng: np.random.Generator) -> np.ndarray:
    """Clicks of 4 to 30 ms, three to eight a second, over a quiet hiss."""
    sound = rng.normal(0, 0.01, count)
    for _ in range(int(count / RATE_HZ * rng.uniform(3, 8)) + 1):
        size = int(rng.uniform(0.004, 0.03) * RATE_HZ)
        at = int(rng.integers(0, max(1, count - size)))
        click = rng.normal(0, 1, size) * np.exp(-np.arange(size) / size * 5)
        sound[at : at + size] += (click * rng.uniform(0.3, 1))[: count - at]
    return sound


def reverberated(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add reverberation with a decay time of 0.15 to 0.7 s; the length is unchanged."""
    tail_s = rng.uniform(0.15, 0.7)
    count = int(tail_s * RATE_HZ)
    seconds = np.arange(count) / RATE_HZ
    echo = rng.normal(0, 1, count) * np.exp(-6.9 * seconds / tail_s)
    echo[: int(rng.uniform(0.002, 0.02) * RATE_HZ)] = 0
    echo *= 10 ** (-rng.uniform(0, 14) / 20) / (np.sqrt(np.sum(echo**2)) + 1e-9)
    echo[0] = 1.0
    size = 1 << (len(samples) + count - 1).bit_length()
    mixed = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(echo, size), size)
    return mixed[: len(samples)].astype(np.float32)


def band_limited(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Remove the lowest and highest frequencies."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    low, high = rng.uniform(30, 350), rng.uniform(3200, 8000)
    slope = 1 / (1 + (low / (hz + 1)) ** 6) / (1 + (hz / high) ** 12)
    return np.fft.irfft(spectrum * slope, len(samples)).astype(np.float32)


def telephoned(samples: np.ndarray) -> np.ndarray:
    """Simulate a telephone line: 8 kHz, 8-bit mu-law."""
    narrow = soxr.resample(samples, RATE_HZ, 8000, quality="LQ")
    peak = np.abs(narrow).max() + 1e-9
    curved = np.sign(narrow) * np.log1p(255 * np.abs(narrow) / peak) / np.log(256)
    stepped = np.round(curved * 127) / 127
    line = np.sign(stepped) * np.expm1(np.abs(stepped) * np.log(256)) / 255 * peak
    wide = soxr.resample(line, 8000, RATE_HZ, quality="LQ").astype(np.float32)
    return np.resize(wide, len(samples))


def gain_changed(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary the level by about 6 dB over time, as automatic gain control does."""
    curve = _slow(len(samples), rng, rng.uniform(0.3, 1.0))
    return (samples * 10 ** (curve * 3 / 20)).astype(np.float32)


def gated(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Apply a noise gate: zeros where a 20 ms window is far below the loudest one."""
    size = RATE_HZ // 50
    windows = np.abs(np.resize(samples, -(-len(samples) // size) * size))
    loud = windows.reshape(-1, size).max(1)
    is_open = loud > loud.max() * 10 ** (-rng.uniform(38, 50) / 20)
    is_open |= np.roll(is_open, 1) | np.roll(is_open, -1) | np.roll(is_open, 2)
    return samples * np.repeat(is_open, size)[: len(samples)]


def recorded(
    voice: np.ndarray, rng: np.random.Generator, others: list[np.ndarray]
) -> np.ndarray:
    """A voice (with silence around it) as recorded by some microphone in some room.

    others  voices for babble
    """
    sound = voice / (np.abs(voice).max() + 1e-9)
    level = 10 ** (rng.uniform(*LEVEL_DB) / 20)
    if rng.random() < CLEAN_SHARE:
        return (sound * level).astype(np.float32)
    if rng.random() < REVERB_SHARE:
        sound = reverberated(sound, rng)
    if rng.random() < NOISE_SHARE:
        power_db = 20 * np.log10(np.sqrt(np.mean(sound**2)) + 1e-6)
        sound = sound + noise(len(sound), rng, power_db - rng.uniform(*SNR_DB), others)
    if rng.random() < BAND_SHARE:
        sound = band_limited(sound, rng)
    if rng.random() < CODEC_SHARE:
        sound = telephoned(sound)
    if rng.random() < GAIN_SHARE:
        sound = gain_changed(sound, rng)
    if rng.random() < GATE_SHARE:
        sound = gated(sound, rng)
    sound = sound / (np.abs(sound).max() + 1e-9)
    if rng.random() < CLIP_SHARE:
        sound = np.clip(sound * rng.uniform(1.5, 4), -1, 1)
    sound = sound * level
    if rng.random() < OFFSET_SHARE:
        sound = sound + rng.uniform(-0.02, 0.02)
    return sound.astype(np.float32)
