"""Spoken sentences from the shards, and batches of them joined with pauses.

`FeatureShards` maps the shards into memory, so that processes share it; `Joiner` fills
items of an exact length with utterances and pauses of their own background.
"""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

FLOOR = 8.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """rows float16 (n, 80), n even; phonemes (n // 2,); quiet rows at the start."""

    id: str
    rows: np.ndarray
    phonemes: np.ndarray
    quiet: int


class FeatureShards:
    """All utterances of some sets, as far as they are spoken yet.

    often   how many times an utterance of a set comes in a round, 1 where not told
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
        """Take in shards written since."""
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
    """float32 (n // 2, 160): clipped under the loudest cell and scaled."""
    rows = rows.astype(np.float32)
    clipped = np.maximum(rows, rows.max() - FLOOR) / 4 + 1
    return clipped.reshape(-1, 160)


def pause(utterance: Utterance, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of the utterance's own background, in random order."""
    usable = max(utterance.quiet - 4, 1)
    return utterance.rows[rng.integers(0, usable, rows)]


@dataclass(frozen=True, slots=True)
class Joined:
    frames: np.ndarray  # float32 (T, 160)
    phonemes: np.ndarray  # (T,)
    ids: list[str]


class Joiner:
    """Items of exactly T frames from utterances in shuffled order."""

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
