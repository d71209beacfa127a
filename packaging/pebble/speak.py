"""Synthesizes the sentences as speech and stores the log-mel rows.

    python packaging/pebble/speak.py --work build/pebble --set train --count 36000

The training sentences are spoken in many voices (voices.py) and rooms (rooms.py). Each
sentence is seeded with its number, and existing shards are kept, so that a stopped run
can be continued and a larger --count adds to an earlier one. A shard has two files.
`NAME-000.rows.npy`: float16 (n, 80), 10 ms each, log10 power, unclipped.
`NAME-000.npz`: `phonemes` uint8 (n // 2) for every 20 ms, 0 = none, 255 = unknown;
`starts` (utterances + 1,) into rows; `quiet`, the number of background rows before the
speech of each utterance; `ids`. Some utterances are background alone.

Development and test sentences have a plain background. Those of the grammar always use
the same six espeak-ng voices (`utterance`), so that figures remain comparable.
"""

import argparse
import json
import multiprocessing
import sys
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from espeak import RATE_HZ, Voice
from rooms import background, noise, recorded
from voices import ESPEAK, OTHERS, SHARES, UNKNOWN, SynthesizedSpeech, synthesize

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "app"))
from mica.audio import features

VOICES = ["en-us", "en-us+f3", "en-us+m7", "en-us+f2", "gmw/en", "gmw/en+f4"]
SETS = {  # the voices of each set; None: those of `utterance`
    "train": SHARES, "dev": None, "test": None, "espeak-dev": {ESPEAK: 1.0},
    "espeak-test": {ESPEAK: 1.0}, "other-dev": OTHERS, "other-test": OTHERS,
}  # fmt: skip
SHARD = 500
EMPTY_SHARE = 0.04
LEAD_S, TAIL_S = (0.1, 0.5), (0.1, 0.4)
BABBLE = 4  # voices at once


class Spoken(NamedTuple):
    """Samples, start of each phoneme, background before the speech, end of each word.
    Times are in seconds."""

    samples: np.ndarray
    phonemes: list[tuple[float, str]]
    lead_s: float
    word_ends_s: list[float]


def utterance(text: str, seed: int, clean: bool = False) -> Spoken:
    """A sentence with voice, pace, level and background chosen by seed; "" = noise."""
    rng = np.random.default_rng(seed)
    name = VOICES[seed % len(VOICES)]
    lead_s, tail_s = rng.uniform(0.1, 0.5), rng.uniform(0.1, 0.4)
    times: list[tuple[float, str]] = []
    ends: list[float] = []
    spoken = np.zeros(int(rng.uniform(1.0, 4.0) * RATE_HZ), np.float32)
    if text:
        voice = Voice(name)
        rate = int(rng.uniform(140, 210))
        spoken = voice.synthesize(
            text, rate, int(rng.uniform(25, 75)), int(rng.uniform(30, 70))
        )
        spoken = spoken / (np.abs(spoken).max() + 1e-9)
        times = [(at + lead_s, phoneme) for at, phoneme in voice.phoneme_times]
        ends = [at + lead_s for at in voice.word_ends_s(text)]
    silence_before = np.zeros(int(lead_s * RATE_HZ), np.float32)
    silence_after = np.zeros(int(tail_s * RATE_HZ), np.float32)
    sound = np.concatenate([silence_before, spoken, silence_after]) * 10 ** (
        rng.uniform(-22, -1) / 20
    )
    if clean or rng.random() < 0.25:
        return Spoken(sound.astype(np.float32), times, lead_s, ends)
    power = np.sqrt(np.mean(spoken**2)) if text else 0.1
    level_db = 20 * np.log10(power + 1e-6) - rng.uniform(12, 45)
    if not text:
        level_db = rng.uniform(-60, -12)
    noisy = sound + background(len(sound), rng, level_db)
    return Spoken(noisy, times, lead_s, ends)


def plainly(
    text: str, rng: np.random.Generator, shares: dict[str, float], clean: bool = False
) -> Spoken:
    """A sentence in one of many voices over a plain background, as in `utterance`."""
    lead_s, tail_s = rng.uniform(*LEAD_S), rng.uniform(*TAIL_S)
    speech = synthesize(text, rng, shares)
    voice = speech.samples / (np.abs(speech.samples).max() + 1e-9)
    silence_before, silence_after = (
        np.zeros(int(s * RATE_HZ), np.float32) for s in (lead_s, tail_s)
    )
    sound = np.concatenate([silence_before, voice, silence_after]) * 10 ** (
        rng.uniform(-22, -1) / 20
    )
    if not clean and rng.random() >= 0.25:
        power_db = 20 * np.log10(np.sqrt(np.mean(voice**2)) + 1e-6)
        sound = sound + background(len(sound), rng, power_db - rng.uniform(12, 45))
    return Spoken(sound.astype(np.float32), _times(speech, lead_s), lead_s, [])


def _times(speech: SynthesizedSpeech, lead_s: float) -> list[tuple[float, str]]:
    """The start of each phoneme; if unknown, a single "?" for the whole duration."""
    if speech.phonemes is None:
        return [(lead_s, "?"), (lead_s + len(speech.samples) / RATE_HZ, "")]
    return [(at + lead_s, phoneme) for at, phoneme in speech.phonemes]


def in_a_room(
    text: str, rng: np.random.Generator, shares: dict[str, float], others: list
) -> Spoken:
    """A sentence in one of many voices and rooms; "" = noise alone.

    others  samples of other voices, for babble
    """
    lead_s, tail_s = rng.uniform(*LEAD_S), rng.uniform(*TAIL_S)
    if not text:
        count = int(rng.uniform(1.0, 4.0) * RATE_HZ)
        return Spoken(noise(count, rng, rng.uniform(-65, -12), []), [], 0.0, [])
    speech = synthesize(text, rng, shares)
    silence_before, silence_after = (
        np.zeros(int(s * RATE_HZ), np.float32) for s in (lead_s, tail_s)
    )
    samples = recorded(
        np.concatenate([silence_before, speech.samples, silence_after]), rng, others
    )
    return Spoken(samples, _times(speech, lead_s), lead_s, [])


def rows_of(samples: np.ndarray) -> np.ndarray:
    """The log-mel rows before clipping, float16 (n, 80) with n even."""
    stream = features.FeatureStream()
    frames = np.concatenate([stream.push(samples), stream.finish()])
    return frames.reshape(-1, 80).astype(np.float16)


def _phoneme_frames(times: list[tuple[float, str]], frames: int) -> np.ndarray:
    labels = np.zeros(frames, np.uint8)
    ends = [at for at, _ in times[1:]] + [frames]
    for (at, phoneme), until in zip(times, ends, strict=False):
        bare = phoneme.strip("',%=:|_ ")
        if bare == "?":
            labels[round(at * 50) : min(round(until * 50), frames)] = UNKNOWN
        elif bare:
            code = sum(ord(c) * (i * 7 + 1) for i, c in enumerate(bare))
            labels[round(at * 50) : min(round(until * 50), frames)] = code % 95 + 1
    return labels


class Shard(NamedTuple):
    """The sentences that one process speaks at a time."""

    path: Path  # without suffix
    sentences: list[dict[str, str]]
    seed: int
    shares: dict[str, float] | None


def _spoken(shard: Shard) -> Iterator[tuple[str, Spoken]]:
    """The id of each utterance ("" without speech) and its sound."""
    others: deque[np.ndarray] = deque(maxlen=BABBLE)
    for sentence in shard.sentences:
        number = shard.seed + int(sentence["id"].rsplit("-", 1)[1])
        if shard.shares is None:
            yield sentence["id"], utterance(sentence["text"], number)
            continue
        rng = np.random.default_rng([number, zlib.crc32(shard.path.name[:-4].encode())])
        if not shard.path.name.startswith("train"):
            yield sentence["id"], plainly(sentence["text"], rng, shard.shares)
            continue
        empty = rng.random() < EMPTY_SHARE
        text = "" if empty else sentence["text"]
        spoken = in_a_room(text, rng, shard.shares, list(others))
        others.append(spoken.samples)
        yield "" if empty else sentence["id"], spoken


def write_shard(path: Path, utterances: Iterator[tuple[str, Spoken]]) -> float:
    """Write both files of a shard, the small one last; return its length in seconds."""
    rows, phonemes, starts, quiet, ids = [], [], [0], [], []
    for name, spoken in utterances:
        rows.append(rows_of(spoken.samples))
        phonemes.append(_phoneme_frames(spoken.phonemes, len(rows[-1]) // 2))
        starts.append(starts[-1] + len(rows[-1]))
        quiet.append(int(spoken.lead_s * 100) if name else len(rows[-1]))
        ids.append(name)
    np.save(path.with_suffix(".rows.npy"), np.concatenate(rows))
    draft = path.with_suffix(".tmp.npz")
    np.savez(
        draft,
        phonemes=np.concatenate(phonemes),
        starts=np.array(starts),
        quiet=np.array(quiet),
        ids=np.array(ids),
    )
    draft.replace(path.with_suffix(".npz"))
    return starts[-1] / 100


def _speak(shard: Shard) -> float:
    return write_shard(shard.path, _spoken(shard))


def speak(work: Path, name: str, count: int, seed: int, processes: int) -> None:
    sentences = [json.loads(line) for line in (work / f"{name}.jsonl").open()][:count]
    folder = work / "speech"
    folder.mkdir(exist_ok=True)
    tasks = [
        Shard(
            folder / f"{name}-{i // SHARD:03d}",
            sentences[i : i + SHARD],
            seed,
            SETS[name],
        )
        for i in range(0, len(sentences), SHARD)
    ]
    tasks = [task for task in tasks if not task.path.with_suffix(".npz").exists()]
    done_s = 0.0
    with multiprocessing.Pool(processes) as pool:
        for number, seconds in enumerate(pool.imap(_speak, tasks), 1):
            done_s += seconds
            print(f"{name}: {number}/{len(tasks)}, {done_s / 3600:.2f} h", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--set", default="train", choices=list(SETS))
    parser.add_argument("--count", type=int, default=36_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    speak(given.work, given.set, given.count, given.seed, given.processes)
