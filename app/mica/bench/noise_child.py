"""Gives sounds without words to a model; the process bench/noise.py starts.

One argument, JSON: {"model_folder", "clips", "sounds"}. Prints one line of JSON: a list
of [case, metric, value].
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from mica.bench.child import tell
from mica.bench.noises import noise
from mica.bench.speech import Clip, Floats, clips
from mica.bench.wer import edits, words
from mica.engine.guards import SegmentResult
from mica.engine.offline import OfflineReader
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader, Transcriber
from mica.events import Tentative, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model
from mica.units import SAMPLE_RATE_HZ

PIECE: Final = SAMPLE_RATE_HZ // 50
PAUSES_S: Final = (0.0, 0.3, 1.0, 6.0)
Measured = list[tuple[str, str, float]]


@dataclass(frozen=True, slots=True)
class Mode:
    """How samples come and are read.

    busy   how often something more urgent waits, 0 to 1
    live   whether it is dictated: live text, in a microphone's pieces; else a file
    """

    name: str
    reader: MakeReader
    busy: float
    live: bool


MODES: Final = (
    Mode("plain, file", OfflineReader, 1.0, live=False),
    Mode("ahead, file", StreamingReader, 0.0, live=False),
    Mode("ahead, dictated", StreamingReader, 0.0, live=True),
    Mode("ahead, busy", StreamingReader, 0.7, live=True),
)


@dataclass(frozen=True, slots=True)
class Case:
    """Samples to give, and the sentences in them; none where nobody speaks."""

    samples: Floats
    said: tuple[Clip, ...] = ()


@dataclass(slots=True)
class Count:
    """What became of the cases of one mode."""

    raised: list[str] = field(default_factory=list)
    results: list[SegmentResult] = field(default_factory=list)
    texts_of_nothing: int = 0
    live_texts_of_nothing: int = 0
    words: int = 0
    wrong: int = 0


def main(asked: dict[str, Any]) -> None:
    model = load_model(Path(asked["model_folder"]))
    found = clips(Path(asked["clips"]) if asked["clips"] else None)
    counts = {mode.name: Count() for mode in MODES}
    for number, case in enumerate(cases(asked["sounds"], found)):
        if number % 50 == 0:
            tell(f"{number} of {asked['sounds']} sounds")
        for mode in MODES:
            read(model, case, mode, counts[mode.name], number)
    print(json.dumps([row for name, one in counts.items() for row in rows(name, one)]))


def cases(sounds: int, found: list[Clip]) -> Iterator[Case]:
    """Half of the sounds alone, the others before, behind, between and under speech."""
    for seed in range(sounds):
        chance = np.random.default_rng(seed)
        _, sound = noise(seed)
        first, second = (found[chance.integers(len(found))] for _ in range(2))
        pause = np.zeros(int(chance.choice(PAUSES_S) * SAMPLE_RATE_HZ), np.float32)
        edge = np.zeros(int(chance.uniform(0, 0.5) * SAMPLE_RATE_HZ), np.float32)
        parts: list[Floats]
        said: tuple[Clip, ...] = (first,)
        match seed % 8:
            case 0:
                parts = [edge, sound, pause, first.samples]
            case 1:
                parts = [first.samples, pause, sound, edge]
            case 2:
                parts = [first.samples, pause, sound, pause, second.samples]
                said = (first, second)
            case 3:
                parts = [_gated(first.samples, chance)]
            case _:
                parts, said = [edge, sound, edge], ()
        yield Case(np.concatenate(parts), said)


def _gated(samples: Floats, chance: np.random.Generator) -> Floats:
    """The same with zeros where it is quiet, as a gate leaves it."""
    level = np.convolve(np.abs(samples), np.ones(800) / 800, "same")
    closed = level < chance.uniform(0.02, 0.2) * level.max()
    return np.where(closed, 0, samples).astype(np.float32)


def read(model: Granite, case: Case, mode: Mode, count: Count, number: int) -> None:
    """One case in one mode. What raises is counted, which the engine would not let
    through: its readers are guarded."""
    chance = np.random.default_rng(number)
    results: list[SegmentResult] = []

    def keeping(*asked: Any) -> Any:
        return _Keeping(mode.reader(*asked), results)

    transcriber = Transcriber(
        model, "bench", should_yield=lambda: chance.random() < mode.busy, reader=keeping
    )
    size = PIECE if mode.live else SAMPLE_RATE_HZ
    try:
        options = TranscribeOptions(keywords=("Katherine",), live=mode.live)
        transcriber.begin(SAMPLE_RATE_HZ, options)
        for at in range(0, len(case.samples), size):
            said = transcriber.push(case.samples[at : at + size])
            live = any(isinstance(one, Tentative) and one.text for one in said)
            count.live_texts_of_nothing += live and not case.said
        _, transcript = transcriber.finish()
    except Exception as why:  # noqa: BLE001 to be counted is what it is here for
        tell(f"{mode.name}, sound {number}: {why!r}")
        count.raised.append(repr(why))
        return
    count.results += results
    text = words(transcript.text)
    if case.said:
        wanted = [word for clip in case.said for word in words(clip.words or "")]
        count.words += len(wanted)
        count.wrong += edits(wanted, text)
    else:
        count.texts_of_nothing += bool(text)


class _Keeping:
    """A reader whose results are looked at."""

    def __init__(self, reader: Any, results: list[SegmentResult]) -> None:
        self._reader, self._results = reader, results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def finish(self, samples: Floats, on_unit: Any) -> SegmentResult:
        result: SegmentResult = self._reader.finish(samples, on_unit)
        self._results.append(result)
        return result


def rows(name: str, count: Count) -> Measured:
    """How far the segments got, and what the sounds cost the words."""
    asked = sum(result.llm_passes > 0 for result in count.results)
    written = sum(bool(result.text) for result in count.results)
    return [
        (name, "raised", len(count.raised)),
        (name, "segments_encoded", len(count.results)),
        (name, "segments_decoded", asked),
        (name, "segments_written", written),
        (name, "texts_of_nothing", count.texts_of_nothing),
        (name, "live_texts_of_nothing", count.live_texts_of_nothing),
        (name, "wer_percent", 100 * count.wrong / max(1, count.words)),
    ]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
