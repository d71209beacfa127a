"""Watches live text; the process bench/captions.py starts.

One argument, JSON: {"model_folder", "clips", "cases_s", "styles"}. Prints one line of
JSON: a list of {"case", "style"} and captions.METRICS; delays are null where no word
was shown.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from math import isnan, nan
from pathlib import Path
from typing import Any, Final

from mica.bench.captions_metrics import (
    Spoken,
    committed_changed,
    delays_s,
    equal_words,
    folded,
    normalised_erasure,
    percentile,
    screens,
    upwr,
)
from mica.bench.child import tell
from mica.bench.feed import Fed, fed
from mica.bench.speech import Clip, clips, recording
from mica.engine import ctc
from mica.engine.offline import character_labels
from mica.events import Commit, Style
from mica.model.granite import Granite
from mica.model.load import load_model
from mica.units import FRAME_S

SPACE: Final = ord(" ")


def main(asked: dict[str, Any]) -> None:
    model = load_model(Path(asked["model_folder"]))
    found = clips(Path(asked["clips"]) if asked["clips"] else None)
    by_voice = all(clip.ends_s is not None for clip in found)
    if not by_voice:
        found = [timed(model, clip) for clip in found]
    measured = []
    for style in map(Style, asked["styles"]):
        for seconds in asked["cases_s"]:
            tell(f"{style.value}: live text of {seconds} s")
            clip = recording(found, seconds)
            fed(model, clip.samples[:160_000], style)  # warms up
            heard = fed(model, clip.samples, style)
            case = f"{seconds}s" if by_voice else f"{seconds}s, ends by CTC"
            measured.append(
                {"case": case, "style": style.value, **figures(clip, heard)}
            )
    print(json.dumps(measured))


def figures(clip: Clip, heard: Fed) -> dict[str, float | None]:
    """captions.METRICS of one recording."""
    shown = screens(heard.said)
    words = spoken(clip)
    found = delays_s(words, shown)
    timed_words = sum(word.end_s is not None for word in words)
    delays = [delay for delay in found if delay is not None]
    committed = [
        what.segment.text
        for _, update in heard.said
        for what in update
        if isinstance(what, Commit)
    ]
    return {
        "delay_p50_s": percentile(delays, 50) if delays else None,
        "delay_p95_s": percentile(delays, 95) if delays else None,
        "upwr": upwr(shown),
        "normalised_erasure": normalised_erasure(shown),
        "committed_changed": committed_changed(committed, heard.transcript.text),
        "never_shown_percent": 100 * (1 - len(delays) / max(1, timed_words)),
    }


def spoken(clip: Clip) -> list[Spoken]:
    """The clip's words, folded, each with its end; nan ends are unknown ones."""
    words = (clip.words or "").split()
    ends_s = clip.ends_s or (nan,) * len(words)
    return [
        Spoken(part, None if isnan(end_s) else end_s)
        for word, end_s in zip(words, ends_s, strict=True)
        for part in folded(word)
    ]


def timed(model: Granite, clip: Clip) -> Clip:
    """The clip, its words' ends where the CTC hears them end, nan where it does not."""
    words = (clip.words or "").split()
    parts = [(place, part) for place, word in enumerate(words) for part in folded(word)]
    heard = word_ends(character_labels(model, clip.samples))
    ends_s = [nan] * len(words)
    matches = equal_words([part for _, part in parts], [word for word, _ in heard])
    for wanted, got in matches:
        ends_s[parts[wanted][0]] = heard[got][1]
    return replace(clip, ends_s=tuple(ends_s))


def word_ends(labels: Sequence[int]) -> list[tuple[str, float]]:
    """Folded words of best labels, one a frame, and where their last frames end."""
    ends: list[tuple[str, float]] = []
    text, said_to, before = "", 0, ctc.BLANK
    for frame, label in enumerate([*labels, SPACE]):
        if label == SPACE:
            ends += [(word, said_to * FRAME_S) for word in folded(text)]
            text = ""
        elif label != ctc.BLANK:
            text += ctc.characters([label]) if label != before else ""
            said_to = frame + 1
        before = label
    return ends


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
