"""Measures release to text; the process bench/latency.py starts.

One argument, JSON: {"model_folder", "clips", "rivals", "cases", "shape"}, a case being
[style, seconds, how many recordings]. Prints one line of JSON: a list of {"case",
"style", "ours", and each rival}, each side {"release_to_text_ms", "llm_passes",
"release_to_text_p95_ms"} and, where the words are known, "wer_percent".
"""

import json
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from mica.bench.captions_metrics import percentile
from mica.bench.child import tell
from mica.bench.feed import fed
from mica.bench.latency import SPREAD_S
from mica.bench.quality import Quality
from mica.bench.rival import Rival, fp32_copy
from mica.bench.shape import SHAPES, random_network
from mica.bench.speech import Clip, clips, recording
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model

LONG_S: Final = 120  # longer ones come at once but for the end, and go to no rival
SPOKEN_S: Final = 24  # that end: more than any segment
WARM_S: Final = 5
#: A rival, which has no blocks that could lie luckily, gets the first recording of a
#: case, the last, and every third between: slow as it is, all would take an hour.
RIVALS_EVERY: Final = 3


@dataclass(slots=True)
class Side:
    """What one of them gave in a case."""

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


def main(asked: dict[str, Any]) -> None:
    found = clips(Path(asked["clips"]) if asked["clips"] else None)
    if asked["shape"]:  # what it writes is the script's, not what was said
        found = [replace(clip, words=None) for clip in found]
    with tempfile.TemporaryDirectory() as scratch:
        model, reader, rival = _networks(asked, Path(scratch))
        rivals = dict.fromkeys(asked["rivals"], rival) if rival else {}
        measured = []
        warm = recording(found, WARM_S).samples
        for value, seconds, count in asked["cases"]:
            style, label = Style(value), f"{seconds}s"
            tell(f"{value}: {count} recordings of {label}")
            fed(model, warm, style, reader=reader)
            case = spread(found, seconds, count)
            sides = sides_of(model, rivals, case, style, reader)
            measured.append({"case": label, "style": value, **sides})
    print(json.dumps(measured))


def _networks(
    asked: dict[str, Any], scratch: Path
) -> tuple[Granite, MakeReader, Rival | None]:
    """The network, how its segments are read, and mlx-audio's on the same weights."""
    if asked["shape"] is None:
        folder = Path(asked["model_folder"])
        model, rival = load_model(folder), None
        if asked["rivals"]:
            rival = Rival(fp32_copy(folder, scratch), model.tokenizer)
        return model, StreamingReader, rival
    name, wrong_share = asked["shape"]
    tell(f"random weights of {name}")
    network = random_network(SHAPES[name])
    rival = network.rival() if asked["rivals"] else None
    return network.model, network.readers(wrong_share), rival


def spread(found: list[Clip], seconds: float, count: int) -> list[Clip]:
    """Recordings of lengths spread evenly around so many seconds."""
    if count == 1:
        return [recording(found, seconds)]
    steps = count - 1
    return [
        recording(found, seconds + SPREAD_S * (2 * number - steps) / steps, 7 * number)
        for number in range(count)
    ]


def sides_of(
    model: Granite,
    rivals: dict[str, Rival],
    case: list[Clip],
    style: Style,
    reader: MakeReader = StreamingReader,
) -> dict[str, dict[str, float]]:
    """Ours and each rival's figures over a case's recordings, one after the other."""
    sides: dict[str, Side] = {}
    for number, clip in enumerate(case):
        is_long = clip.seconds > LONG_S
        asked = not is_long and number % RIVALS_EVERY == 0
        fast_s = int(clip.seconds - SPOKEN_S) if is_long else 0
        ours = fed(model, clip.samples, style, reader=reader, fast_s=fast_s)
        text, passes = ours.transcript.text, ours.transcript.timing.llm_passes
        _add(sides, "ours", clip, ours.release_to_text_s, text, passes)
        for name, rival in (rivals if asked else {}).items():
            fast = name.endswith("speculative")
            if fast and not rival.speculates:
                continue
            start = time.perf_counter()
            written, taken = rival.write(clip.samples, style, clip.words or text, fast)
            _add(sides, name, clip, time.perf_counter() - start, written, taken)
    return {name: side.figures() for name, side in sides.items()}


def _add(
    sides: dict[str, Side], name: str, clip: Clip, took_s: float, text: str, passes: int
) -> None:
    side = sides.setdefault(name, Side())
    side.times_ms.append(1000 * took_s)
    side.passes.append(passes)
    if clip.words:
        side.quality.add(clip.words, text)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
