"""Writes the model card from the folder's weights and what evaluate.py measured.

    python packaging/pebble/card.py --model resources/models/pebble

Reads `evaluation.json` from the folder, so no number is typed by hand. A target that
was missed is marked as missed. With `--work`, first writes what the model was trained
on to the folder as `training.json`; a folder that has this file gets a card with the
sources, their licenses and counts.
"""

import argparse
import json
import math
import re
from collections import Counter
from pathlib import Path

from sources import SOURCES, SPEECH

ROOT = Path(__file__).resolve().parents[2]
WORDS_TO_A_WEIGHT = 4  # 8-bit weights in a 32-bit word
# Name of the measure, key in evaluation.json, bar, whether less is better.
BARS = [
    ("word errors, raw style", "wer_raw", 8.0, True),
    ("word errors, punctuated style", "wer_punctuated", 9.0, True),
    ("words lost to 10 keywords nobody said, raw style", "keyword_cost", 0.5, True),
    ("names as the keyword list spells them, seen pairs", "rivals_seen", 90.0, False),
]
REPORTED = [
    ("word errors of the character CTC alone", "wer_ctc"),
    ("character errors of the character CTC alone", "cer_ctc"),
    ("word errors of 10 s, sentences in a row", "wer_raw_10_s"),
    ("word errors of 30 s, sentences in a row", "wer_raw_30_s"),
    ("word errors of 60 s, sentences in a row", "wer_raw_60_s"),
    ("punctuation F1", "punctuation_f1"),
    ("capitals F1", "capitals_f1"),
    ("names as the keyword list spells them, pairs not in training", "rivals_unseen"),
]


SETS = {
    "espeak-test": "espeak-ng",
    "other-test": "flite and festival",
    "people-dev": "people",
}
OPEN_MEASURES = [
    ("wer_raw", "word errors, raw style"),
    ("wer_punctuated", "word errors, punctuated style"),
    ("wer_ctc", "word errors of the character CTC alone"),
    ("cer_ctc", "character errors of the character CTC alone"),
    ("punctuation_f1", "punctuation F1"),
    ("capitals_f1", "capitals F1"),
]


def training(work: Path) -> dict:
    """Count sentences by source, hours of speech, and recordings by folder."""
    frames = Counter(
        {
            kind: sum(_rows(file) for file in (work / "speech").glob(f"{kind}-???.npz"))
            for kind in ("train", "people")
        }
    )
    people: Counter[str] = Counter()
    if (work / "people.jsonl").exists():
        rows = map(json.loads, (work / "people.jsonl").open())
        files = {row["file"] for row in rows}
        known = re.compile(rf"/({'|'.join(SPEECH)})/")
        people.update(known.search(file)[1] for file in files)  # type: ignore[index]
    return {
        "text": json.loads((work / "sources.json").read_text("utf-8")),
        "hours": round(frames["train"] / 360_000, 1),
        "people": dict(sorted(people.items())),
        "people_hours": round(frames["people"] / 360_000, 1),
    }


def _rows(shard: Path) -> int:
    import numpy as np

    return int(np.load(shard)["starts"][-1])


def parameters(folder: Path) -> dict[str, int]:
    """The number of weights of each part, read from the file's header."""
    counts = {"encoder": 0, "projector": 0, "language_model": 0}
    with (folder / "model.safetensors").open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        header = json.loads(opened.read(size))
    for name, tensor in header.items():
        part = name.split(".")[0]
        if part not in counts or name.endswith((".scales", ".biases")):
            continue
        packed = WORDS_TO_A_WEIGHT if tensor["dtype"] == "U32" else 1
        counts[part] += math.prod(tensor["shape"]) * packed
    return counts


def rows(found: dict[str, float]) -> str:
    lines = ["| measured on held-out speech | result | bar |", "|---|---|---|"]
    busy = found["wer_raw_10_irrelevant_keywords"]
    found = found | {"keyword_cost": round(busy - found["wer_raw"], 2)}
    for what, key, bar, less in BARS:
        met = found[key] <= bar if less else found[key] >= bar
        sign = "at most" if less else "at least"
        verdict = "met" if met else "**missed**"
        lines.append(f"| {what} | {found[key]} % | {sign} {bar:g} %: {verdict} |")
    for what, key in REPORTED:
        lines.append(f"| {what} | {found[key]} % | |")
    empty, sounds = found["sounds_empty"], found["sounds"]
    verdict = "met" if empty == sounds else "**missed**"
    lines.append(
        f"| silence, noise and music with empty text | {empty} of {sounds} "
        f"| all: {verdict} |"
    )
    return "\n".join(lines)


def open_rows(found: dict[str, float]) -> str:
    """The table of measures on open text, with a column for each available set."""
    sets = {name: who for name, who in SETS.items() if f"{name}_wer_raw" in found}
    lines = [f"| measured | {' | '.join(sets.values())} |", "|---" * (len(sets) + 1)]
    for key, what in OPEN_MEASURES:
        cells = " | ".join(f"{found[f'{name}_{key}']} %" for name in sets)
        lines.append(f"| {what} | {cells} |")
    return "\n".join([lines[0], lines[1] + "|", *lines[2:]])


def training_data(facts: dict) -> str:
    """The paragraphs about the training data, from training.json."""
    lines = ["| text | sentences | from | license |", "|---|---|---|---|"]
    for name, count in facts["text"].items():
        title, license = SOURCES[name]
        lines.append(f"| {name} | {count} | {title} | {license} |")
    speech = ["| speech | recordings | from | license |", "|---|---|---|---|"]
    for name, count in facts["people"].items():
        title, license = SPEECH[name]
        speech.append(f"| {name} | {count} | {title} | {license} |")
    return TRAINING_DATA.format(
        text="\n".join(lines), people="\n".join(speech), **_hours(facts)
    )


def _hours(facts: dict) -> dict[str, float]:
    return {"hours": facts["hours"], "people_hours": facts["people_hours"]}


def card(folder: Path) -> str:
    found = json.loads((folder / "evaluation.json").read_text("utf-8"))
    if (folder / "training.json").exists():
        facts = json.loads((folder / "training.json").read_text("utf-8"))
        return _filled(OPEN_CARD, folder, found).replace(
            "TRAINING_DATA", training_data(facts)
        )
    return _filled(CARD, folder, found)


def _filled(template: str, folder: Path, found: dict[str, float]) -> str:
    millions = {part: count / 1e6 for part, count in parameters(folder).items()}
    return template.format(
        rows=rows(found),
        open_rows=open_rows(found),
        sentences=found["sentences"],
        encoder=millions["encoder"],
        projector=millions["projector"],
        decoder=millions["language_model"],
    )


CARD = """\
---
license: apache-2.0
language: en
pipeline_tag: automatic-speech-recognition
---

# pebble

A small speech recognition model for trying, testing and measuring Mica without a
download. **It understands the synthetic voices it was trained on, not people.** For
real dictation, install a Granite Speech model.

It has the architecture and the file format of granite-speech-4.1-2b, but it is much
smaller and was trained from scratch; it contains no weights of that model. It supports
the same four prompts: raw, punctuated, and both with keywords.

## Sizes

| part | parameters | stored as |
|---|---|---|
| encoder (6 conformer layers of 192, character CTC) | {encoder:.2f} M | bfloat16 |
| projector (2 Q-Former layers) | {projector:.2f} M | bfloat16 |
| decoder (4 layers of 192, 2 048 tokens) | {decoder:.2f} M | 8 bit, groups of 64 |

## Training data

The text was written for this model: sentences from a grammar of everyday office and
home dictation, whose open slots are filled with words from Debian's wamerican list,
common ones more often, and sequences of random words. It was spoken by espeak-ng in six
English voices with random pitch, rate, level and background. No recordings of people
were used.

Training took place on two processor cores. The encoder was trained for 81 minutes: 27
on 48.7 hours of an earlier text full of rare words, then 54 on 29.9 hours of this one.
The decoder learned to copy for 7 minutes, on text alone. Then the projector was trained
for 3 minutes, and both together for 162 minutes on 24, again 24 and then 26 hours of
the encoder's output, for 51 more on another 28 hours, and for 60 more on another 28.
These were single sentences and sequences of sentences up to 75 seconds long, joined in
a new order each time in the last hour of training. The weights are the mean of those at
the last three ends and shortly before the last one.

## Measured

On {sentences} sentences that are not in the training text, in the same six voices with
different pitches, rates and backgrounds, through the plain path of Mica's own engine
(`evaluation.json` has the numbers).

{rows}

The programs in `packaging/pebble/` produced everything in this folder.
"""


OPEN_CARD = """\
---
license: apache-2.0
language: en
pipeline_tag: automatic-speech-recognition
---

# pebble

A small speech recognition model for trying, testing and measuring Mica without a
download. **It understands synthetic voices, and people poorly.** For real dictation,
install a Granite Speech model.

It has the architecture and the file format of granite-speech-4.1-2b, but it is much
smaller and was trained from scratch; it contains no weights of that model. It supports
the same four prompts: raw, punctuated, and both with keywords.

## Sizes

| part | parameters | stored as |
|---|---|---|
| encoder (6 conformer layers of 192, character CTC) | {encoder:.2f} M | bfloat16 |
| projector (2 Q-Former layers) | {projector:.2f} M | bfloat16 |
| decoder (4 layers of 192, 4 096 tokens) | {decoder:.2f} M | 8 bit, groups of 64 |

## Training data

TRAINING_DATA

## Measured on open text

On sentences from held-out sources in the voices of three synthesizers, and on
recordings of held-out speakers, through the plain path of Mica's own engine.

{open_rows}

## Measured on the grammar

On {sentences} sentences that are not in the training text, in six espeak-ng voices
(`evaluation.json` has all the numbers).

{rows}

The programs in `packaging/pebble/` produced everything in this folder.
"""

TRAINING_DATA = """\
{text}

The text was spoken by espeak-ng, flite and festival in their English voices,
{hours} hours in all, with random accent, variant, pitch and rate.
`packaging/pebble/rooms.py` simulated rooms, noises, bands, gains, gates and levels.
Recordings of people, each in several such rooms, {people_hours} hours in all:

{people}"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", type=Path, default=ROOT / "resources" / "models" / "pebble"
    )
    parser.add_argument("--work", type=Path, help="of this training")
    given = parser.parse_args()
    folder = given.model
    if given.work:
        facts = json.dumps(training(given.work), indent=2) + "\n"
        (folder / "training.json").write_text(facts, "utf-8")
    (folder / "README.md").write_text(card(folder), "utf-8")
