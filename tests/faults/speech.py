"""Numbered words as sounds, which a fake engine and a test both understand.

Word n is noise of a constant magnitude that only it has, so it can be found in any
stretch of samples: in those that the engine gets, and in a recording on disk.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE_HZ: Final = 16_000
CHUNK: Final = 640  # samples that a microphone delivers at once: 40 ms
WORD_CHUNKS: Final = 3
HEARD: Final = CHUNK * WORD_CHUNKS // 2  # samples of a word that suffice
_QUIETEST: Final = 0.1
_STEP: Final = 1 / 8192  # exact in float32
MOST: Final = 4096
_NUMBER: Final = re.compile(r"w(\d+)", re.IGNORECASE)


def sound_of(word: int) -> Floats:
    """The samples of a word (0 <= word < 4096), at 16 kHz."""
    assert 0 <= word < MOST
    signs = np.random.default_rng(word).integers(0, 2, CHUNK * WORD_CHUNKS) * 2 - 1
    return (signs * (_QUIETEST + word * _STEP)).astype(np.float32)


def tally(samples: Floats) -> dict[int, int]:
    """How many samples of each word are in these."""
    loud = np.abs(samples[np.abs(samples) >= np.float32(_QUIETEST)])
    numbers = np.rint((loud - _QUIETEST) / _STEP).astype(int)
    found, counts = np.unique(numbers[numbers < MOST], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def heard(samples: Floats) -> set[int]:
    """The words in these samples."""
    return {word for word, count in tally(samples).items() if count >= HEARD}


def text_of(words: list[int]) -> str:
    """A text with these words."""
    return " ".join(f"w{word}" for word in words)


def words_of(text: str) -> list[int]:
    """The words of a text, in order."""
    return [int(number) for number in _NUMBER.findall(text)]


def on_disk(folder: Path) -> set[int]:
    """The words in all files of a folder and its subfolders that hold 32-bit samples,
    whether or not their headers are complete."""
    found: set[int] = set()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".sqlite", ".log", ".toml"):
            data = path.read_bytes()
            for offset in range(4):  # a header may have any length
                part = data[offset:]
                samples = np.frombuffer(part[: len(part) // 4 * 4], "<f4")
                found |= heard(samples[np.abs(samples) < 1.0])
    return found
