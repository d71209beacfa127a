"""Benchmarks live text: how soon it shows a word, and how much it revises.

A recording is streamed as from a microphone. Each word's end time comes from the speech
synthesizer if it was recorded, else from the CTC's frames over the whole clip (the case
says so). There is no rival: mlx-audio has no live text. `run` starts this module as a
child process, and only that loads MLX.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mica.bench.child import measure_in_child, print_progress
from mica.bench.metrics import (
    SpokenWord,
    caption_words,
    committed_changed,
    delays_s,
    matching_words,
    normalized_erasure,
    percentile,
    screen_texts,
    upwr,
)
from mica.bench.report import Row, report
from mica.bench.speech import Clip, clips, recording
from mica.bench.streaming import StreamResult, stream
from mica.engine import ctc
from mica.events import Commit, Style
from mica.units import FRAME_S

if TYPE_CHECKING:
    from mica.model.granite import Granite

CASES_S: Final = (60, 120)
METRICS: Final = (
    "delay_p50_s",
    "delay_p95_s",
    "upwr",
    "normalized_erasure",
    "committed_changed",
    "never_shown_percent",
)
SPACE: Final = ord(" ")


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    cases_s: Sequence[int] = CASES_S,
    styles: Sequence[Style] = (Style.PUNCTUATED,),
) -> dict[str, object]:
    """`mica bench captions --json`: {"bench", "machine", "model", "rows"}."""
    request = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "cases_s": list(cases_s),
        "styles": [style.value for style in styles],
    }
    cases = measure_in_child(__name__, request)
    rows = [
        Row(case["case"], metric, case["style"], None, case[metric], None)
        for case in cases
        for metric in METRICS
        if case[metric] is not None
    ]
    return report("captions", model_folder.name, rows)


def main(request: dict[str, Any]) -> None:
    """In the child: print a line of JSON, a list of {"case", "style"} and METRICS.

    request   {"model_folder", "clips", "cases_s", "styles"}; delays are null if no word
              was shown
    """
    from mica.model.load import load_model

    model = load_model(Path(request["model_folder"]))
    found = clips(Path(request["clips"]) if request["clips"] else None)
    by_voice = all(clip.ends_s is not None for clip in found)
    if not by_voice:
        found = [timed(model, clip) for clip in found]
    measured = []
    for style in map(Style, request["styles"]):
        for seconds in request["cases_s"]:
            print_progress(f"{style.value}: live text of {seconds} s")
            clip = recording(found, seconds)
            stream(model, clip.samples[:160_000], style)  # warms up
            streamed = stream(model, clip.samples, style)
            case = f"{seconds}s" if by_voice else f"{seconds}s, ends by CTC"
            measured.append(
                {"case": case, "style": style.value, **figures(clip, streamed)}
            )
    print(json.dumps(measured))


def figures(clip: Clip, streamed: StreamResult) -> dict[str, float | None]:
    """The METRICS of one recording."""
    shown = screen_texts(streamed.updates)
    words = spoken(clip)
    found = delays_s(words, shown)
    timed_words = sum(word.end_s is not None for word in words)
    delays = [delay for delay in found if delay is not None]
    committed = [
        text.segment.text
        for _, update in streamed.updates
        for text in update
        if isinstance(text, Commit)
    ]
    return {
        "delay_p50_s": percentile(delays, 50) if delays else None,
        "delay_p95_s": percentile(delays, 95) if delays else None,
        "upwr": upwr(shown),
        "normalized_erasure": normalized_erasure(shown),
        "committed_changed": committed_changed(committed, streamed.transcript.text),
        "never_shown_percent": 100 * (1 - len(delays) / max(1, timed_words)),
    }


def spoken(clip: Clip) -> list[SpokenWord]:
    """The clip's normalized words with their end times; a NaN end becomes None."""
    words = (clip.words or "").split()
    ends_s = clip.ends_s or (nan,) * len(words)
    return [
        SpokenWord(part, None if isnan(end_s) else end_s)
        for word, end_s in zip(words, ends_s, strict=True)
        for part in caption_words(word)
    ]


def timed(model: Granite, clip: Clip) -> Clip:
    """The clip with its words' ends according to the CTC; NaN for words that it did not
    recognize."""

    words = (clip.words or "").split()
    parts = [
        (place, part)
        for place, word in enumerate(words)
        for part in caption_words(word)
    ]
    recognized = word_ends(model.ctc_labels(clip.samples))
    ends_s = [nan] * len(words)
    matches = matching_words(
        [part for _, part in parts], [word for word, _ in recognized]
    )
    for wanted, got in matches:
        ends_s[parts[wanted][0]] = recognized[got][1]
    return replace(clip, ends_s=tuple(ends_s))


def word_ends(labels: Sequence[int]) -> list[tuple[str, float]]:
    """The normalized words of the frames' best labels, and when each ends."""
    ends: list[tuple[str, float]] = []
    text, spoken_to, before = "", 0, ctc.BLANK
    for frame, label in enumerate([*labels, SPACE]):
        if label == SPACE:
            ends += [(word, spoken_to * FRAME_S) for word in caption_words(text)]
            text = ""
        elif label != ctc.BLANK:
            text += ctc.characters([label]) if label != before else ""
            spoken_to = frame + 1
        before = label
    return ends


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
