"""Trains the encoder with its character and draft CTC heads.

    python packaging/pebble/train_encoder.py --work build/pebble --minutes 40

Resumes from `encoder.pt`, which is written every few minutes. A frame-wise phoneme
loss on the middle layer leads the alignment at first and fades. The learning rate
follows the share of the given minutes that is spent; `--again` starts the clock anew
on a trained encoder. together.py says how to use two processes.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import together
import torch
from network import CHARACTERS, Encoder, characters
from speech import Joiner, Speech, frames_of
from tokenizers import Tokenizer
from torch.nn import functional as F

SAVE_S = 150
EVALUATE_S = 300


def errors(reference: str, got: str) -> int:
    """Edit distance over characters."""
    row = list(range(len(got) + 1))
    for i, a in enumerate(reference, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(got, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


@torch.no_grad()
def evaluate(
    encoder: Encoder, dev: Speech, limit: int = 100
) -> tuple[float, float, str]:
    """Character error, word error (per cent) and a sample, greedy CTC."""
    encoder.eval()
    wrong = total = words = wrong_words = 0
    got = ""
    for utterance in dev.utterances[:limit]:
        reference = dev.texts[utterance.id]["raw"]
        frames = torch.from_numpy(frames_of(utterance.rows))[None]
        got = characters(encoder(frames)[2][0])
        wrong += errors(reference, got)
        total += len(reference)
        wrong_words += errors(reference.split(), got.split())  # type: ignore[arg-type]
        words += len(reference.split())
    encoder.train()
    return 100 * wrong / total, 100 * wrong_words / words, got


def ctc(logits: torch.Tensor, targets: list[list[int]]) -> torch.Tensor:
    """Mean over the batch of the CTC loss per label."""
    B, T, _ = logits.shape
    lengths = torch.tensor([len(t) for t in targets])
    flat = torch.tensor([label for t in targets for label in t], dtype=torch.long)
    loss = F.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1),
        flat,
        torch.full((B,), T),
        lengths,
        reduction="none",
        zero_infinity=True,
    )
    return (loss / lengths.clamp(min=20)).mean()


class Trainer:
    def __init__(self, work: Path, minutes: float, frames: int, rate: float) -> None:
        self.work, self.minutes, self.frames, self.rate = work, minutes, frames, rate
        self.encoder = Encoder()
        self.learning = list(self.encoder.parameters())
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                self.learning,
                lr=rate,
                betas=(0.9, 0.98),
                weight_decay=0.01,
                fused=True,
            ),
        ]
        self.spent_s, self.steps, self.began = 0.0, 0, 0.0
        self.tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        if (work / "encoder.pt").exists():
            self._load(torch.load(work / "encoder.pt", weights_only=True))

    def _load(self, state: dict) -> None:
        self.encoder.load_state_dict(state["encoder"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self.spent_s, self.steps = state["spent_s"], state["steps"]

    def save(self) -> None:
        if together.RANK:
            return
        state = {
            "encoder": self.encoder.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "spent_s": self.spent_s,
            "steps": self.steps,
        }
        torch.save(state, self.work / "encoder.new")
        (self.work / "encoder.new").replace(self.work / "encoder.pt")

    @property
    def share(self) -> float:
        return min(self.spent_s / (self.minutes * 60), 1.0)

    def step(
        self, joiner: Joiner, texts: dict, rng: np.random.Generator
    ) -> list[float]:
        T = int(rng.integers(180, 620))
        items = [joiner.item(T) for _ in range(max(2, round(self.frames / T)))]
        frames = torch.from_numpy(np.stack([i.frames for i in items]))
        frames = self._masked(frames, rng)
        raw = [" ".join(texts[i]["raw"] for i in item.ids) for item in items]
        spelled = [[CHARACTERS.index(c) for c in text] for text in raw]
        hidden, middle, final = self.encoder(frames)
        phonemes = torch.from_numpy(np.stack([i.phonemes for i in items])).long()
        sounds = F.cross_entropy(self.encoder.sounds(self.encoder.half).mT, phonemes)
        losses = [ctc(final, spelled), ctc(middle, spelled), sounds]
        weights = [1.0, 0.5, max(0.1, 1 - 2 * self.share)]
        if self.share > 0.15:
            tokens = [[t + 1 for t in self.tokenizer.encode(x).ids] for x in raw]
            losses.append(ctc(self.encoder.drafted(hidden, middle), tokens))
            weights.append(0.3)
        total = sum(w * x for w, x in zip(weights, losses, strict=True))
        self._descend(total)
        return [x.item() for x in losses]

    def _masked(self, frames: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """SpecAugment, lightly, and a level that varies."""
        B, T, _ = frames.shape
        frames = frames + torch.from_numpy(rng.normal(0, 0.08, (B, 1, 1))).float()
        for b in range(B):
            for _ in range(T // 150):
                at, size = rng.integers(0, T - 10), rng.integers(1, 8)
                frames[b, at : at + size] = frames[b].mean()
            band, size = rng.integers(0, 70), rng.integers(0, 10)
            frames[b].view(T, 2, 80)[:, :, band : band + size] = frames[b].mean()
        return frames

    def _descend(self, loss: torch.Tensor) -> None:
        warm = min(1.0, (self.steps + 1) / 120)
        factor = warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.share)))
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
            for group in optimizer.param_groups:
                group["lr"] = self.rate * factor
        loss.backward()
        spent_s = self.spent_s + time.monotonic() - self.began
        self.spent_s = together.share_gradients(self.learning, spent_s)
        torch.nn.utils.clip_grad_norm_(self.learning, 2.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.steps += 1

    def run(self, seed: int) -> None:
        speech, dev = Speech(self.work, "train"), Speech(self.work, "dev")
        seed += self.steps + 1000 * together.RANK
        joiner, rng = Joiner(speech, seed), np.random.default_rng(seed)
        saved = evaluated = time.monotonic()
        while self.share < 1:
            self.began = time.monotonic()
            losses = self.step(joiner, speech.texts, rng)
            now = time.monotonic()
            if self.steps % 20 == 0 and not together.RANK:
                shown = " ".join(f"{x:.3f}" for x in losses)
                print(f"{self.steps} {self.spent_s / 60:.1f} min  {shown}", flush=True)
            if now - saved > SAVE_S:
                self.save()
                saved = now
            if now - evaluated > EVALUATE_S:
                self._report(dev)
                evaluated = now
        self.save()
        self._report(dev, 150)

    def _report(self, dev: Speech, limit: int = 60) -> None:
        if together.RANK:
            return
        cer, wer, sample = evaluate(self.encoder, dev, limit)
        print(f"== CER {cer:.2f} %  WER {wer:.2f} %  {sample}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--frames", type=int, default=2000, help="frames per step")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    torch.set_flush_denormal(True)  # the CTC gradients hold many; 10 times faster
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    together.start()
    trainer = Trainer(given.work, given.minutes, given.frames, given.rate)
    if given.again:
        trainer.spent_s, trainer.steps = 0.0, 0
    trainer.run(given.seed)
