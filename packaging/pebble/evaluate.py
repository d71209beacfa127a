"""Measures a pebble folder on held-out speech and writes the numbers as JSON.

    .venv/bin/python packaging/pebble/evaluate.py --work build/pebble

The samples go through the app's engine (the offline reader). Measured are held-out
sentences of the grammar in both styles, names with rival spellings as keywords,
keywords that were not spoken, and sounds without speech. If the work folder has them,
also sentences from held-out sources (spoken by espeak-ng and by other synthesizers) and
recordings of held-out speakers. Progress goes to stderr, the results to
`evaluation.json` in the work folder. On Linux, preload OpenBLAS, as the engine does;
otherwise this is slow.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from grammar import SEEN_RIVALS, UNSEEN_RIVALS
from people import PEAK, samples_of
from speak import RATE_HZ, SETS, background, plainly, utterance

from mica.bench.metrics import Quality, edit_distance, normalized_words
from mica.engine.guards import SegmentResult
from mica.engine.offline import finish
from mica.events import Certainty, Style, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model

ROOT = Path(__file__).resolve().parents[2]
SPEECH_SEED = 7  # speak.py's default
ROWS_S = [10, 30, 60]
ROWS_OF_EACH = 4
PAUSE_S = 0.5
ALL_KEYWORDS = 1000  # tokens: enough that no keyword is left out
IRRELEVANT = 10
FRAMES = [
    "Remind me to call {} about the budget.",
    "Tell {} that the report is ready.",
    "Dear {}, thank you for the new laptop.",
    "We will meet {} at the library on Friday at eleven.",
]
OPEN_SETS = ["espeak-test", "other-test", "people-dev"]
OPEN_COUNT = 150
SOUNDS_DB = [None, -60.0, -40.0, -25.0, -15.0]  # None: zeros


@dataclass(slots=True)
class Errors:
    """Edits, and the number of reference units (words or characters)."""

    edits: int = 0
    units: int = 0

    def add(self, wanted: list[str], got: list[str]) -> None:
        self.edits += edit_distance(wanted, got)
        self.units += len(wanted)

    @property
    def percent(self) -> float:
        return round(100 * self.edits / max(1, self.units), 2)


@dataclass(slots=True)
class Marks:
    """How many texts are marked as uncertain, of all and of those without an error."""

    texts: int = 0
    marked: int = 0
    right: int = 0
    right_marked: int = 0

    def add(self, wanted: list[str], result: SegmentResult) -> None:
        is_marked = result.certainty is not Certainty.SURE
        is_right = normalized_words(result.text) == wanted
        self.texts += 1
        self.marked += is_marked
        self.right += is_right
        self.right_marked += is_right and is_marked

    def percent(self, name: str) -> dict[str, float]:
        return {
            f"{name}_marked": round(100 * self.marked / max(1, self.texts), 1),
            f"{name}_right": self.right,
            f"{name}_right_marked": self.right_marked,
        }


class Evaluation:
    def __init__(self, model: Granite, work: Path, count: int) -> None:
        self._model, self._work = model, work
        rows = [json.loads(line) for line in (work / "test.jsonl").open()]
        self._rows = rows[:count]
        self._lexicon = json.loads((work / "lexicon.json").read_text())
        self._rng = np.random.default_rng(1)

    def _write(
        self, samples: np.ndarray, style: Style, keywords: list[str]
    ) -> SegmentResult:
        options = TranscribeOptions(style, tuple(keywords), ALL_KEYWORDS)
        return finish(self._model, samples, options)

    def held_out(self) -> dict[str, float]:
        """Word error rates by style, of the CTC alone and with irrelevant keywords."""
        raw, distracted_errors, ctc, letters = (Errors() for _ in range(4))
        quality, marks = Quality(), Marks()
        for number, row in enumerate(self._rows):
            samples = utterance(row["text"], SPEECH_SEED + number).samples
            wanted = normalized_words(row["text"])
            result = self._write(samples, Style.RAW, [])
            punctuated = self._write(samples, Style.PUNCTUATED, []).text
            distracted = self._write(samples, Style.RAW, self._irrelevant(row["raw"]))
            raw.add(wanted, normalized_words(result.text))
            marks.add(wanted, result)
            ctc.add(wanted, normalized_words(result.ctc_text))
            letters.add(list(row["raw"]), list(result.ctc_text))
            quality.add(row["text"], punctuated)
            distracted_errors.add(wanted, normalized_words(distracted.text))
            if number % 25 == 24:
                both = f"{raw.percent} {quality.wer_percent:.2f}"
                _tell(f"{number + 1} sentences: WER {both}")
        return {
            "sentences": len(self._rows),
            "wer_raw": raw.percent,
            "wer_punctuated": round(quality.wer_percent, 2),
            "wer_raw_10_irrelevant_keywords": distracted_errors.percent,
            "wer_ctc": ctc.percent,
            "cer_ctc": letters.percent,
            "punctuation_f1": round(quality.punctuation.f1_percent, 1),
            "capitals_f1": round(quality.capitals.f1_percent, 1),
            **marks.percent("grammar"),
        }

    def open_sets(self) -> list[str]:
        return [name for name in OPEN_SETS if (self._work / f"{name}.jsonl").exists()]

    def open_text(self, name: str, count: int) -> dict[str, float]:
        """Error rates, punctuation and capitals on a set from the work folder."""
        rows = [json.loads(line) for line in (self._work / f"{name}.jsonl").open()]
        raw, ctc, letters, quality = Errors(), Errors(), Errors(), Quality()
        marks = Marks()
        for number, row in enumerate(rows[:count]):
            samples = self._samples(name, row, number)
            result = self._write(samples, Style.RAW, [])
            raw.add(row["raw"].split(), normalized_words(result.text))
            marks.add(row["raw"].split(), result)
            ctc.add(row["raw"].split(), normalized_words(result.ctc_text))
            letters.add(list(row["raw"]), list(result.ctc_text))
            if row["cased"]:
                text = self._write(samples, Style.PUNCTUATED, []).text
                quality.add(row["text"], text)
        return {
            f"{name}_wer_raw": raw.percent,
            f"{name}_wer_ctc": ctc.percent,
            f"{name}_cer_ctc": letters.percent,
            f"{name}_wer_punctuated": round(quality.wer_percent, 2),
            f"{name}_punctuation_f1": round(quality.punctuation.f1_percent, 1),
            f"{name}_capitals_f1": round(quality.capitals.f1_percent, 1),
            **marks.percent(name),
        }

    def _samples(self, name: str, row: dict, number: int) -> np.ndarray:
        shares = SETS.get(name)
        if shares is None:
            samples = samples_of(Path(row["file"]))
            return samples / (np.abs(samples).max() + 1e-9) * PEAK
        rng = np.random.default_rng([number, SPEECH_SEED])
        return plainly(row["text"], rng, shares).samples

    def in_a_row(self) -> dict[str, float]:
        """Word error rates of several sentences in a row, decoded as a whole."""
        found, number = {}, 0
        pause = np.zeros(int(PAUSE_S * RATE_HZ), np.float32)
        for length_s in ROWS_S:
            errors = Errors()
            for _ in range(ROWS_OF_EACH):
                wanted: list[str] = []
                pieces: list[np.ndarray] = []
                while sum(map(len, pieces)) < length_s * RATE_HZ:
                    text = self._rows[number % len(self._rows)]["text"]
                    samples = utterance(text, 900 + number).samples
                    pieces += [samples, pause]
                    wanted += normalized_words(text)
                    number += 1
                row = np.concatenate(pieces)
                errors.add(
                    wanted, normalized_words(self._write(row, Style.RAW, []).text)
                )
            found[f"wer_raw_{length_s}_s"] = errors.percent
        return found

    def _irrelevant(self, raw: str) -> list[str]:
        pool = self._lexicon["family"] + self._lexicon["city"] + self._lexicon["NOUN"]
        spoken = set(raw.split())
        picked = self._rng.permutation(len(pool)).tolist()
        return [pool[i] for i in picked if pool[i].casefold() not in spoken][
            :IRRELEVANT
        ]

    def rivals(self, pairs: list[tuple[str, str]]) -> float:
        """Percentage of names that are transcribed as the keyword list spells them."""
        right = total = 0
        for number, (listed, frame, spoken) in enumerate(_spoken(pairs)):
            samples = utterance(frame.format(spoken), 500 + number).samples
            style = (Style.PUNCTUATED, Style.RAW)[number % 2]
            text = self._write(samples, style, [listed]).text
            right += listed.casefold() in normalized_words(text)
            total += 1
        return round(100 * right / total, 1)

    def sounds(self) -> dict[str, int]:
        """The number of sounds without speech, and of those that gave no text."""
        empty = total = 0
        for seed in range(8):
            for level_db in SOUNDS_DB:
                samples = np.zeros(3 * RATE_HZ, np.float32)
                if level_db is not None:
                    rng = np.random.default_rng(seed)
                    samples = background(len(samples), rng, level_db)
                empty += not self._write(samples, Style.PUNCTUATED, []).text
                total += 1
        return {"sounds": total, "sounds_empty": empty}


def _spoken(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """The listed spelling, the sentence, and the name as it is given to the voice."""
    for number, pair in enumerate(pairs):
        for turn, listed in enumerate([*pair, *pair]):
            yield listed, FRAMES[(number + turn) % len(FRAMES)], pair[0]


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def evaluate(folder: Path, work: Path, count: int) -> dict[str, float]:
    evaluation = Evaluation(load_model(folder), work, count)
    found: dict[str, float] = dict(evaluation.sounds())
    _tell(f"without speech: {found}")
    found["rivals_seen"] = evaluation.rivals(SEEN_RIVALS)
    found["rivals_unseen"] = evaluation.rivals(UNSEEN_RIVALS)
    _tell(f"keywords: {found}")
    found |= evaluation.in_a_row()
    _tell(f"in a row: {found}")
    return found | evaluation.held_out() | open_text(evaluation, OPEN_COUNT)


def open_text(evaluation: Evaluation, count: int) -> dict[str, float]:
    """The results of every open set in the work folder."""
    found: dict[str, float] = {}
    for name in evaluation.open_sets():
        found |= evaluation.open_text(name, count)
        _tell(f"open text: {found}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument(
        "--model", type=Path, default=ROOT / "resources" / "models" / "pebble"
    )
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--only-open", type=int, metavar="N", help="N of each open set")
    given = parser.parse_args()
    if given.only_open:
        evaluation = Evaluation(load_model(given.model), given.work, 0)
        print(json.dumps(open_text(evaluation, given.only_open), indent=2))
        sys.exit()
    result = evaluate(given.model, given.work, given.count)
    (given.work / "evaluation.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
