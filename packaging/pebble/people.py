"""Imports recordings of people, in the format that speak.py writes.

    python packaging/pebble/people.py --work build/pebble --speech ../speech \\
        --leave-out asterisk

Every folder in --speech has a `transcripts.tsv` with the columns file, speaker and
text. The split is by speaker, not by sentence: one speaker in eight is held out, chosen
by the hash of the name. Each recording of the others is stored several times, once
unchanged and the rest with simulated rooms (rooms.py). Writes `people.jsonl`,
`people-dev.jsonl` and the shards.
"""

import argparse
import csv
import json
import multiprocessing
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from espeak import RATE_HZ
from rooms import recorded
from sentences import canonical, raw_form
from speak import SHARD, Spoken, write_shard
from spell import spelled

HELD_OUT = 8  # one speaker in 8 is held out
TIMES = 3  # how many times each recording of the others is stored
LONGEST_S = 12.0  # longer recordings do not fit into the trainer's rows
EDGE_S = 0.1
PEAK = 0.5  # amplitude to which unchanged recordings are scaled


class Recording(NamedTuple):
    file: Path
    speaker: str
    text: str


def recordings(folder: Path, left_out: list[str]) -> list[Recording]:
    """All recordings whose text can be spelled without digits."""
    found = []
    for table in sorted(folder.glob("*/transcripts.tsv")):
        if table.parent.name in left_out:
            continue
        with table.open(newline="") as opened:
            for row in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE):
                text = spelled(row["text"].replace('"', ""))
                if text and raw_form(text):
                    file = table.parent / row["file"]
                    found.append(Recording(file, row["speaker"], canonical(text)))
    return found


def is_held_out(speaker: str) -> bool:
    return zlib.crc32(speaker.encode()) % HELD_OUT == 0


def is_cased(text: str) -> bool:
    return text[0].isupper() and text[-1] in ".?!"


def samples_of(file: Path) -> np.ndarray:
    """The file's samples, float32 at 16 kHz, mono."""
    resampler = av.AudioResampler("flt", "mono", RATE_HZ)
    with av.open(str(file)) as opened:
        frames = [*opened.decode(audio=0), None]
        pieces = [out.to_ndarray()[0] for f in frames for out in resampler.resample(f)]
    return np.concatenate(pieces)


def _write_shard(task: tuple[Path, list[dict[str, str]], bool]) -> float:
    path, rows, held = task

    def utterances() -> Iterator[tuple[str, Spoken]]:
        for row in rows:
            rng = np.random.default_rng([zlib.crc32(row["id"].encode()), 1])
            samples = samples_of(Path(row["file"]))
            if not len(samples) or len(samples) > LONGEST_S * RATE_HZ:
                continue
            if held or row["id"].endswith("-0"):
                samples = samples / (np.abs(samples).max() + 1e-9) * PEAK
            else:
                samples = recorded(samples, rng, [])
            end_s = len(samples) / RATE_HZ - EDGE_S
            times = [(EDGE_S, "?"), (end_s, "")]
            yield row["id"], Spoken(samples, times, EDGE_S, [])

    return write_shard(path, utterances())


def write(work: Path, found: list[Recording], name: str, times: int, seed: int) -> None:
    rows: list[dict] = [
        {"id": f"{name}-{number}-{turn}", "text": one.text if cased else raw,
         "raw": raw, "cased": cased, "file": str(one.file)}
        for number, one in enumerate(found)
        for cased, raw in [(is_cased(one.text), raw_form(one.text))]
        for turn in range(times)
    ]  # fmt: skip
    random.Random(seed).shuffle(rows)
    (work / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    folder = work / "speech"
    folder.mkdir(exist_ok=True)
    tasks = [
        (folder / f"{name}-{i // SHARD:03d}", rows[i : i + SHARD], times == 1)
        for i in range(0, len(rows), SHARD)
    ]
    tasks = [task for task in tasks if not task[0].with_suffix(".npz").exists()]
    with multiprocessing.Pool(2) as pool:
        hours = sum(pool.imap(_write_shard, tasks)) / 3600
    print(f"{name}: {len(rows)} recordings, {hours:.2f} h", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--leave-out", nargs="*", default=[], metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    everything = recordings(given.speech, given.leave_out)
    held = [one for one in everything if is_held_out(one.speaker)]
    rest = [one for one in everything if not is_held_out(one.speaker)]
    write(given.work, held, "people-dev", 1, given.seed)
    write(given.work, rest, "people", TIMES, given.seed)
