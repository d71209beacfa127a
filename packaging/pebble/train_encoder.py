"""Trains the encoder with its character and draft CTC heads.

    python packaging/pebble/train_encoder.py --work build/pebble --steps 20000

Continues from `encoder.pt`, which is saved every few minutes (weights.py makes one from
a shipped model folder). Where the phonemes are known, a frame-wise phoneme loss on the
middle layer guides the alignment at first; its weight decreases. The learning rate is a
function of the share of steps done; `--again` restarts the count on a trained encoder.
A running mean of the weights (`mean`) makes fewer errors than the weights themselves
until late in training: it is evaluated, used by encode_speech.py and exported.
Recordings of people (people.py) are used if there are any. data_parallel.py says how to
use two processes.
"""

import argparse
import math
import time
from pathlib import Path

import data_parallel
import numpy as np
import torch
from feature_shards import FeatureShards, Joiner, frames_of
from tokenizers import Tokenizer
from torch.nn import functional as F
from torch_encoder import CHARACTERS, DEVICE, Encoder, characters
from voices import UNKNOWN

SAVE_S = 150
EVALUATE_S = 2400
DRAFT_FROM = 800  # steps; until then, the encoder learns the characters only
MEMORY = 0.998  # decay of the running mean, per step
LENGTHS = (300, 800)  # frames in a row
WARMUP = 120  # steps
DEVS = ("dev", "espeak-dev", "other-dev", "people-dev")
PEOPLE_OFTEN = 2  # times per round


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
    encoder: Encoder, dev: FeatureShards, limit: int = 100
) -> tuple[float, float, str]:
    """Character and word error rates (percent) of greedy CTC, and a sample of it."""
    encoder.eval()
    wrong = total = words = wrong_words = 0
    got = ""
    for utterance in dev.utterances[:limit]:
        reference = dev.texts[utterance.id]["raw"]
        frames = torch.from_numpy(frames_of(utterance.rows))[None].to(DEVICE)
        got = characters(encoder(frames)[2][0])
        wrong += errors(reference, got)
        total += len(reference)
        wrong_words += errors(reference.split(), got.split())  # type: ignore[arg-type]
        words += len(reference.split())
    encoder.train()
    return 100 * wrong / total, 100 * wrong_words / words, got


def ctc(logits: torch.Tensor, targets: list[list[int]]) -> torch.Tensor:
    """CTC loss per label, averaged over the batch."""
    B, T, _ = logits.shape
    lengths = torch.tensor([len(t) for t in targets])
    labels = [label for t in targets for label in t]
    flat = torch.tensor(labels, dtype=torch.long, device=DEVICE)
    loss = F.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1),
        flat,
        torch.full((B,), T),
        lengths,
        reduction="none",
        zero_infinity=True,
    )
    return (loss / lengths.to(DEVICE).clamp(min=20)).mean()


class Trainer:
    def __init__(self, work: Path, given: argparse.Namespace) -> None:
        self.work, self.total, self.frames = work, given.steps, given.frames
        self.rate = given.rate
        self.encoder = Encoder(given.dropout).to(DEVICE)
        self.learning = list(self.encoder.parameters())
        self.optimizer = torch.optim.AdamW(
            self.learning,
            lr=self.rate,
            betas=(0.9, 0.98),
            weight_decay=0.01,
            fused=True,
        )
        self.steps = self.first = self.session_steps = 0
        self.mean = self._copied()
        self.tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        if (work / "encoder.pt").exists():
            file = work / "encoder.pt"
            state = torch.load(file, map_location=DEVICE, weights_only=True)
            self._load(state, given.again)

    def _load(self, state: dict, restart: bool) -> None:
        self.encoder.load_state_dict(state["encoder"])
        self.mean = state.get("mean") or self._copied()
        self.steps = state["steps"]
        if "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
        fresh = restart or "first" not in state
        self.first = self.steps if fresh else state["first"]

    def save(self) -> None:
        if data_parallel.RANK:
            return
        state = {
            "encoder": self.encoder.state_dict(),
            "mean": self.mean,
            "optimizer": self.optimizer.state_dict(),
            "steps": self.steps,
            "first": self.first,
        }
        torch.save(state, self.work / "encoder.new")
        (self.work / "encoder.new").replace(self.work / "encoder.pt")

    @property
    def share(self) -> float:
        return min((self.steps - self.first) / self.total, 1.0)

    def step(
        self, joiner: Joiner, texts: dict, rng: np.random.Generator
    ) -> list[float]:
        T = int(rng.integers(*LENGTHS))
        items = [joiner.item(T) for _ in range(max(2, round(self.frames / T)))]
        frames = torch.from_numpy(np.stack([i.frames for i in items]))
        frames = self._masked(frames, rng).to(DEVICE)
        raw = [" ".join(texts[i]["raw"] for i in item.ids) for item in items]
        spelled = [[CHARACTERS.index(c) for c in text] for text in raw]
        hidden, middle, final = self.encoder(frames)
        phonemes = torch.from_numpy(np.stack([i.phonemes for i in items]))
        phonemes = phonemes.long().to(DEVICE)
        sounds = F.cross_entropy(
            self.encoder.sounds(self.encoder.half).mT, phonemes, ignore_index=UNKNOWN
        )
        losses = [ctc(final, spelled), ctc(middle, spelled), sounds]
        weights = [1.0, 0.5, max(0.1, 1 - 2 * self.share)]
        if self.steps > DRAFT_FROM:
            tokens = [[t + 1 for t in self.tokenizer.encode(x).ids] for x in raw]
            losses.append(ctc(self.encoder.drafted(hidden, middle), tokens))
            weights.append(0.3)
        total = sum(w * x for w, x in zip(weights, losses, strict=True))
        self._descend(total)
        return [x.item() for x in losses]

    def _masked(self, frames: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """Apply light SpecAugment and a random level."""
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
        warmup = min(1.0, (self.session_steps + 1) / WARMUP)
        factor = warmup * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.share)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * factor
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        data_parallel.average_gradients(self.learning)
        torch.nn.utils.clip_grad_norm_(self.learning, 2.0)
        self.optimizer.step()
        self.steps += 1
        self.session_steps += 1
        self._update_mean()

    def _copied(self) -> dict[str, torch.Tensor]:
        return {k: v.clone() for k, v in self.encoder.state_dict().items()}

    def _update_mean(self) -> None:
        """Move the running mean slightly toward the weights."""
        done = self.steps - self.first
        share = max(1 - MEMORY, 9 / (done + 9))
        for name, value in self.encoder.state_dict().items():
            if value.is_floating_point():
                self.mean[name].lerp_(value, share)

    def run(self, seed: int) -> None:
        people = ["people"] if (self.work / "people.jsonl").exists() else []
        speech = FeatureShards(
            self.work, "train", *people, often={"people": PEOPLE_OFTEN}
        )
        devs = [self.work / f"{name}.jsonl" for name in DEVS]
        held = {f.stem: FeatureShards(self.work, f.stem) for f in devs if f.exists()}
        seed += self.steps + 1000 * data_parallel.RANK
        joiner, rng = Joiner(speech, seed), np.random.default_rng(seed)
        saved = evaluated = began = time.monotonic()
        while self.share < 1:
            losses = self.step(joiner, speech.texts, rng)
            now = time.monotonic()
            if self.steps % 20 == 0 and not data_parallel.RANK:
                shown = " ".join(f"{x:.3f}" for x in losses)
                pace = (now - began) / self.session_steps
                print(f"{self.steps} {pace:.2f} s a step  {shown}", flush=True)
            if now - saved > SAVE_S:
                self.save()
                saved = now
            if now - evaluated > EVALUATE_S:
                self._report(held, 30)
                evaluated = time.monotonic()
        self.save()
        self._report(held, 150)

    def _report(self, held: dict[str, FeatureShards], limit: int) -> None:
        if data_parallel.RANK:
            return
        mean = Encoder().to(DEVICE)
        mean.load_state_dict(self.mean)
        for name, speech in held.items():
            if speech.utterances:
                cer, wer, got = evaluate(mean, speech, limit)
                print(f"== {name} CER {cer:.2f} %  WER {wer:.2f} %  {got}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--frames", type=int, default=2000, help="frames per step")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    torch.set_flush_denormal(True)  # CTC gradients have many denormals; 10 times faster
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    data_parallel.start()
    Trainer(given.work, given).run(given.seed)
