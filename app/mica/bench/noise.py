"""Benchmarks robustness to noise: which stages it reaches, and the word errors it adds.

Coughs, knocks, fans, hums, music and silence, alone and around speech, with both
readers, dictated and from files. `run` starts this module as a child process, and only
that loads MLX.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mica.bench.child import AT_ONCE, measure_in_child, print_progress
from mica.bench.metrics import edit_distance, normalized_words
from mica.bench.report import Row, report
from mica.bench.speech import Clip, Floats, clips
from mica.bench.synthetic_noise import random_noise
from mica.events import Tentative, TranscribeOptions
from mica.units import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from mica.engine.guards import SegmentResult, Units
    from mica.engine.transcriber import MakeReader
    from mica.model.granite import Granite

SOUNDS: Final = 1000
MODES: Final = 4  # of reading_modes(), which need the engine's modules
PIECE: Final = SAMPLE_RATE_HZ // 50
PAUSES_S: Final = (0.0, 0.3, 1.0, 6.0)
Measured = list[tuple[str, str, float]]


@dataclass(frozen=True, slots=True)
class ReadingMode:
    """How samples arrive and are read.

    busy   how often something more urgent is waiting, 0 to 1
    live   dictation (live text, microphone-sized pieces) rather than a file
    """

    name: str
    reader: MakeReader
    busy: float
    live: bool


def reading_modes() -> tuple[ReadingMode, ...]:
    """Both readers, with files, dictation, and dictation to a busy engine."""
    from mica.engine.offline import OfflineReader
    from mica.engine.streaming_reader import StreamingReader

    return (
        ReadingMode("plain, file", OfflineReader, 1.0, live=False),
        ReadingMode("ahead, file", StreamingReader, 0.0, live=False),
        ReadingMode("ahead, dictated", StreamingReader, 0.0, live=True),
        ReadingMode("ahead, busy", StreamingReader, 0.7, live=True),
    )


@dataclass(frozen=True, slots=True)
class NoiseCase:
    """The samples to push, and the sentences in them; none if there is no speech."""

    samples: Floats
    spoken: tuple[Clip, ...] = ()


@dataclass(slots=True)
class NoiseCount:
    """Counts of the outcomes of one mode's cases."""

    raised: list[str] = field(default_factory=list)
    results: list[SegmentResult] = field(default_factory=list)
    texts_of_nothing: int = 0
    live_texts_of_nothing: int = 0
    words: int = 0
    wrong: int = 0


def run(
    model_folder: Path, *, clips: Path | None = None, sounds: int = SOUNDS
) -> dict[str, object]:
    """`mica bench noise --json`: {"bench", "machine", "model", "rows"}."""
    shared = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "sounds": sounds,
    }
    requests = [shared | {"mode": number} for number in range(MODES)]
    threads = 1 if AT_ONCE > 1 else None
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(
            lambda request: measure_in_child(__name__, request, threads), requests
        )
        rows = [
            Row(case, metric, None, None, value, None)
            for case, metric, value in chain(*found)
        ]
    return report("noise", model_folder.name, rows)


def main(request: dict[str, Any]) -> None:
    """In the child: print a line of JSON, a list of [case, metric, value].

    request   {"model_folder", "clips", "sounds", "mode": index in reading_modes()}
    """
    from mica.model.load import load_model

    model = load_model(Path(request["model_folder"]))
    found = clips(Path(request["clips"]) if request["clips"] else None)
    mode, count = reading_modes()[request["mode"]], NoiseCount()
    for number, case in enumerate(cases(request["sounds"], found)):
        if number % 50 == 0:
            print_progress(f"{mode.name}, {number} of {request['sounds']} sounds")
        run_case(model, case, mode, count, number)
    print(json.dumps(measurements(mode.name, count)))


def cases(sounds: int, found: list[Clip]) -> Iterator[NoiseCase]:
    """Half of the sounds alone, the others before, after and between speech; also
    gated speech."""
    for seed in range(sounds):
        chance = np.random.default_rng(seed)
        _, sound = random_noise(seed)
        first, second = (found[chance.integers(len(found))] for _ in range(2))
        pause = np.zeros(int(chance.choice(PAUSES_S) * SAMPLE_RATE_HZ), np.float32)
        edge = np.zeros(int(chance.uniform(0, 0.5) * SAMPLE_RATE_HZ), np.float32)
        parts: list[Floats]
        spoken: tuple[Clip, ...] = (first,)
        match seed % 8:
            case 0:
                parts = [edge, sound, pause, first.samples]
            case 1:
                parts = [first.samples, pause, sound, edge]
            case 2:
                parts = [first.samples, pause, sound, pause, second.samples]
                spoken = (first, second)
            case 3:
                parts = [_gate(first.samples, chance)]
            case _:
                parts, spoken = [edge, sound, edge], ()
        yield NoiseCase(np.concatenate(parts), spoken)


def _gate(samples: Floats, chance: np.random.Generator) -> Floats:
    """The samples with zeros where they are quiet, as a noise gate leaves them."""
    level = np.convolve(np.abs(samples), np.ones(800) / 800, "same")
    closed = level < chance.uniform(0.02, 0.2) * level.max()
    return np.where(closed, 0, samples).astype(np.float32)


def run_case(
    model: Granite, case: NoiseCase, mode: ReadingMode, count: NoiseCount, number: int
) -> None:
    """Run one case in one mode. Counts exceptions, which in the engine would be caught
    by FallbackReader."""
    from mica.engine.transcriber import Transcriber

    chance = np.random.default_rng(number)
    results: list[SegmentResult] = []

    def recorded(*request: Any) -> Any:
        return _RecordingReader(mode.reader(*request), results)

    transcriber = Transcriber(
        model,
        "bench",
        should_yield=lambda: chance.random() < mode.busy,
        reader=recorded,
    )
    size = PIECE if mode.live else SAMPLE_RATE_HZ
    try:
        options = TranscribeOptions(keywords=("Katherine",), live=mode.live)
        transcriber.begin(SAMPLE_RATE_HZ, options)
        for at in range(0, len(case.samples), size):
            updates = transcriber.push(case.samples[at : at + size])
            live = any(isinstance(one, Tentative) and one.text for one in updates)
            count.live_texts_of_nothing += live and not case.spoken
        _, transcript = transcriber.finish()
    except Exception as why:  # noqa: BLE001 counting these is the purpose
        print_progress(f"{mode.name}, sound {number}: {why!r}")
        count.raised.append(repr(why))
        return
    count.results += results
    text = normalized_words(transcript.text)
    if case.spoken:
        wanted = [
            word for clip in case.spoken for word in normalized_words(clip.words or "")
        ]
        count.words += len(wanted)
        count.wrong += edit_distance(wanted, text)
    else:
        count.texts_of_nothing += bool(text)


class _RecordingReader:
    """A reader that records its results."""

    def __init__(self, reader: Any, results: list[SegmentResult]) -> None:
        self._reader, self._results = reader, results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def finish(self, samples: Floats) -> Units[SegmentResult]:
        result: SegmentResult = yield from self._reader.finish(samples)
        self._results.append(result)
        return result


def measurements(name: str, count: NoiseCount) -> Measured:
    """The rows: which stages the segments reached, and the word error rate."""
    request = sum(result.llm_passes > 0 for result in count.results)
    written = sum(bool(result.text) for result in count.results)
    return [
        (name, "raised", len(count.raised)),
        (name, "segments_encoded", len(count.results)),
        (name, "segments_decoded", request),
        (name, "segments_written", written),
        (name, "texts_of_nothing", count.texts_of_nothing),
        (name, "live_texts_of_nothing", count.live_texts_of_nothing),
        (name, "wer_percent", 100 * count.wrong / max(1, count.words)),
    ]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
