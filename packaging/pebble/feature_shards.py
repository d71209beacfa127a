"""Spoken sentences from the shards, and items of them joined with pauses.

`FeatureShards` memory-maps the shards so that processes share them. `Joiner` fills
items of an exact length with utterances and with pauses made of their own background.
"""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

FLOOR = 8.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """One utterance in a shard.

    rows       float16 (n, 80), n even: log-mel rows of 10 ms
    phonemes   (n // 2,), one label per 20 ms
    quiet      number of rows before the speech
    """

    id: str
    rows: np.ndarray
    phonemes: np.ndarray
    quiet: int


class FeatureShards:
    """All utterances of some sets, as far as speak.py has written them.

    often   by set, how many times each utterance occurs per round; default 1
    """

    def __init__(
        self, work: Path, *names: str, often: dict[str, int] | None = None
    ) -> None:
        self._work, self._names, self._often = work, names, often or {}
        self.texts: dict[str, dict] = {}
        for name in names:
            lines = (work / f"{name}.jsonl").open()
            self.texts |= {row["id"]: row for row in map(json.loads, lines)}
        self.utterances: list[Utterance] = []
        self._read: set[Path] = set()
        self.refresh()

    def refresh(self) -> None:
        """Add the shards that were written since the last call."""
        for name in self._names:
            for path in sorted((self._work / "speech").glob(f"{name}-???.npz")):
                if path not in self._read:
                    self._read.add(path)
                    self.utterances += self._of(path) * self._often.get(name, 1)

    def _of(self, path: Path) -> list[Utterance]:
        rows = np.load(path.with_suffix(".rows.npy"), mmap_mode="r")
        shard = dict(np.load(path))
        return [
            Utterance(str(name), rows[a:b], shard["phonemes"][a // 2 : b // 2], quiet)
            for name, (a, b), quiet in zip(
                shard["ids"],
                pairwise(shard["starts"]),
                np.maximum(shard["quiet"], 4).tolist(),
                strict=True,
            )
        ]

    def hours(self) -> float:
        return sum(len(u.rows) for u in self.utterances) / 360_000


def frames_of(rows: np.ndarray) -> np.ndarray:
    """The encoder's input, float32 (n // 2, 160): clipped at FLOOR below the loudest
    value and scaled."""
    rows = rows.astype(np.float32)
    clipped = np.maximum(rows, rows.max() - FLOOR) / 4 + 1
    return clipped.reshape(-1, 160)


def pause(utterance: Utterance, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Rows picked at random from the background before the utterance."""
    usable = max(utterance.quiet - 4, 1)
    return utterance.rows[rng.integers(0, usable, rows)]


@dataclass(frozen=True, slots=True)
class Joined:
    frames: np.ndarray  # float32 (T, 160)
    phonemes: np.ndarray  # (T,)
    ids: list[str]


class Joiner:
    """Joins utterances, in shuffled order, into items of exactly T frames."""

    def __init__(self, speech: FeatureShards, seed: int) -> None:
        self._speech = speech
        self._rng = np.random.default_rng(seed)
        self._order: list[int] = []

    def _next(self) -> Utterance:
        if not self._order:
            self._speech.refresh()
            self._order = self._rng.permutation(len(self._speech.utterances)).tolist()
        return self._speech.utterances[self._order.pop()]

    def item(self, T: int) -> Joined:
        rng, space = self._rng, 2 * T
        pieces: list[Utterance] = []
        while True:
            candidate = self._next()
            if len(candidate.rows) <= space:
                pieces.append(candidate)
                space -= len(candidate.rows)
            elif pieces:
                break
        gaps = rng.multinomial(space // 2, np.ones(len(pieces) + 1) / (len(pieces) + 1))
        rows, phonemes = [], []
        for piece, gap in zip(pieces, gaps, strict=False):
            rows += [pause(piece, 2 * gap, rng), piece.rows]
            phonemes += [np.zeros(gap, np.uint8), piece.phonemes]
        rows.append(pause(pieces[-1], 2 * gaps[-1], rng))
        phonemes.append(np.zeros(gaps[-1], np.uint8))
        joined = np.concatenate(rows)
        return Joined(
            frames_of(joined), np.concatenate(phonemes), [p.id for p in pieces if p.id]
        )
