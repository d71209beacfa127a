"""Trains the projector and the decoder, in stages.

    python packaging/pebble/train_decoder.py --work build/pebble --stage copy
    python packaging/pebble/train_decoder.py --work build/pebble --stage project
    python packaging/pebble/train_decoder.py --work build/pebble --stage joint

language  the decoder, on text only: predict what comes next, without any audio
copy      the decoder, on text only: copy the contents of the slots (copy_task.py)
project   the projector, on the output of encode_speech.py: a CTC loss moves the
          projector's output near the decoder's embeddings, so that what the decoder
          learned on text carries over
joint     both, on the output of encode_speech.py, with the CTC loss as a second loss

Continues from `decoder.pt`, which is saved every two minutes (weights.py makes one from
a shipped model folder). The learning rate is a function of the share of steps done.
Some of the answer's tokens are hidden from the decoder, and its loss uses label
smoothing, so that it relies more on the audio. data_parallel.py says how to use two
processes.
"""

import argparse
import math
import time
from pathlib import Path

import data_parallel
import numpy as np
import torch
from copy_task import CopyTask, Item, TextCorpus
from encoder_outputs import EncoderOutputs
from prompts import BLANK
from torch import Tensor, nn
from torch.nn import functional as F
from torch_decoder import Decoder, Projector
from torch_encoder import DEVICE

SAVE_S = 120
CTC_SHARPNESS = 2.0  # converts the distance from an embedding to a logit
CTC_WEIGHT = 0.3
HIDDEN_SHARE = 0.15  # of the answer's tokens in the decoder's input
SMOOTHING = 0.05


def tokens(ids: list[int]) -> Tensor:
    return torch.tensor(ids, dtype=torch.long, device=DEVICE)


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.projector, self.decoder = Projector(), Decoder()

    def loss(self, items: list[Item]) -> tuple[Tensor, Tensor]:
        """Cross entropy of the answers, and the share of tokens predicted correctly."""
        embed = self.decoder.embed_tokens
        sequences, answers, places, weights = [], [], [], []
        for number, item in enumerate(items):
            before = embed(tokens(item.prompt.before))
            after = embed(tokens(item.prompt.after))
            inputs = embed(tokens(item.prompt.answer[:-1]))
            inputs = inputs * (torch.rand(len(inputs), 1) >= HIDDEN_SHARE).to(DEVICE)
            sequences.append(torch.cat([before, item.slots, after, inputs]))
            first = len(sequences[-1]) - len(item.prompt.answer)
            places += [(number, first + i) for i in range(len(item.prompt.answer))]
            answers += item.prompt.answer
            weights += item.prompt.weights
        hidden = self.decoder(nn.utils.rnn.pad_sequence(sequences, batch_first=True))
        rows, columns = torch.tensor(places).T
        logits = self.decoder.logits(hidden[rows, columns])
        target = tokens(answers)
        right = (logits.argmax(-1) == target).float().mean()
        losses = F.cross_entropy(
            logits, target, reduction="none", label_smoothing=SMOOTHING
        )
        counts = torch.tensor(weights, device=DEVICE)
        return (losses * counts).sum() / counts.sum(), right

    def ctc(
        self, slots: Tensor, lengths: list[int], token_ids: list[list[int]]
    ) -> Tensor:
        """CTC loss of the slots (B, n, 192) by their distance from the embeddings."""
        table = self.decoder.embed_tokens.weight
        near = 2 * slots @ table.T - table.square().sum(-1)
        sizes = torch.tensor([len(ids) for ids in token_ids])
        loss = F.ctc_loss(
            (CTC_SHARPNESS * near).log_softmax(-1).transpose(0, 1),
            tokens([t for ids in token_ids for t in ids]),
            torch.tensor(lengths),
            sizes,
            blank=BLANK,
            reduction="none",
            zero_infinity=True,
        )
        return (loss / sizes.to(DEVICE).clamp(min=5)).mean()


class Trainer:
    def __init__(self, given: argparse.Namespace) -> None:
        self.work, self.stage, self.rate = given.work, given.stage, given.rate
        self.total, self.positions = given.steps, given.positions
        self.model = Model().to(DEVICE)
        learning = {
            "language": self.model.decoder,
            "copy": self.model.decoder,
            "project": self.model.projector,
            "joint": self.model,
        }[self.stage]
        self.learning = list(learning.parameters())
        self.optimizer = torch.optim.AdamW(
            self.learning, lr=self.rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.steps, level = 0, 0.0
        if (self.work / "decoder.pt").exists():
            file = self.work / "decoder.pt"
            state = torch.load(file, map_location=DEVICE, weights_only=True)
            self.model.load_state_dict(state["model"])
            if state["stage"] == self.stage and not given.again:
                self.optimizer.load_state_dict(state["optimizer"])
                self.steps, level = state["steps"], state["level"]
        self.texts = TextCorpus(
            self.work, given.seed + self.steps + 1000 * data_parallel.RANK
        )
        self.copy_task = CopyTask(self.model.decoder.embed_tokens, self.texts, level)

    def save(self) -> None:
        if data_parallel.RANK:
            return
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "stage": self.stage,
            "steps": self.steps,
            "level": self.copy_task.level,
        }
        torch.save(state, self.work / "decoder.new")
        (self.work / "decoder.new").replace(self.work / "decoder.pt")

    @property
    def share(self) -> float:
        return min(self.steps / self.total, 1.0)

    def run(self) -> None:
        uses_audio = self.stage in ("project", "joint")
        outputs = EncoderOutputs(self.work, self.texts) if uses_audio else None
        batches = outputs.batches(self.positions) if outputs else iter(())
        saved = began = time.monotonic()
        shown: list[tuple[float, ...]] = []
        while self.share < 1:
            shown.append(
                self._audio_step(outputs, next(batches))
                if outputs
                else self._text_step()
            )
            if self.steps % 50 == 0 and data_parallel.RANK == 0:
                mean = " ".join(f"{x:.3f}" for x in np.mean(shown, 0))
                pace = (time.monotonic() - began) / len(shown)
                print(f"{self.steps} {pace:.2f} s a step  {mean}", flush=True)
                shown.clear()
                began = time.monotonic()
            if time.monotonic() - saved > SAVE_S:
                self.save()
                saved = time.monotonic()
        self.save()

    def _text_step(self) -> tuple[float, ...]:
        """One training step on text alone."""
        silent = self.stage == "language"
        items = (self.copy_task.silent if silent else self.copy_task.items)(
            self.positions
        )
        loss, right = self.model.loss(items)
        self._descend(loss)
        self.copy_task.report_accuracy(right.item())
        return loss.item(), right.item() * 100, self.copy_task.level

    def _audio_step(
        self, outputs: EncoderOutputs, batch: list[list[int]]
    ) -> tuple[float, ...]:
        slots, lengths = outputs.slots(self.model.projector, batch)
        ctc = self.model.ctc(slots, lengths, [outputs.token_ids(row) for row in batch])
        if self.stage == "project":
            self._descend(ctc)
            return (ctc.item(),)
        loss, right = self.model.loss(outputs.items(slots, lengths, batch))
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
        data_parallel.average_gradients(self.learning)
        nn.utils.clip_grad_norm_(self.learning, 1.0)
        self.optimizer.step()
        self.steps += 1


STAGES = {  # steps, positions per step, learning rate
    "language": (6000, 1600, 2e-3),
    "copy": (6000, 1200, 1e-3),
    "project": (2000, 2500, 2e-3),
    "joint": (12_000, 1600, 2e-3),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--stage", choices=list(STAGES), required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--positions", type=int, help="per step")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--again", action="store_true", help="count the steps anew")
    given = parser.parse_args()
    names = ("steps", "positions", "rate")
    for name, usual in zip(names, STAGES[given.stage], strict=True):
        setattr(given, name, getattr(given, name) or usual)
    torch.set_flush_denormal(True)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    data_parallel.start()
    Trainer(given).run()
