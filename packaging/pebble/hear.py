"""Runs the trained encoder over sentences and concatenations, once, and keeps the result.

    python packaging/pebble/hear.py --work build/pebble

The encoder is frozen while the decoder learns, so its output is made here: mostly
single sentences, a share of 2 to 6 in a row (up to 25 s) and a few long ones (up to
75 s), with pauses of 0.1 to 1.5 s; half of the items end right after the last word.
Writes `hidden.npz`: float16 (frames, 192), every item a multiple of 15 frames long;
starts; and for each item the ids of its sentences.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from network import Encoder
from speech import Speech, Utterance, frames_of, pause

WINDOW = 15
SHARES = {"single": 0.86, "several": 0.125, "long": 0.015}


def trimmed(utterance: Utterance, rng: np.random.Generator) -> Utterance:
    """Most of the background around the words cut off."""
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


def item(speech: Speech, order: list[int], rng: np.random.Generator):  # noqa: ANN201
    """Rows of one item and the ids of its sentences."""
    kind = rng.choice(list(SHARES), p=list(SHARES.values()))
    limit_s = {"single": 0.0, "several": rng.uniform(6, 25), "long": rng.uniform(25, 75)}
    rows: list[np.ndarray] = []
    ids: list[str] = []
    while True:
        whole = speech.utterances[order.pop()]
        utterance = trimmed(whole, rng) if rng.random() < 0.5 else whole
        if rows:
            rows.append(pause(whole, 2 * int(rng.integers(5, 75)), rng))
        rows.append(utterance.rows)
        ids += [utterance.id] * bool(utterance.id)
        if sum(map(len, rows)) / 100 >= limit_s[kind] or len(ids) >= 20:
            return np.concatenate(rows), ids


@torch.no_grad()
def hear(work: Path, hours: float, seed: int) -> None:
    speech = Speech(work, "train")
    encoder = Encoder().eval()
    encoder.load_state_dict(torch.load(work / "encoder.pt", weights_only=True)["encoder"])
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(speech.utterances)).tolist()
    kept, starts, names, began, heard_s = [], [0], [], time.monotonic(), 0.0
    while heard_s < hours * 3600 and len(order) > 60:
        rows, ids = item(speech, order, rng)
        frames = torch.from_numpy(frames_of(rows))[None]
        hidden = encoder(frames)[0][0].numpy().astype(np.float16)
        kept.append(np.pad(hidden, ((0, -len(hidden) % WINDOW), (0, 0))))
        starts.append(starts[-1] + len(kept[-1]))
        names.append(" ".join(ids))
        heard_s += len(rows) / 100
        if len(names) % 500 == 0:
            speed = heard_s / (time.monotonic() - began)
            print(f"{heard_s / 3600:.2f} h, {speed:.0f} times real time", flush=True)
    np.savez(
        work / "hidden.new.npz",
        hidden=np.concatenate(kept),
        starts=np.array(starts),
        ids=np.array(names),
    )
    (work / "hidden.new.npz").replace(work / "hidden.npz")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--hours", type=float, default=18)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    hear(given.work, given.hours, given.seed)
