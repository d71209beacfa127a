"""Recordings of any length for the benchmarks, put together from short clips.

Uses the clips a checkout has beside its tests, else the shipped demo; a clip's words
stand beside it in a .txt of the same name, and where each of them ends, in seconds, in
a .times, a word a line. It makes no sound of its own.
"""

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica import paths
from mica.errors import AudioFileError
from mica.units import SAMPLE_RATE_HZ

PAUSE_S: Final = 0.3  # at least so much between two clips
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    """16 kHz mono samples and the words said in them, None where nobody wrote them.

    ends_s   where each word of words.split() ends, nan for one nobody knows of; None
             where nobody measured
    """

    samples: Floats
    words: str | None
    ends_s: tuple[float, ...] | None = None

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ


def clips() -> list[Clip]:
    """All clips there are, in the order of their names."""
    beside_tests = paths.resource("demo.wav").parent.parent / "tests" / "pebble"
    files = sorted(beside_tests.rglob("*.wav")) or [paths.resource("demo.wav")]
    return [_read(file) for file in files]


def recording(found: list[Clip], seconds: float) -> Clip:
    """A recording of exactly so many seconds that ends soon after its last word.

    Clips follow each other in turn as long as one fits; the pauses between them fill
    the rest. Where not even one fits, the first is cut off and has no words.
    """
    chosen = _fitting(found, seconds)
    wanted = round(seconds * SAMPLE_RATE_HZ)
    if not chosen:
        return Clip(found[0].samples[:wanted], None)
    spare = wanted - sum(len(clip.samples) for clip in chosen)
    pause = np.zeros(spare // len(chosen), np.float32)
    parts = [np.zeros(spare - len(pause) * len(chosen), np.float32)]
    at, ends_s = len(parts[0]), []
    for clip in chosen:
        parts += [pause, clip.samples]
        at += len(pause)
        ends_s += [at / SAMPLE_RATE_HZ + end_s for end_s in clip.ends_s or ()]
        at += len(clip.samples)
    words = [clip.words for clip in chosen]
    known = [word for word in words if word is not None]
    text = " ".join(known) if len(known) == len(words) else None
    timed = all(clip.ends_s is not None for clip in chosen)
    return Clip(np.concatenate(parts), text, tuple(ends_s) if timed else None)


def _fitting(found: list[Clip], seconds: float) -> list[Clip]:
    chosen: list[Clip] = []
    left, skipped, turn = seconds, 0, 0
    while skipped < len(found):
        clip = found[turn % len(found)]
        turn += 1
        if clip.seconds + PAUSE_S > left:
            skipped += 1
            continue
        chosen.append(clip)
        left -= clip.seconds + PAUSE_S
        skipped = 0
    return chosen


def _read(file: Path) -> Clip:
    """A 16-bit WAV file at 16 kHz; the clips are ours and all are so."""
    try:
        with wave.open(str(file)) as opened:
            rate, width = opened.getframerate(), opened.getsampwidth()
            data = opened.readframes(opened.getnframes())
    except (OSError, wave.Error, EOFError) as why:
        raise AudioFileError(f"{file.name} cannot be read.", "Reinstall Mica.") from why
    if (rate, width) != (SAMPLE_RATE_HZ, 2):
        raise AudioFileError(f"{file.name} is not 16-bit at 16 kHz.", "Reinstall Mica.")
    samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
    words, times = _beside(file, ".txt"), _beside(file, ".times")
    ends_s = None if times is None else tuple(map(float, times.split()))
    if words is None or ends_s is None or len(words.split()) != len(ends_s):
        ends_s = None
    return Clip(samples, words, ends_s)


def _beside(file: Path, suffix: str) -> str | None:
    other = file.with_suffix(suffix)
    return other.read_text("utf-8").strip() if other.exists() else None
