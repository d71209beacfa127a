"""Benchmarks the latency from release to text against mlx-audio.

Both run in one child process on the same weights, with the engine's environment. Ours
gets the audio in pieces as from a microphone and works as it arrives; the rival, which
takes whole recordings, gets it at release. The time for each piece is measured and the
waiting in between is computed, so a minute of audio does not take a minute here.

A case consists of several recordings with lengths spread around it, each ending soon
after its last word; with a single one, the chance positions of the encoder's blocks
would dominate. A rival gets every third of them. Of ten minutes, all but the end comes
at once, as from a file, and the rivals are left out because their model's context
cannot hold it.

`run` starts this module as the child, and only that loads MLX.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from mica.bench.child import measure_in_child, print_progress
from mica.bench.metrics import Quality, percentile
from mica.bench.report import Row, report
from mica.bench.speech import Clip, clips, recording
from mica.bench.streaming import stream
from mica.events import Style

if TYPE_CHECKING:
    from mica.bench.rival import Rival
    from mica.engine.transcriber import MakeReader
    from mica.model.granite import Granite

CASES_S: Final = (3, 10, 30, 60, 600)
RECORDINGS: Final = 10  # of a case that has a bar
WITH_BAR_S: Final = (10, 60, 600)
FEWER: Final = 4  # of the other cases
SPREAD_S: Final = 2.0
RIVALS: Final = ("mlx-audio", "mlx-audio-speculative")
METRICS: Final = ("release_to_text_ms", "llm_passes")
MORE_METRICS: Final = ("release_to_text_p95_ms", "wer_percent")
VOID_ABOVE_WER: Final = 5.0  # points by which a rival's WER may exceed ours
GROWTH_FROM_S: Final = 10  # longer cases are compared with this one
GROWTH: Final = f"release_to_text_over_{GROWTH_FROM_S}s"
LONG_S: Final = 120  # longer ones are streamed only at the end and go to no rival
SPOKEN_S: Final = 24  # the length of that end: more than any segment
WARM_S: Final = 5
#: A rival, for which block positions do not matter, gets the first recording of a case,
#: the last, and every third in between: it is so slow that all would take an hour.
RIVALS_EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """A network with random weights, in place of a model that is not installed.

    name          of a shape in random_model.SHAPES
    wrong_share   of its drafts' tokens
    """

    name: str
    wrong_share: float = 0.03


@dataclass(frozen=True, slots=True)
class LatencyCases:
    """The cases to measure.

    lengths_s    of speech
    recordings   how many for each length; None: the usual number
    once_s       lengths measured in the last style only, because they take minutes
    """

    lengths_s: Sequence[int] = CASES_S
    styles: Sequence[Style] = (Style.RAW,)
    recordings: int | None = None
    once_s: Sequence[int] = ()

    def as_request(self) -> list[tuple[str, int, int]]:
        """The style, length and number of recordings of each case."""
        return [
            (style.value, seconds, self.recordings or usual_recordings(seconds))
            for style in self.styles
            for seconds in self.lengths_s
            if style is self.styles[-1] or seconds not in self.once_s
        ]


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    against: bool = True,
    cases: LatencyCases | None = None,
    shape: Shape | None = None,
) -> dict[str, object]:
    """`mica bench latency --json`: {"bench", "machine", "model", "rows"}.

    shape   measured instead of the model in the folder; without a speculative rival
    """
    cases = cases or LatencyCases()
    rivals = RIVALS[: 1 if shape else None] if against else ()
    request: dict[str, Any] = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "rivals": list(rivals),
        "cases": cases.as_request(),
        "shape": [shape.name, shape.wrong_share] if shape else None,
    }
    found = measure_in_child(__name__, request)
    rows = [row for case in found for row in _rows(case, rivals)]
    name = f"{shape.name}, random" if shape else model_folder.name
    return report("latency", name, [*rows, *_growth(rows)])


def usual_recordings(seconds: int) -> int:
    """The default number of recordings of a case."""
    return RECORDINGS if seconds in WITH_BAR_S else FEWER


def _rows(case: dict[str, Any], rivals: Sequence[str]) -> list[Row]:
    """The rows of one measured case; see main() for its form."""
    label, style = str(case["case"]), str(case["style"])
    rows = []
    for rival in rivals or (None,):
        theirs: dict[str, float] | None = case.get(rival) if rival else None
        void = theirs is not None and _is_void(case["ours"], theirs)
        for metric in (*METRICS, *MORE_METRICS):
            ours = case["ours"].get(metric)
            if ours is None:
                continue
            # A void rival's errors are still shown, since they are the reason.
            shown = theirs and (metric == "wer_percent" or not void)
            value = theirs.get(metric) if theirs and shown else None
            rows.append(Row(label, metric, style, rival, ours, value))
    return rows


def _is_void(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    """Whether the rival's figures do not count, because its text is much worse."""
    if "wer_percent" not in ours or "wer_percent" not in theirs:
        return False
    return theirs["wer_percent"] > ours["wer_percent"] + VOID_ABOVE_WER


def _growth(rows: Sequence[Row]) -> list[Row]:
    """Our latency in longer cases, divided by that of the reference length."""
    times = {
        (row.style, row.case): row.ours
        for row in rows
        if row.metric == "release_to_text_ms"
    }
    return [
        Row(case, GROWTH, style, None, ours / times[style, f"{GROWTH_FROM_S}s"], None)
        for (style, case), ours in times.items()
        if int(case.removesuffix("s")) > GROWTH_FROM_S
        and times.get((style, f"{GROWTH_FROM_S}s"))
    ]


@dataclass(slots=True)
class Side:
    """The measurements of one implementation in one case."""

    times_ms: list[float] = field(default_factory=list)
    passes: list[int] = field(default_factory=list)
    quality: Quality = field(default_factory=Quality)

    def figures(self) -> dict[str, float]:
        found = {
            "release_to_text_ms": median(self.times_ms),
            "llm_passes": median(self.passes),
            "release_to_text_p95_ms": percentile(self.times_ms, 95),
        }
        if self.quality.units:
            found["wer_percent"] = self.quality.wer_percent
        return found


def main(request: dict[str, Any]) -> None:
    """In the child: print a line of JSON, a list of {"case", "style", "ours", and each
    rival}, each side {"release_to_text_ms", "llm_passes", "release_to_text_p95_ms"}
    and, if the words are known, "wer_percent".

    request   {"model_folder", "clips", "rivals", "cases", "shape"}, a case being
              [style, seconds, number of recordings]
    """
    found = clips(Path(request["clips"]) if request["clips"] else None)
    if request["shape"]:  # its text is scripted, not what was said
        found = [replace(clip, words=None) for clip in found]
    with tempfile.TemporaryDirectory() as scratch:
        model, reader, rival = _networks(request, Path(scratch))
        rivals = dict.fromkeys(request["rivals"], rival) if rival else {}
        measured = []
        warmup = recording(found, WARM_S).samples
        for value, seconds, count in request["cases"]:
            style, label = Style(value), f"{seconds}s"
            print_progress(f"{value}: {count} recordings of {label}")
            stream(model, warmup, style, reader=reader)
            case = spread_recordings(found, seconds, count)
            sides = measure_case(model, rivals, case, style, reader)
            measured.append({"case": label, "style": value, **sides})
    print(json.dumps(measured))


def _networks(
    request: dict[str, Any], scratch: Path
) -> tuple[Granite, MakeReader, Rival | None]:
    """The model, its reader factory, and the rival on the same weights."""
    from mica.bench.random_model import SHAPES, random_network
    from mica.bench.rival import Rival, fp32_copy
    from mica.engine.streaming_reader import StreamingReader
    from mica.model.load import load_model

    if request["shape"] is None:
        folder = Path(request["model_folder"])
        model, rival = load_model(folder), None
        if request["rivals"]:
            rival = Rival(fp32_copy(folder, scratch), model.tokenizer)
        return model, StreamingReader, rival
    name, wrong_share = request["shape"]
    print_progress(f"random weights of {name}")
    network = random_network(SHAPES[name])
    rival = network.rival() if request["rivals"] else None
    return network.model, network.readers(wrong_share), rival


def spread_recordings(found: list[Clip], seconds: float, count: int) -> list[Clip]:
    """Recordings with lengths spread evenly around `seconds`."""
    if count == 1:
        return [recording(found, seconds)]
    steps = count - 1
    return [
        recording(found, seconds + SPREAD_S * (2 * number - steps) / steps, 7 * number)
        for number in range(count)
    ]


def measure_case(
    model: Granite,
    rivals: dict[str, Rival],
    case: list[Clip],
    style: Style,
    reader: MakeReader | None = None,
) -> dict[str, dict[str, float]]:
    """Our figures and each rival's over the recordings of a case."""
    sides: dict[str, Side] = {}
    for number, clip in enumerate(case):
        is_long = clip.seconds > LONG_S
        includes_rivals = not is_long and number % RIVALS_EVERY == 0
        fast_s = int(clip.seconds - SPOKEN_S) if is_long else 0
        ours = stream(model, clip.samples, style, reader=reader, fast_s=fast_s)
        text, passes = ours.transcript.text, ours.transcript.timing.llm_passes
        _add(sides, "ours", clip, ours.release_to_text_s, text, passes)
        for name, rival in (rivals if includes_rivals else {}).items():
            fast = name.endswith("speculative")
            if fast and not rival.speculates:
                continue
            start = time.perf_counter()
            written, passes = rival.write(clip.samples, style, clip.words or text, fast)
            _add(sides, name, clip, time.perf_counter() - start, written, passes)
    return {name: side.figures() for name, side in sides.items()}


def _add(
    sides: dict[str, Side],
    name: str,
    clip: Clip,
    latency_s: float,
    text: str,
    passes: int,
) -> None:
    side = sides.setdefault(name, Side())
    side.times_ms.append(1000 * latency_s)
    side.passes.append(passes)
    if clip.words:
        side.quality.add(clip.words, text)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
