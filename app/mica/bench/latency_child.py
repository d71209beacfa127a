"""Measures release to text; the process bench/latency.py starts.

One argument, JSON: {"model_folder", "rivals", "cases_s", "styles", "repeats"}. Prints
one line of JSON: a list of {"case", "style", "ours", and each rival}, where each is
{"release_to_text_ms", "llm_passes", "wer"}; times are medians, ours and theirs in turn.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

from mica.bench.feed import fed
from mica.bench.rival import Rival, fp32_copy
from mica.bench.speech import Clip, clips, recording
from mica.bench.wer import wer_percent
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model

LONG_S: Final = 120  # measured once: nothing of it hangs on chance


def main(asked: dict[str, Any]) -> None:
    folder = Path(asked["model_folder"])
    model = load_model(folder)
    found = clips()
    with tempfile.TemporaryDirectory() as scratch:
        rivals: dict[str, Rival] = {}
        if asked["rivals"]:
            loaded = Rival(fp32_copy(folder, Path(scratch)), model.tokenizer)
            rivals = dict.fromkeys(asked["rivals"], loaded)
        measured = [
            _case(model, rivals, recording(found, seconds), style, asked["repeats"])
            for style in map(Style, asked["styles"])
            for seconds in asked["cases_s"]
        ]
    print(json.dumps(measured))


def _case(
    model: Granite, rivals: dict[str, Rival], clip: Clip, style: Style, repeats: int
) -> dict[str, Any]:
    times: dict[str, list[float]] = {"ours": [], **{name: [] for name in rivals}}
    written: dict[str, tuple[str, int]] = {}
    warm = fed(model, clip.samples, style)
    reference = clip.words or warm.transcript.text
    for _ in range(1 if clip.seconds > LONG_S else repeats):
        ours = fed(model, clip.samples, style)
        times["ours"].append(1000 * ours.release_to_text_s)
        written["ours"] = (ours.transcript.text, ours.transcript.timing.llm_passes)
        for name, rival in rivals.items():
            fast = name.endswith("speculative")
            if fast and not rival.speculates:
                continue
            start = time.perf_counter()
            written[name] = rival.write(clip.samples, style, reference, fast)
            times[name].append(1000 * (time.perf_counter() - start))
    sides = {
        name: {
            "release_to_text_ms": median(times[name]),
            "llm_passes": passes,
            "wer": wer_percent(reference, text),
        }
        for name, (text, passes) in written.items()
    }
    return {"case": f"{clip.seconds:.0f}s", "style": style.value, **sides}


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
