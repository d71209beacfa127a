"""Trains the projector and the decoder, in three stages.

    python packaging/pebble/train_decoder.py --work build/pebble --stage copy
    python packaging/pebble/train_decoder.py --work build/pebble --stage project
    python packaging/pebble/train_decoder.py --work build/pebble --stage joint

copy      the decoder, on text only: copies.py
project   the projector, on what hear.py kept: a CTC loss brings its output near the
          decoder's embeddings, so that the skill of the first stage carries over
joint     both, on what hear.py kept, the CTC loss still beside

Resumes from `decoder.pt`, which is written every two minutes. together.py says how to
use two processes.
"""

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import together
import torch
from copies import Copies, Item, Texts
from decoder import WINDOW, Decoder, Projector
from prompts import BLANK, has_rival
from torch import Tensor, nn
from torch.nn import functional as F

SAVE_S = 120
CTC_SHARPNESS = 2.0  # turns distance from an embedding into a logit
CTC_WEIGHT = 0.3
NAMED_REPEATS = 4  # of sentences with a name that keywords decide on
JOINED_SHARE = 0.3  # of the rows
LONGEST_ROW = 3500  # frames (70 s) from which none is added


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.projector, self.decoder = Projector(), Decoder()

    def loss(self, items: list[Item]) -> tuple[Tensor, Tensor]:
        """Cross entropy of the answers, and the share of tokens that are right."""
        embed = self.decoder.embed_tokens
        sequences, wanted, places, weights = [], [], [], []
        for number, item in enumerate(items):
            before = embed(torch.tensor(item.asked.before))
            after = embed(torch.tensor(item.asked.after + item.asked.answer[:-1]))
            sequences.append(torch.cat([before, item.slots, after]))
            first = len(sequences[-1]) - len(item.asked.answer)
            places += [(number, first + i) for i in range(len(item.asked.answer))]
            wanted += item.asked.answer
            weights += item.asked.weights
        hidden = self.decoder(nn.utils.rnn.pad_sequence(sequences, batch_first=True))
        rows, columns = torch.tensor(places).T
        logits = self.decoder.logits(hidden[rows, columns])
        target = torch.tensor(wanted)
        right = (logits.argmax(-1) == target).float().mean()
        losses = F.cross_entropy(logits, target, reduction="none")
        counts = torch.tensor(weights)
        return (losses * counts).sum() / counts.sum(), right

    def ctc(self, slots: Tensor, lengths: list[int], heard: list[list[int]]) -> Tensor:
        """How near the slots (B, n, 192) are to their tokens' embeddings."""
        table = self.decoder.embed_tokens.weight
        near = 2 * slots @ table.T - table.square().sum(-1)
        sizes = torch.tensor([len(h) for h in heard])
        loss = F.ctc_loss(
            (CTC_SHARPNESS * near).log_softmax(-1).transpose(0, 1),
            torch.tensor([t for h in heard for t in h], dtype=torch.long),
            torch.tensor(lengths),
            sizes,
            blank=BLANK,
            reduction="none",
            zero_infinity=True,
        )
        return (loss / sizes.clamp(min=5)).mean()


class Heard:
    """What hear.py kept, in batches of rows of like length.

    A row (list of indices) is one item or several: in a new order every time, so that
    what comes after a sentence can only be heard, never remembered.
    """

    def __init__(self, work: Path, texts: Texts) -> None:
        kept = np.load(work / "hidden.npz")
        self._hidden, self._starts = kept["hidden"], kept["starts"]
        self._ids = [line.split() for line in kept["ids"]]
        self._texts = texts
        named = [i for i, ids in enumerate(self._ids) if self._is_named(ids)]
        self._pool = np.concatenate(
            [np.arange(len(self._ids)), np.repeat(named, NAMED_REPEATS)]
        )

    def _is_named(self, ids: list[str]) -> bool:
        """Whether it is one sentence with a name keywords decide on: it comes more
        often, each time with other keywords."""
        return len(ids) == 1 and has_rival(self._texts.joined(ids)[0])

    def _frames(self, row: list[int]) -> int:
        return int(sum(self._starts[i + 1] - self._starts[i] for i in row))

    def _rows(self, rng: np.random.Generator) -> list[list[int]]:
        """The whole pool, once."""
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
        """Rows, for ever."""
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

    def _heard_in(self, row: list[int]) -> np.ndarray:
        """float16 (T, 192), T a multiple of 15: an item's own padding is left out."""
        pieces = [self._hidden[self._starts[i] : self._starts[i + 1]] for i in row]
        whole = np.concatenate([piece[piece.any(axis=1)] for piece in pieces])
        return np.pad(whole, ((0, -len(whole) % WINDOW), (0, 0)))

    def slots(self, model: Model, batch: list[list[int]]) -> tuple[Tensor, list[int]]:
        """The projector's output (B, n, 192) and every row's own length."""
        pieces = [self._heard_in(row) for row in batch]
        frames = max(map(len, pieces))
        padded = [np.pad(p, ((0, frames - len(p)), (0, 0))) for p in pieces]
        slots = model.projector(torch.from_numpy(np.stack(padded)).float())
        return slots, [len(p) // 5 for p in pieces]

    def items(
        self, slots: Tensor, lengths: list[int], batch: list[list[int]]
    ) -> list[Item]:
        items = []
        for row, length, slot in zip(batch, lengths, slots, strict=True):
            text, raw = self._joined(row)
            asked = self._texts.asker.ask(text, raw)
            items.append(Item(slot[:length], self._texts.heard(raw), asked))
        return items

    def _joined(self, row: list[int]) -> tuple[str, str]:
        return self._texts.joined([id for index in row for id in self._ids[index]])

    def heard(self, row: list[int]) -> list[int]:
        return self._texts.heard(self._joined(row)[1])


class Trainer:
    def __init__(self, given: argparse.Namespace) -> None:
        self.work, self.stage, self.rate = given.work, given.stage, given.rate
        self.minutes, self.positions = given.minutes, given.positions
        self.model = Model()
        learning = {
            "copy": self.model.decoder,
            "project": self.model.projector,
            "joint": self.model,
        }[self.stage]
        self.learning = list(learning.parameters())
        self.optimizer = torch.optim.AdamW(
            self.learning, lr=self.rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.spent_s, self.steps, self.began, level = 0.0, 0, 0.0, 0.0
        if (self.work / "decoder.pt").exists():
            state = torch.load(self.work / "decoder.pt", weights_only=True)
            self.model.load_state_dict(state["model"])
            if state["stage"] == self.stage:
                self.optimizer.load_state_dict(state["optimizer"])
                self.spent_s, self.steps = state["spent_s"], state["steps"]
                level = state["level"]
        self.texts = Texts(self.work, given.seed + self.steps + 1000 * together.RANK)
        self.copies = Copies(self.model.decoder.embed_tokens, self.texts, level)

    def save(self) -> None:
        if together.RANK:
            return
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "stage": self.stage,
            "spent_s": self.spent_s,
            "steps": self.steps,
            "level": self.copies.level,
        }
        torch.save(state, self.work / "decoder.new")
        (self.work / "decoder.new").replace(self.work / "decoder.pt")

    @property
    def share(self) -> float:
        return min(self.spent_s / (self.minutes * 60), 1.0)

    def run(self) -> None:
        heard = Heard(self.work, self.texts) if self.stage != "copy" else None
        batches = heard.batches(self.positions) if heard else iter(())
        saved = time.monotonic()
        shown: list[tuple[float, ...]] = []
        while self.share < 1:
            self.began = time.monotonic()
            shown.append(self._heard(heard, next(batches)) if heard else self._copy())
            if self.steps % 50 == 0 and together.RANK == 0:
                mean = " ".join(f"{x:.3f}" for x in np.mean(shown, 0))
                print(f"{self.steps} {self.spent_s / 60:.1f} min  {mean}", flush=True)
                shown.clear()
            if time.monotonic() - saved > SAVE_S:
                self.save()
                saved = time.monotonic()
        self.save()

    def _copy(self) -> tuple[float, ...]:
        loss, right = self.model.loss(self.copies.items(self.positions))
        self._descend(loss)
        self.copies.told(right.item())
        return loss.item(), right.item() * 100, self.copies.level

    def _heard(self, heard: Heard, batch: list[list[int]]) -> tuple[float, ...]:
        slots, lengths = heard.slots(self.model, batch)
        ctc = self.model.ctc(slots, lengths, [heard.heard(row) for row in batch])
        if self.stage == "project":
            self._descend(ctc)
            return (ctc.item(),)
        loss, right = self.model.loss(heard.items(slots, lengths, batch))
        self._descend(loss + CTC_WEIGHT * ctc)
        return loss.item(), right.item() * 100, ctc.item()

    def _descend(self, loss: Tensor) -> None:
        late = max(0.0, 2 * self.share - 1) if self.stage == "copy" else self.share
        factor = min(1.0, (self.steps + 1) / 100)
        factor *= 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * late))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * factor
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        spent_s = self.spent_s + time.monotonic() - self.began
        self.spent_s = together.share_gradients(self.learning, spent_s)
        nn.utils.clip_grad_norm_(self.learning, 1.0)
        self.optimizer.step()
        self.steps += 1


STAGES = {  # minutes, positions a step, learning rate
    "copy": (9, 640, 2e-3),
    "project": (4, 2500, 3e-3),
    "joint": (20, 1600, 1e-3),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--stage", choices=list(STAGES), required=True)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--positions", type=int, help="per step")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    names = ("minutes", "positions", "rate")
    for name, usual in zip(names, STAGES[given.stage], strict=True):
        setattr(given, name, getattr(given, name) or usual)
    torch.set_flush_denormal(True)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    together.start()
    Trainer(given).run()
