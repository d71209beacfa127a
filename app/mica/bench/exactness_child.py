"""Compares reading ahead with the plain path; the process bench/exactness.py starts.

One argument, JSON: {"model_folder", "clips", "style", "amount"}. Prints one line of
JSON: a list of [case, metric, style, value].
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

import mlx.core as mx

from mica.bench.child import tell
from mica.bench.exactness import Amount
from mica.bench.pieces import Kept, heard_in_pieces
from mica.bench.quality import Quality, quality
from mica.bench.speech import Clip, Floats, clips, recording
from mica.bench.wer import edits
from mica.engine import offline
from mica.engine.endpointing import Segmenter
from mica.engine.guards import run_to_end
from mica.engine.streaming_encoder import StreamingEncoder
from mica.events import Style, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model

TOLD_EVERY: Final = 50
Measured = list[tuple[str, str, str | None, float]]
Each = TypeVar("Each")


def main(asked: dict[str, Any]) -> None:
    model, style = load_model(Path(asked["model_folder"])), Style(asked["style"])
    found = clips(Path(asked["clips"]) if asked["clips"] else None)
    amount = Amount(**asked["amount"])
    alone = found[: amount.utterances]
    short = [recording(alone, s, 7 * n) for n, s in enumerate(amount.short_s)]
    long = [recording(alone, s, 11 * n) for n, s in enumerate(amount.long_s)]
    counts = f"{len(alone)} utterances, {len(long)} recordings"
    print(
        json.dumps(
            [
                *comparisons(model, style, alone, short, long, counts),
                *cuts(model, style, recording(alone, amount.cut_s), amount.cuts),
                *refresh(model, style, long),
            ]
        )
    )


def comparisons(
    model: Granite,
    style: Style,
    alone: Sequence[Clip],
    short: Sequence[Clip],
    long: Sequence[Clip],
    counts: str,
) -> Measured:
    """Tokens beside the plain path's; what the joining of segments costs."""
    heard = [
        heard_in_pieces(model, clip.samples, style, Random(number))
        for number, clip in _told([*alone, *long, *short], "recordings", style)
    ]
    middle, end = len(alone), len(alone) + len(long)
    kept = [one for each in heard[:end] for one in each.segments]
    measured = [(counts, *rest) for rest in equality(model, style, kept)]
    ours = [one.transcript.text for one in heard]
    measured += joining(style, alone, ours[:middle], long, ours[middle:end])
    return measured + cutting(model, style, short, ours[end:])


def equality(
    model: Granite, style: Style, kept: Kept
) -> list[tuple[str, str | None, float]]:
    """Tokens beside those of the plain path on the same segments and keywords."""
    results = [result for _, result in kept]
    wanted = [
        offline.finish(model, samples, TranscribeOptions(style, result.keywords))
        for _, (samples, result) in _told(kept, "segments by the plain path", style)
    ]
    total = max(1, sum(len(plain.tokens) for plain in wanted))
    wrong = sum(
        edits(plain.tokens, result.tokens)
        for plain, result in zip(wanted, results, strict=True)
    )
    given = max(1, sum(result.draft_tokens for result in results))
    figures = {
        "tokens_equal_percent": 100 * (1 - wrong / total),
        "near_ties_per_1000_tokens": 1000 * sum(r.near_ties for r in results) / total,
        "draft_accepted_percent": 100 * sum(r.accepted_tokens for r in results) / given,
    }
    return [(name, style.value, value) for name, value in figures.items()]


def joining(
    style: Style,
    alone: Sequence[Clip],
    said_alone: Sequence[str],
    long: Sequence[Clip],
    said_long: Sequence[str],
) -> Measured:
    """Errors of sentences in a row, and marks and capitals beside sentences alone."""
    one, row = written(alone, said_alone), written(long, said_long)
    measured: Measured = [
        ("alone", "wer_percent", style.value, one.wer_percent),
        ("in a row", "wer_percent", style.value, row.wer_percent),
    ]
    if style is Style.RAW:
        return measured
    for name, own, joined in (
        ("marks_f1", one.marks, row.marks),
        ("capitals_f1", one.capitals, row.capitals),
    ):
        lost = own.f1_percent - joined.f1_percent
        measured += [
            ("alone", f"{name}_percent", style.value, own.f1_percent),
            ("in a row", f"{name}_percent", style.value, joined.f1_percent),
            ("in a row", f"{name}_lost_points", style.value, lost),
        ]
    return measured


def cutting(
    model: Granite, style: Style, short: Sequence[Clip], ours: Sequence[str]
) -> Measured:
    """Word errors in segments beside those of the whole, by the plain path."""
    tell(f"{style.value}: {len(short)} recordings as a whole")
    options = TranscribeOptions(style)
    whole = [offline.finish(model, clip.samples, options).text for clip in short]
    cut, uncut = (written(short, said).wer_percent for said in (ours, whole))
    case = "up to 24s"
    return [
        (case, "wer_segments_percent", style.value, cut),
        (case, "wer_whole_percent", style.value, uncut),
        (case, "wer_added_points", style.value, cut - uncut),
    ]


def written(spoken: Sequence[Clip], said: Sequence[str]) -> Quality:
    """Of the clips whose words are known."""
    pairs = zip(spoken, said, strict=True)
    return quality((clip.words, text) for clip, text in pairs if clip.words)


def cuts(model: Granite, style: Style, clip: Clip, ways: int) -> Measured:
    """How many of the events another cut changes: hypotheses, commits, the end."""
    tell(f"{style.value}: one recording cut in {ways} ways")
    heard = [
        heard_in_pieces(model, clip.samples, style, Random(1000 + way), live=True)
        for way in range(ways)
    ]
    events = [[*one.said, one.transcript.text] for one in heard]
    changed = sum(edits(events[0], other) for other in events[1:])
    case = f"{clip.seconds:.0f}s cut in {ways} ways"
    return [(case, "events_changed", style.value, changed)]


def refresh(model: Granite, style: Style, long: Sequence[Clip]) -> Measured:
    """How far the audio the decoder reads is from the plain path's, in segments with a
    block that was final early; it does not depend on the style."""
    if style is not Style.RAW or not long:
        return []
    tell("blocks that are final early")
    errors = []
    for clip in long[: len(long) // 3 + 1]:
        segmenter = Segmenter()
        for span in [*segmenter.push(clip.samples), *segmenter.finish()]:
            error = refresh_error(model, clip.samples[span.start : span.stop])
            errors += [] if error is None else [error]
    if not errors:
        return []
    case = f"{len(errors)} segments"
    mean = sum(errors) / len(errors)
    return [
        (case, "refresh_error_mean", None, mean),
        (case, "refresh_error_max", None, max(errors)),
    ]


def refresh_error(model: Granite, samples: Floats) -> float | None:
    """Distance of a segment's audio tokens from the plain path's, relative to their
    length; None where no block was final before the end."""
    segment = StreamingEncoder(model)  # reads nothing, so it gives every audio token
    segment.push(samples)
    plain, sound = (
        offline.encode_segment(model, samples),
        run_to_end(segment.snapshot()),
    )
    if plain is None or sound is None or segment.blocks == 0:
        return None
    audio = sound.embeddings[-plain.embeddings.shape[0] :]
    apart = mx.linalg.norm(audio - plain.embeddings)
    return float(apart / mx.linalg.norm(plain.embeddings))


def _told(every: Sequence[Each], what: str, style: Style) -> Iterator[tuple[int, Each]]:
    for number, one in enumerate(every):
        if number % TOLD_EVERY == 0:
            tell(f"{style.value}: {number} of {len(every)} {what}")
        yield number, one


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
