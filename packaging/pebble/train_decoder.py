"""Trains the projector and the decoder, in two stages.

    python packaging/pebble/train_decoder.py --work build/pebble --stage copy
    python packaging/pebble/train_decoder.py --work build/pebble --stage joint

copy    text only: the audio slots hold noisy, repeated, blank-padded embeddings of the
        words, as a good projector would give them; lengths grow from two words
joint   what hear.py kept goes through the projector; a CTC loss holds its output to
        the decoder's embeddings, so that the skill of the first stage carries over

Resumes from `decoder.pt`, which is written every two minutes.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from decoder import EMBEDDING_MULTIPLIER, Decoder, Projector
from network import VOCABULARY
from prompts import BLANK, Asked, Asker
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from text import raw_form

SAVE_S = 120
CTC_SHARPNESS = 3.0  # turns likeness to an embedding into a logit
LONGEST_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Item:
    """slots (n, 192), what stands for the audio; heard: the raw token ids in it."""

    slots: Tensor
    heard: list[int]
    asked: Asked


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.projector, self.decoder = Projector(), Decoder()

    def loss(self, items: list[Item]) -> tuple[Tensor, Tensor]:
        """Cross entropy of the answers, and the share of tokens that are right."""
        embed = self.decoder.embed_tokens
        sequences, wanted, places = [], [], []
        for number, item in enumerate(items):
            before = embed(torch.tensor(item.asked.before))
            after = embed(torch.tensor(item.asked.after + item.asked.answer[:-1]))
            sequences.append(torch.cat([before, item.slots, after]))
            first = len(sequences[-1]) - len(item.asked.answer)
            places += [(number, first + i) for i in range(len(item.asked.answer))]
            wanted += item.asked.answer
        hidden = self.decoder(nn.utils.rnn.pad_sequence(sequences, batch_first=True))
        rows, columns = torch.tensor(places).T
        logits = self.decoder.logits(hidden[rows, columns])
        target = torch.tensor(wanted)
        right = (logits.argmax(-1) == target).float().mean()
        return F.cross_entropy(logits, target), right

    def ctc(self, slots: Tensor, lengths: list[int], heard: list[list[int]]) -> Tensor:
        """How well each slot (B, n, 192) is the embedding of its token or of blank."""
        table = F.normalize(self.decoder.embed_tokens.weight, dim=-1)
        logits = slots @ table.T * EMBEDDING_MULTIPLIER * CTC_SHARPNESS
        sizes = torch.tensor([len(h) for h in heard])
        loss = F.ctc_loss(
            logits.log_softmax(-1).transpose(0, 1),
            torch.tensor([t for h in heard for t in h], dtype=torch.long),
            torch.tensor(lengths),
            sizes,
            blank=BLANK,
            reduction="none",
            zero_infinity=True,
        )
        return (loss / sizes.clamp(min=5)).mean()


class Texts:
    """Sentences by id, and answers to ask for."""

    def __init__(self, work: Path, seed: int) -> None:
        self.tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        self.rows = [json.loads(line) for line in (work / "train.jsonl").open()]
        self.by_id = {row["id"]: row for row in self.rows}
        words = json.loads((work / "lexicon.json").read_text())
        pool = [w for kind in ("NOUN", "VERB", "ADJECTIVE") for w in words[kind]]
        pool += [*words["name"], *words["city"], *words["family"]] * 20
        self.rng = random.Random(seed)
        self.pool = pool
        self.asker = Asker(self.tokenizer, pool, self.rng)

    def joined(self, ids: list[str]) -> tuple[str, str]:
        rows = [self.by_id[i] for i in ids]
        return " ".join(r["text"] for r in rows), " ".join(r["raw"] for r in rows)

    def heard(self, raw: str) -> list[int]:
        return list(self.tokenizer.encode(raw).ids)


class Copies:
    """Items of the first stage; `share` of the time spent sets how hard they are.

    Random words in a row come first, without blanks or noise: no habit of language
    helps there, so the decoder must learn to look at the slots. Then blanks and noise
    grow, then sentences come in every style and with keywords, then several at once.
    """

    def __init__(self, model: Model, texts: Texts) -> None:
        self._model, self._texts = model, texts

    def items(self, share: float, positions: int) -> list[Item]:
        rng, used, items = self._texts.rng, 0, []
        longest = 1 if share < 0.6 else 2 if share < 0.8 else 4
        count = rng.randint(1, longest)
        if share > 0.8 and rng.random() < LONGEST_SHARE:
            count = rng.randint(6, 20)
        while used < positions:
            if rng.random() > 2 * share - 0.3:
                item = self._random_words(share)
            else:
                item = self._sentences(count, min(1.0, 2 * share))
            used += len(item.slots) + len(item.asked.after) + len(item.asked.answer)
            items.append(item)
        return items

    def _random_words(self, share: float) -> Item:
        texts = self._texts
        words = texts.rng.choices(texts.pool, k=texts.rng.randint(2, 10))
        raw = raw_form(" ".join(words))
        heard = texts.heard(raw)
        slots = self._slots(heard, min(1.0, 2.5 * share))
        return Item(slots, heard, texts.asker.asked(raw, raw, False, []))

    def _sentences(self, count: int, hardness: float) -> Item:
        texts = self._texts
        rows = [texts.rng.choice(texts.rows) for _ in range(count)]
        text, raw = " ".join(r["text"] for r in rows), " ".join(r["raw"] for r in rows)
        if texts.rng.random() < 0.03:
            text = raw = ""
        heard = texts.heard(raw)
        return Item(self._slots(heard, hardness), heard, texts.asker.ask(text, raw))

    def _slots(self, heard: list[int], hardness: float) -> Tensor:
        rng = self._texts.rng
        ids = [BLANK] * round(rng.randint(0, 5) * hardness)
        sparse = rng.uniform(0.6, 2.5) * hardness
        for token in heard:
            if rng.random() < 0.02 * hardness:
                token = rng.randrange(4, VOCABULARY - 1)
            ids += [token] * (rng.choice([1, 1, 1, 2]) if hardness > 0.3 else 1)
            ids += [BLANK] * int(rng.expovariate(1 / (sparse + 1e-6)) + 0.5)
            ids += [BLANK] * (
                rng.randint(2, 12) if rng.random() < 0.02 * hardness else 0
            )
        ids += [BLANK] * round(rng.randint(0, 6) * hardness)
        ids += [BLANK] * (-len(ids) % 3 or 3 * (not ids))
        clean = self._model.decoder.embed_tokens(torch.tensor(ids))
        noise = rng.uniform(0, 0.5) * hardness / EMBEDDING_MULTIPLIER
        return clean + torch.randn_like(clean) * noise


class Heard:
    """Items of the second stage, in batches of like length."""

    def __init__(self, work: Path, texts: Texts) -> None:
        kept = np.load(work / "hidden.npz")
        self._hidden, self._starts = kept["hidden"], kept["starts"]
        self._ids = [line.split() for line in kept["ids"]]
        self._texts = texts

    def batches(self, positions: int) -> Iterator[list[int]]:
        """Indices of items, for ever."""
        sizes = np.diff(self._starts)
        shuffles = np.random.default_rng(self._texts.rng.randrange(1 << 30))
        while True:
            noisy = sizes * shuffles.uniform(0.9, 1.1, len(sizes))
            batches, batch, used = [], [], 0
            for index in np.argsort(noisy):
                cost = sizes[index] // 5 + 40 + sizes[index] // 15
                if batch and used + cost > positions:
                    batches.append(batch)
                    batch, used = [], 0
                batch.append(int(index))
                used += cost
            self._texts.rng.shuffle(batches)
            yield from batches

    def items(self, model: Model, batch: list[int]) -> tuple[list[Item], Tensor]:
        """The batch's items and the CTC loss of their slots."""
        pieces = [self._hidden[self._starts[i] : self._starts[i + 1]] for i in batch]
        frames = max(map(len, pieces))
        padded = [np.pad(p, ((0, frames - len(p)), (0, 0))) for p in pieces]
        slots = model.projector(torch.from_numpy(np.stack(padded)).float())
        lengths = [len(p) // 5 for p in pieces]
        items = []
        for index, length, row in zip(batch, lengths, slots, strict=True):
            text, raw = self._texts.joined(self._ids[index])
            asked = self._texts.asker.ask(text, raw)
            items.append(Item(row[:length], self._texts.heard(raw), asked))
        return items, model.ctc(slots, lengths, [item.heard for item in items])


class Trainer:
    def __init__(self, work: Path, stage: str, minutes: float, rate: float) -> None:
        self.work, self.stage = work, stage
        self.minutes, self.rate = minutes, rate
        self.model = Model()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.spent_s, self.steps = 0.0, 0
        if (work / "decoder.pt").exists():
            state = torch.load(work / "decoder.pt", weights_only=True)
            self.model.load_state_dict(state["model"])
            if state["stage"] == stage:
                self.optimizer.load_state_dict(state["optimizer"])
                self.spent_s, self.steps = state["spent_s"], state["steps"]

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "stage": self.stage,
            "spent_s": self.spent_s,
            "steps": self.steps,
        }
        torch.save(state, self.work / "decoder.new")
        (self.work / "decoder.new").replace(self.work / "decoder.pt")

    @property
    def share(self) -> float:
        return min(self.spent_s / (self.minutes * 60), 1.0)

    def run(self, seed: int, positions: int) -> None:
        texts = Texts(self.work, seed + self.steps)
        copies = Copies(self.model, texts)
        heard = Heard(self.work, texts) if self.stage == "joint" else None
        batches = heard.batches(positions) if heard else iter(())
        saved = time.monotonic()
        shown: list[list[float]] = []
        while self.share < 1:
            began = time.monotonic()
            if heard:
                items, ctc = heard.items(self.model, next(batches))
            else:
                items, ctc = copies.items(self.share, positions), torch.zeros(())
            loss, right = self.model.loss(items)
            self._descend(loss + self._ctc_weight() * ctc)
            self.spent_s += time.monotonic() - began
            shown.append([loss.item(), right.item() * 100, ctc.item()])
            if self.steps % 50 == 0:
                mean = " ".join(f"{x:.3f}" for x in np.mean(shown, 0))
                print(f"{self.steps} {self.spent_s / 60:.1f} min  {mean}", flush=True)
                shown.clear()
            if time.monotonic() - saved > SAVE_S:
                self.save()
                saved = time.monotonic()
        self.save()

    def _ctc_weight(self) -> float:
        return 1.0 if self.share < 0.3 else 0.3

    def _descend(self, loss: Tensor) -> None:
        factor = min(1.0, (self.steps + 1) / 100)
        late = max(0.0, 2 * self.share - 1) if self.stage == "copy" else self.share
        factor *= 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * late))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * factor
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.steps += 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--stage", choices=["copy", "joint"], required=True)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--positions", type=int, default=2400, help="per step")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    torch.set_flush_denormal(True)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    trainer = Trainer(given.work, given.stage, given.minutes, given.rate)
    trainer.run(given.seed, given.positions)
