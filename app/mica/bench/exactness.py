"""Checks that streaming decoding gives the same text as offline decoding.

Utterances and long recordings are pushed in random pieces. Measures how many tokens
equal those of the offline reader on the same segments, with near-ties; what cutting
into segments costs in word errors, punctuation and capitals; whether the cuts between
pushes show in any event; and the error of blocks that become final early. `run` starts
this module as a child process for each style, and only those load MLX.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mica.bench.child import AT_ONCE, measure_in_child, print_progress
from mica.bench.metrics import Quality, edit_distance, quality
from mica.bench.report import Measurement, Row, report
from mica.bench.speech import Clip, Floats, clips, recording
from mica.bench.streaming import transcribe_in_pieces
from mica.engine.endpointing import Segmenter
from mica.events import Style, TranscribeOptions

if TYPE_CHECKING:
    from mica.bench.streaming import SegmentResults
    from mica.model.granite import Granite

STYLES: Final = (Style.RAW, Style.PUNCTUATED)
PROGRESS_EVERY: Final = 50
Measured = list[Measurement]
Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much to measure in each style; smaller amounts are for trying the benchmark.

    utterances   single clips, at most as many as there are
    long_s       lengths of recordings, which use all clips in turn
    short_s      lengths of recordings that are also decoded as a whole
    cut_s, cuts  length of the recording that is cut differently, and number of ways
    """

    utterances: int = 300
    long_s: tuple[float, ...] = tuple(20 + 100 * n / 29 for n in range(30))
    short_s: tuple[float, ...] = tuple(8 + 16 * n / 23 for n in range(24))
    cut_s: float = 30
    cuts: int = 5


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    styles: Sequence[Style] = STYLES,
    amount: Amount | None = None,
) -> dict[str, object]:
    """`mica bench exactness --json`: {"bench", "machine", "model", "rows"}.

    clips   a folder of recordings with their words; None = the bundled ones
    """

    def of_style(style: Style) -> Any:
        request = {
            "model_folder": str(model_folder),
            "clips": str(clips) if clips else None,
            "style": style.value,
            "amount": asdict(amount or Amount()),
        }
        threads = 1 if AT_ONCE > 1 else None
        return measure_in_child(__name__, request, threads)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(of_style, styles))
    rows = [
        Row(case, metric, style, None, value, None)
        for rows in found
        for case, metric, style, value in rows
    ]
    return report("exactness", model_folder.name, rows)


def main(request: dict[str, Any]) -> None:
    """In the child: print a line of JSON, a list of [case, metric, style, value].

    request   {"model_folder", "clips", "style", "amount"}
    """
    from mica.model.load import load_model

    model, style = load_model(Path(request["model_folder"])), Style(request["style"])
    found = clips(Path(request["clips"]) if request["clips"] else None)
    amount = Amount(**request["amount"])
    alone = found[: amount.utterances]
    short = [recording(alone, s, 7 * n) for n, s in enumerate(amount.short_s)]
    long = [recording(alone, s, 11 * n) for n, s in enumerate(amount.long_s)]
    counts = f"{len(alone)} utterances, {len(long)} recordings"
    print(
        json.dumps(
            [
                *comparisons(model, style, alone, short, long, counts),
                *events_changed_by_cuts(
                    model, style, recording(alone, amount.cut_s), amount.cuts
                ),
                *refresh_errors(model, style, long),
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
    """Token equality with the offline reader, and the cost of joining segments."""
    transcribed = [
        transcribe_in_pieces(model, clip.samples, style, Random(number))
        for number, clip in _with_progress([*alone, *long, *short], "recordings", style)
    ]
    middle, end = len(alone), len(alone) + len(long)
    segments = [one for each in transcribed[:end] for one in each.segments]
    measured = [(counts, *rest) for rest in token_equality(model, style, segments)]
    ours = [one.transcript.text for one in transcribed]
    measured += joining_cost(style, alone, ours[:middle], long, ours[middle:end])
    return measured + segmentation_cost(model, style, short, ours[end:])


def token_equality(
    model: Granite, style: Style, segments: SegmentResults
) -> list[tuple[str, str | None, float]]:
    """Tokens compared with the offline reader's, for the same segments and keywords."""
    from mica.engine import offline

    results = [result for _, result in segments]
    wanted = [
        offline.finish(model, samples, TranscribeOptions(style, result.keywords))
        for _, (samples, result) in _with_progress(
            segments, "segments by the plain path", style
        )
    ]
    total = max(1, sum(len(exact.tokens) for exact in wanted))
    wrong = sum(
        edit_distance(exact.tokens, result.tokens)
        for exact, result in zip(wanted, results, strict=True)
    )
    given = max(1, sum(result.draft_tokens for result in results))
    figures = {
        "tokens_equal_percent": 100 * (1 - wrong / total),
        "near_ties_per_1000_tokens": 1000 * sum(r.near_ties for r in results) / total,
        "draft_accepted_percent": 100 * sum(r.accepted_tokens for r in results) / given,
    }
    return [(name, style.value, value) for name, value in figures.items()]


def joining_cost(
    style: Style,
    alone: Sequence[Clip],
    texts_alone: Sequence[str],
    long: Sequence[Clip],
    texts_long: Sequence[str],
) -> Measured:
    """Errors, punctuation and capitals of sentences in a row and of single ones."""
    one, row = text_quality(alone, texts_alone), text_quality(long, texts_long)
    measured: Measured = [
        ("alone", "wer_percent", style.value, one.wer_percent),
        ("in a row", "wer_percent", style.value, row.wer_percent),
    ]
    if style is Style.RAW:
        return measured
    for name, own, joined in (
        ("marks_f1", one.punctuation, row.punctuation),
        ("capitals_f1", one.capitals, row.capitals),
    ):
        lost = own.f1_percent - joined.f1_percent
        measured += [
            ("alone", f"{name}_percent", style.value, own.f1_percent),
            ("in a row", f"{name}_percent", style.value, joined.f1_percent),
            ("in a row", f"{name}_lost_points", style.value, lost),
        ]
    return measured


def segmentation_cost(
    model: Granite, style: Style, short: Sequence[Clip], ours: Sequence[str]
) -> Measured:
    """Word errors in segments compared with offline decoding of the whole recording."""
    from mica.engine import offline

    print_progress(f"{style.value}: {len(short)} recordings as a whole")
    options = TranscribeOptions(style)
    whole = [offline.finish(model, clip.samples, options).text for clip in short]
    cut, uncut = (text_quality(short, texts).wer_percent for texts in (ours, whole))
    case = "up to 24s"
    return [
        (case, "wer_segments_percent", style.value, cut),
        (case, "wer_whole_percent", style.value, uncut),
        (case, "wer_added_points", style.value, cut - uncut),
    ]


def text_quality(spoken: Sequence[Clip], texts: Sequence[str]) -> Quality:
    """The quality of the texts of clips whose words are known."""
    pairs = zip(spoken, texts, strict=True)
    return quality((clip.words, text) for clip, text in pairs if clip.words)


def events_changed_by_cuts(
    model: Granite, style: Style, clip: Clip, ways: int
) -> Measured:
    """How many events change when the pushes are cut differently: hypotheses, commits,
    the final text."""
    print_progress(f"{style.value}: one recording cut in {ways} ways")
    transcribed = [
        transcribe_in_pieces(model, clip.samples, style, Random(1000 + way), live=True)
        for way in range(ways)
    ]
    events = [[*one.updates, one.transcript.text] for one in transcribed]
    changed = sum(edit_distance(events[0], other) for other in events[1:])
    case = f"{clip.seconds:.0f}s cut in {ways} ways"
    return [(case, "events_changed", style.value, changed)]


def refresh_errors(model: Granite, style: Style, long: Sequence[Clip]) -> Measured:
    """The error of the decoder's audio input compared with offline encoding, for
    segments with a block that became final early; the same for all styles."""
    if style is not Style.RAW or not long:
        return []
    print_progress("blocks that are final early")
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
    """Distance of a segment's audio embeddings from those of offline encoding, relative
    to their norm; None if no block was final before the end."""
    import mlx.core as mx

    from mica.engine import offline
    from mica.engine.guards import run_to_end
    from mica.engine.streaming_encoder import StreamingEncoder

    segment = StreamingEncoder(model)  # without advance(), all tokens are in the input
    segment.push(samples)
    exact, sound = (
        offline.encode_segment(model, samples),
        run_to_end(segment.snapshot()),
    )
    if exact is None or sound is None or segment.blocks == 0:
        return None
    audio = sound.embeddings[-exact.embeddings.shape[0] :]
    apart = mx.linalg.norm(audio - exact.embeddings)
    return float(apart / mx.linalg.norm(exact.embeddings))


def _with_progress(
    every: Sequence[Each], description: str, style: Style
) -> Iterator[tuple[int, Each]]:
    for number, one in enumerate(every):
        if number % PROGRESS_EVERY == 0:
            print_progress(f"{style.value}: {number} of {len(every)} {description}")
        yield number, one


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
