"""Simulates rooms, microphones and noises; synthesized from seeds, not recorded.

What a microphone adds to the voice: fans, keyboards, streets, kitchens, other people;
hum, DC offset, echo; gates, telephone bands, automatic gain, clipping. It plays nothing
and knows no detector.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.units import SAMPLE_RATE_HZ

VOICE_DB: Final = -27.0  # dBFS, the level of the voice during speech
SNRS_DB: Final = (10, 5)
TALKERS: Final = 7
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Chance = np.random.Generator
#: (number of samples, chance, other people's speech) -> noise of any level.
MakeNoise = Callable[[int, Chance, Sequence[Floats]], Doubles]
Apply = Callable[[Floats, Chance], Floats]  # degrades a clean recording


def rms_db(samples: NDArray[np.floating]) -> float:
    """The RMS level in dBFS, at least -120."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0
    return float(10 * np.log10(max(power, 1e-12)))


def at_level(samples: NDArray[np.floating], db: float) -> Floats:
    """The samples, scaled to an RMS level in dBFS."""
    return (samples * 10 ** ((db - rms_db(samples)) / 20)).astype(np.float32)


def _shaped(count: int, chance: Chance, gain: Callable[[Doubles], Doubles]) -> Doubles:
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    hz = np.asarray(np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ), np.float64)
    return np.asarray(np.fft.irfft(spectrum * gain(hz), count), np.float64)


def fan(count: int, chance: Chance, _voices: Sequence[Floats]) -> Doubles:
    """Pink noise and the tone of the blades."""
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    pink = _shaped(count, chance, lambda hz: 1 / np.sqrt(np.maximum(hz, 30)))
    sound: Doubles = pink / pink.std() + 0.2 * np.sin(2 * np.pi * 118 * time_s)
    return sound


def keys(count: int, chance: Chance, _voices: Sequence[Floats]) -> Doubles:
    """Typing in bursts; each stroke has a press and a release."""
    sound, at = np.zeros(count), 0.0
    while at < count:
        for _ in range(int(chance.integers(3, 25))):
            loud, ring_hz = chance.uniform(0.3, 1), chance.uniform(900, 4500)
            up = int(at + chance.uniform(0.06, 0.12) * SAMPLE_RATE_HZ)
            _strike(sound, int(at), ring_hz, 0.006, loud, chance)
            _strike(sound, up, 1.3 * ring_hz, 0.004, 0.4 * loud, chance)
            at += chance.uniform(0.08, 0.3) * SAMPLE_RATE_HZ
        at += chance.uniform(0.3, 2.5) * SAMPLE_RATE_HZ
    return sound


def _strike(
    sound: Doubles, at: int, ring_hz: float, lasts_s: float, loud: float, chance: Chance
) -> None:
    """Add an impact on something that rings a little."""
    stop = min(len(sound), at + int(8 * lasts_s * SAMPLE_RATE_HZ))
    if at >= stop:
        return
    time_s = np.arange(stop - at) / SAMPLE_RATE_HZ
    ring = np.sin(2 * np.pi * ring_hz * time_s + chance.uniform(0, 6))
    knock = chance.normal(0, 1, stop - at) + ring
    sound[at:stop] += loud * knock * np.exp(-time_s / lasts_s)


def street(count: int, chance: Chance, _voices: Sequence[Floats]) -> Doubles:
    """Distant traffic and passing cars."""
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    rumble = _shaped(count, chance, lambda hz: 1 / np.maximum(hz, 40))
    tires = _shaped(count, chance, lambda hz: np.exp(-(((hz - 900) / 700) ** 2)))
    swell = np.full(count, 0.15)
    for _ in range(1 + count // (6 * SAMPLE_RATE_HZ)):
        passes_s, lasts_s = chance.uniform(0, time_s[-1]), chance.uniform(0.8, 3)
        swell += chance.uniform(0.3, 1) * np.exp(
            -(((time_s - passes_s) / lasts_s) ** 2)
        )
    sound: Doubles = 0.5 * rumble / rumble.std() + swell * tires / tires.std()
    return sound


def kitchen(count: int, chance: Chance, _voices: Sequence[Floats]) -> Doubles:
    """Running water, dishes and cutlery."""
    water = _shaped(count, chance, lambda hz: (hz > 300) / np.sqrt(np.maximum(hz, 300)))
    sound: Doubles = 0.25 * water / water.std()
    for _ in range(count // SAMPLE_RATE_HZ):
        at, ring_hz = int(chance.integers(0, count)), chance.uniform(700, 6000)
        loud, lasts_s = chance.uniform(0.3, 2), chance.uniform(0.01, 0.12)
        _strike(sound, at, ring_hz, lasts_s, loud, chance)
    return sound


def babble(count: int, chance: Chance, voices: Sequence[Floats]) -> Doubles:
    """Other people in a large room."""
    sound = np.zeros(count)
    for _ in range(TALKERS):
        pieces, length = [], 0
        while length < count:
            pieces.append(at_level(voices[int(chance.integers(len(voices)))], -20))
            length += len(pieces[-1])
        sound += np.roll(np.concatenate(pieces), int(chance.integers(length)))[:count]
    return echo(sound.astype(np.float32), chance, 0.8).astype(np.float64)


def hum(count: int, _chance: Chance, _voices: Sequence[Floats]) -> Doubles:
    """Mains hum at 50 Hz with harmonics."""
    phase = 2 * np.pi * 50 * np.arange(count) / SAMPLE_RATE_HZ
    return np.asarray(sum(np.sin(n * phase) / n for n in (1, 2, 3, 5)), np.float64)


def echo(samples: Floats, chance: Chance, rt60_s: float) -> Floats:
    """The samples in a room with this reverberation time (RT60)."""
    time_s = np.arange(int(rt60_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    walls = 0.04 * chance.normal(0, 1, len(time_s)) * 10 ** (-3 * time_s / rt60_s)
    walls[: SAMPLE_RATE_HZ // 200] = 0  # no reflection in the first 5 ms
    walls[0] = 1
    size = len(samples) + len(walls)
    reverberant = np.fft.irfft(
        np.fft.rfft(samples, size) * np.fft.rfft(walls, size), size
    )
    return reverberant[: len(samples)].astype(np.float32)


def gate(samples: Floats) -> Floats:
    """The samples with zeros where they are quiet, as noise suppression leaves them."""
    size = SAMPLE_RATE_HZ // 20
    power = np.convolve(np.square(samples, dtype=np.float64), np.ones(size), "same")
    return np.where(power < 1e-3 * np.percentile(power, 95), 0, samples).astype("f4")


def telephone(samples: Floats) -> Floats:
    """The samples limited to a headset's band, 300 to 3400 Hz."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def automatic_gain(samples: Floats) -> Floats:
    """The samples, brought to one level within seconds, by at most 18 dB."""
    size = SAMPLE_RATE_HZ // 50
    gain = 1.0
    out: Floats = samples.copy()
    for at in range(0, len(out), size):
        piece = out[at : at + size]
        wanted = 10 ** ((VOICE_DB - rms_db(piece)) / 20)
        step = 0.4 if wanted < gain else 0.01
        gain = min(8.0, gain + step * (min(wanted, 8.0) - gain))
        piece *= gain
    np.clip(out, -1, 1, out=out)
    return out


def clipped(samples: Floats) -> Floats:
    """The samples, clipped at 25 dB of excess gain."""
    return np.asarray(np.clip(samples * 10 ** (25 / 20), -1, 1), np.float32)


NOISES: Final[dict[str, MakeNoise]] = {
    "fan": fan,
    "keys": keys,
    "street": street,
    "kitchen": kitchen,
    "babble": babble,
}


def conditions(
    makers: dict[str, MakeNoise], voices: Sequence[Floats]
) -> dict[str, Apply]:
    """Rooms and microphones by name; `voices`: other people's speech."""
    found: dict[str, Apply] = {"clean": lambda samples, chance: samples}
    for name, make in makers.items():
        for snr_db in SNRS_DB:
            found[f"{name} {snr_db} dB"] = _noisy(make, voices, snr_db)
    fan_20, fan_15 = _noisy(fan, voices, 20), _noisy(fan, voices, 15)
    return found | {
        "peak -40 dBFS": lambda samples, chance: _peak(samples, -40),
        "peak -50 dBFS": lambda samples, chance: _peak(samples, -50),
        "hum -34 dBFS": lambda samples, chance: (
            samples + at_level(hum(len(samples), chance, ()), -34)
        ),
        "offset 0.02": lambda samples, chance: samples + np.float32(0.02),
        "echo 0.8 s": lambda samples, chance: echo(samples, chance, 0.8),
        "gate, fan 15 dB": lambda samples, chance: gate(fan_15(samples, chance)),
        "8 kHz, fan 15 dB": lambda samples, chance: telephone(fan_15(samples, chance)),
        "automatic gain, fan 20 dB": lambda samples, chance: automatic_gain(
            fan_20(samples, chance)
        ),
        "clipped": lambda samples, chance: clipped(samples),
    }


def looped(recorded: Floats) -> MakeNoise:
    """A maker of noise that loops a recording from a random position."""

    def make(count: int, chance: Chance, _voices: Sequence[Floats]) -> Doubles:
        start = int(chance.integers(len(recorded)))
        return np.resize(np.roll(recorded, -start), count).astype(np.float64)

    return make


def _noisy(make: MakeNoise, voices: Sequence[Floats], snr_db: float) -> Apply:
    def apply(samples: Floats, chance: Chance) -> Floats:
        noise = make(len(samples), chance, voices)
        return samples + at_level(noise, VOICE_DB - snr_db)

    return apply


def _peak(samples: Floats, db: float) -> Floats:
    """A voice that peaks at `db`, in a room at -80 dBFS."""
    gain = 10 ** (db / 20) / float(np.abs(samples).max(initial=1e-9))
    room = np.random.default_rng(0).normal(0, 10 ** (-80 / 20), len(samples))
    return np.asarray(samples * gain + room, np.float32)
