"""Runs the trained encoder over sentences and sequences and stores its output.

    python packaging/pebble/encode_speech.py --work build/pebble

The encoder is frozen while the decoder is trained, so its output is computed here: for
single sentences, several in a row (up to 25 s) and a few long rows (up to 75 s), with
pauses of 0.1 to 1.5 s. Half of the sentences have most of the background around them
removed. The trainer joins these items into longer ones, in a new order each time.

Writes to `heard/`: a copy of the encoder, `encoder.pt`, which the decoder is tied to
from then on; and for each task `hidden-000.rows.npy`, float16 (frames, 192), each item
a multiple of 15 frames long, with `hidden-000.npz`, the starts of the items and the ids
of their sentences. A run that was stopped continues with the next task; without the
folder, it starts with the newest encoder. On items this short, single-threaded
processes are twice as fast as threads.
"""

import argparse
import multiprocessing
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from feature_shards import FeatureShards, Utterance, frames_of, pause
from torch_decoder import WINDOW
from torch_encoder import Encoder

SHARES = {"single": 0.4, "several": 0.5, "long": 0.1}
LIMITS_S = {"single": (0.0, 0.1), "several": (6.0, 25.0), "long": (25.0, 75.0)}
MOST_SENTENCES = 32
TASK = 500  # utterances in one task

Item = tuple[np.ndarray, str]  # hidden float16 (T, 192), and ids separated by spaces


def trimmed(utterance: Utterance, rng: np.random.Generator) -> Utterance:
    """The utterance without most of the background around its words."""
    spoken = np.flatnonzero(utterance.phonemes)
    if not len(spoken):
        return utterance
    first = max(0, int(spoken[0]) - int(rng.integers(5, 20)))
    last = min(len(utterance.phonemes), int(spoken[-1]) + int(rng.integers(3, 12)))
    return Utterance(
        utterance.id,
        utterance.rows[2 * first : 2 * last],
        utterance.phonemes[first:last],
        max(utterance.quiet - 2 * first, 2),
    )


def joined(
    utterances: list[Utterance], rng: np.random.Generator
) -> tuple[np.ndarray, str]:
    """Rows and ids of one item; pops its utterances from the end of the list."""
    kind = rng.choice(list(SHARES), p=list(SHARES.values()))
    limit_s = rng.uniform(*LIMITS_S[kind])
    rows: list[np.ndarray] = []
    ids: list[str] = []
    while True:
        whole = utterances.pop()
        utterance = trimmed(whole, rng) if rng.random() < 0.5 else whole
        if rows:
            rows.append(pause(whole, 2 * int(rng.integers(5, 75)), rng))
        rows.append(utterance.rows)
        ids += [utterance.id] * bool(utterance.id)
        long_enough = sum(map(len, rows)) / 100 >= limit_s
        if long_enough or len(ids) >= MOST_SENTENCES or not utterances:
            return np.concatenate(rows), " ".join(ids)


class Task(NamedTuple):
    """The utterances, by index, that one process encodes at a time."""

    path: Path  # without suffix
    indices: list[int]
    seed: int


class EncoderWorker:
    """One process: its encoder, and the speech it shares with the others."""

    speech: FeatureShards  # set before the processes fork
    encoder: Encoder

    @classmethod
    def start(cls, folder: Path) -> None:
        torch.set_num_threads(1)
        cls.encoder = Encoder().eval()
        state = torch.load(folder / "encoder.pt", map_location="cpu", weights_only=True)
        cls.encoder.load_state_dict(state.get("mean") or state["encoder"])

    @classmethod
    @torch.no_grad()
    def encode(cls, task: Task) -> int:
        """Write one task's items; return their number of frames."""
        rng = np.random.default_rng(task.seed)
        utterances = [cls.speech.utterances[i] for i in task.indices]
        items: list[Item] = []
        while utterances:
            rows, ids = joined(utterances, rng)
            frames = torch.from_numpy(frames_of(rows))[None]
            hidden = cls.encoder(frames)[0][0].numpy().astype(np.float16)
            items.append((np.pad(hidden, ((0, -len(hidden) % WINDOW), (0, 0))), ids))
        starts = np.cumsum([0] + [len(hidden) for hidden, _ in items])
        rows = np.concatenate([hidden for hidden, _ in items])
        np.save(task.path.with_suffix(".rows.npy"), rows)
        draft = task.path.with_suffix(".tmp")
        with draft.open("wb") as opened:
            np.savez(opened, starts=starts, ids=np.array([ids for _, ids in items]))
        draft.replace(task.path.with_suffix(".npz"))
        return int(starts[-1])


def encode_all(work: Path, hours: float, seed: int, processes: int) -> None:
    folder = work / "heard"
    folder.mkdir(exist_ok=True)
    if not (folder / "encoder.pt").exists():
        shutil.copyfile(work / "encoder.pt", folder / "encoder.new")
        (folder / "encoder.new").replace(folder / "encoder.pt")
    people = ["people"] if (work / "people.jsonl").exists() else []
    EncoderWorker.speech = FeatureShards(work, "train", *people)
    order = np.random.default_rng(seed).permutation(
        len(EncoderWorker.speech.utterances)
    )
    tasks = [
        Task(
            folder / f"hidden-{number:03d}",
            order[number * TASK : (number + 1) * TASK].tolist(),
            seed + number,
        )
        for number in range(-(-len(order) // TASK))
    ]
    done = [task for task in tasks if task.path.with_suffix(".npz").exists()]
    frames = sum(
        int(np.load(task.path.with_suffix(".npz"))["starts"][-1]) for task in done
    )
    remaining = [task for task in tasks if task not in done]
    began, before = time.monotonic(), frames
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, EncoderWorker.start, (folder,)) as pool:
        for new in pool.imap(EncoderWorker.encode, remaining):
            frames += new
            speed = (frames - before) / 50 / (time.monotonic() - began)
            print(f"{frames / 180_000:.2f} h, {speed:.0f} times real time", flush=True)
            if frames / 180_000 >= hours:
                break


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    encode_all(given.work, given.hours, given.seed, given.processes)
