"""Recordings of any length for the benchmarks, assembled from short clips.

Uses the clips in a folder, else those beside the tests of a checkout, else the bundled
demo. A clip's words are in a .txt file of the same name, and their end times, in
seconds, one per line, in a .times file. It synthesizes no sound.
"""

import wave
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica import paths
from mica.errors import AudioFileError
from mica.units import SAMPLE_RATE_HZ

PAUSE_S: Final = 0.3  # the shortest pause between two clips
SOON_S: Final = 0.04  # from the last word to the end of a recording
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    """16 kHz mono samples and the words spoken in them, None if unknown.

    ends_s   where each word of words.split() ends, NaN for a word whose end is unknown;
             None if none were measured
    """

    samples: Floats
    words: str | None
    ends_s: tuple[float, ...] | None = None

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ


def clips(folder: Path | None = None) -> list[Clip]:
    """The clips in a folder, None = the bundled ones, sorted by name."""
    if folder is not None:
        own = [read_clip(file) for file in sorted(folder.glob("*.wav"))]
        if not own:
            raise AudioFileError(f"{folder} holds no WAV file.", "Name another folder.")
        return own
    beside_tests = paths.resource("demo.wav").parent.parent / "tests" / "pebble"
    files = sorted(beside_tests.rglob("*.wav")) or [paths.resource("demo.wav")]
    return [read_clip(file) for file in files]


def recording(found: list[Clip], seconds: float, first: int = 0) -> Clip:
    """A recording of exactly `seconds` that ends soon after its last word.

    Uses clips in turn, from index `first`, as long as one fits; pauses between them
    fill the rest. If none fits, one is truncated and has no words. If the last clip's
    word ends are unknown, the recording ends with that clip's own trailing silence.
    """
    turn = [found[(first + place) % len(found)] for place in range(len(found))]
    chosen = _fitting(turn, seconds)
    wanted = round(seconds * SAMPLE_RATE_HZ)
    if not chosen:
        return Clip(turn[0].samples[:wanted], None)
    chosen[-1] = trim_to_last_word(chosen[-1])
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


def trim_to_last_word(clip: Clip) -> Clip:
    """The clip, cut soon after its last word if its end is known."""
    if not clip.ends_s or isnan(clip.ends_s[-1]):
        return clip
    stop = round((clip.ends_s[-1] + SOON_S) * SAMPLE_RATE_HZ)
    return replace(clip, samples=clip.samples[:stop])


def _fitting(found: list[Clip], seconds: float) -> list[Clip]:
    chosen: list[Clip] = []
    remaining, skipped, turn = seconds, 0, 0
    while skipped < len(found):
        clip = found[turn % len(found)]
        turn += 1
        if clip.seconds + PAUSE_S > remaining:
            skipped += 1
            continue
        chosen.append(clip)
        remaining -= clip.seconds + PAUSE_S
        skipped = 0
    return chosen


def read_clip(file: Path) -> Clip:
    """Read a 16-bit mono WAV file at 16 kHz, and its .txt and .times files."""
    try:
        with wave.open(str(file)) as opened:
            rate, width = opened.getframerate(), opened.getsampwidth()
            channels = opened.getnchannels()
            data = opened.readframes(opened.getnframes())
    except (OSError, wave.Error, EOFError) as why:
        message = f"{file.name} cannot be read."
        raise AudioFileError(message, "Use 16-bit WAV files.") from why
    if (rate, width, channels) != (SAMPLE_RATE_HZ, 2, 1):
        message = f"{file.name} is not 16-bit mono at 16 kHz."
        raise AudioFileError(message, "Convert it, or take it out of the folder.")
    samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
    words, times = _beside(file, ".txt"), _beside(file, ".times")
    ends_s = None if times is None else tuple(map(float, times.split()))
    if words is None or ends_s is None or len(words.split()) != len(ends_s):
        ends_s = None
    return Clip(samples, words, ends_s)


def _beside(file: Path, suffix: str) -> str | None:
    other = file.with_suffix(suffix)
    return other.read_text("utf-8").strip() if other.exists() else None
