"""Batches of the outputs that encode_speech.py stored, for training the decoder."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from copy_task import Item, TextCorpus
from prompts import Sentences, has_rival
from torch import Tensor, nn
from torch_decoder import WINDOW
from torch_encoder import DEVICE

NAMED_REPEATS = 4  # of sentences with a name whose spelling keywords decide
JOINED_SHARE = 0.3  # of the rows
LONGEST_ROW = 3500  # frames (70 s); nothing is added to a row this long


class EncoderOutputs:
    """Outputs that encode_speech.py stored, in batches of rows of similar length.

    A row (a list of indices) is one item or several. The order is new in every round,
    so that the decoder cannot memorize which sentence follows.
    """

    def __init__(self, work: Path, texts: TextCorpus) -> None:
        self._pieces: list[np.ndarray] = []
        self._ids: list[list[str]] = []
        for file in sorted((work / "heard").glob("hidden-*.npz")):
            hidden = np.load(file.with_suffix(".rows.npy"), mmap_mode="r")
            stored = np.load(file)
            self._pieces += [hidden[a:b] for a, b in pairwise(stored["starts"])]
            self._ids += [line.split() for line in stored["ids"]]
        self._texts = texts
        named = [i for i, ids in enumerate(self._ids) if self._is_named(ids)]
        self._pool = np.concatenate(
            [np.arange(len(self._ids)), np.repeat(named, NAMED_REPEATS)]
        )

    def _is_named(self, ids: list[str]) -> bool:
        """Whether an item is a single sentence with a name whose spelling keywords
        decide. Such items are repeated, each time with other keywords."""
        return len(ids) == 1 and has_rival(self._texts.joined(ids).text)

    def _frames(self, row: list[int]) -> int:
        return sum(len(self._pieces[i]) for i in row)

    def _rows(self, rng: np.random.Generator) -> list[list[int]]:
        """The whole pool once, in random order, divided into rows."""
        rows: list[list[int]] = []
        room = 0.0  # frames left in the last row
        for index in rng.permutation(self._pool).tolist():
            if room > 0:
                rows[-1].append(index)
            else:
                rows.append([index])
                is_long = rng.random() < JOINED_SHARE
                room = rng.uniform(0, LONGEST_ROW) if is_long else 0
            room -= self._frames([index])
        return rows

    def batches(self, positions: int) -> Iterator[list[list[int]]]:
        """Batches of rows, without end."""
        rng = np.random.default_rng(self._texts.rng.randrange(1 << 30))
        while True:
            batches, batch, used = [], [], 0
            rows = self._rows(rng)
            for row in sorted(
                rows, key=lambda r: self._frames(r) * rng.uniform(0.9, 1.1)
            ):
                cost = self._frames(row) // 5 + 40 + self._frames(row) // 15
                if batch and used + cost > positions:
                    batches.append(batch)
                    batch, used = [], 0
                batch.append(row)
                used += cost
            self._texts.rng.shuffle(batches)
            yield from batches

    def _row_frames(self, row: list[int]) -> np.ndarray:
        """The row's frames, float16 (T, 192), T a multiple of 15: the padding of each
        item is removed, then the whole is padded."""
        pieces = [self._pieces[i] for i in row]
        whole = np.concatenate([piece[piece.any(axis=1)] for piece in pieces])
        return np.pad(whole, ((0, -len(whole) % WINDOW), (0, 0)))

    def slots(
        self, projector: nn.Module, batch: list[list[int]]
    ) -> tuple[Tensor, list[int]]:
        """The projector's output (B, n, 192) and the length of each row in it."""
        pieces = [self._row_frames(row) for row in batch]
        frames = max(map(len, pieces))
        padded = [np.pad(p, ((0, frames - len(p)), (0, 0))) for p in pieces]
        slots = projector(torch.from_numpy(np.stack(padded)).to(DEVICE).float())
        return slots, [len(p) // 5 for p in pieces]

    def items(
        self, slots: Tensor, lengths: list[int], batch: list[list[int]]
    ) -> list[Item]:
        items = []
        for row, length, slot in zip(batch, lengths, slots, strict=True):
            sentences = self._joined(row)
            prompt = self._texts.prompt_sampler.sample(sentences)
            items.append(
                Item(slot[:length], self._texts.token_ids(sentences.raw), prompt)
            )
        return items

    def _joined(self, row: list[int]) -> Sentences:
        return self._texts.joined([id for index in row for id in self._ids[index]])

    def token_ids(self, row: list[int]) -> list[int]:
        return self._texts.token_ids(self._joined(row).raw)
