"""Compares reading ahead with the plain path; the process bench/exactness.py starts.

One argument, JSON: {"model_folder", "styles", "lengths_s", "clips"}. Prints one line of
JSON: a list of [case, metric, style, value].
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any, Final

import mlx.core as mx
import numpy as np

from mica.bench.cost import Counting
from mica.bench.feed import PIECE_S, fed
from mica.bench.speech import Clip, Floats, clips, recording
from mica.bench.wer import edits
from mica.engine import decode
from mica.engine.ahead import Ahead
from mica.engine.answer import SegmentResult, drained
from mica.engine.incremental import OpenSegment
from mica.engine.segment import Segmenter
from mica.engine.transcriber import OnUnit
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model
from mica.units import SAMPLE_RATE_HZ

SOON: Final = round(0.04 * SAMPLE_RATE_HZ)  # from the last sound to the release
PAUSES_MS: Final = (250, 400)  # the same, of one who waits
Measured = list[tuple[str, str, str | None, float]]


def keeping(kept: list[tuple[Floats, SegmentResult]]) -> type[Ahead]:
    """A reader that puts every segment's samples and result there."""

    class Keeping(Ahead):
        def finish(self, samples: Floats, on_unit: OnUnit) -> SegmentResult:
            result = super().finish(samples, on_unit)
            kept.append((samples, result))
            return result

    return Keeping


def main(asked: dict[str, Any]) -> None:
    model = load_model(Path(asked["model_folder"]))
    found = clips()
    alone = found[: asked["clips"]]
    long = [recording(found, seconds) for seconds in asked["lengths_s"]]
    fed(model, alone[0].samples, Style.RAW)  # warms up
    measured: Measured = []
    for style in map(Style, asked["styles"]):
        measured += equality(model, [*alone, *long], style)
        measured += releases(model, alone, style)
        measured += [row for clip in long for row in duties(model, clip, style)]
    for clip in long:
        measured += encoding(model, clip)
    print(json.dumps(measured))


def equality(model: Granite, recordings: Sequence[Clip], style: Style) -> Measured:
    """Tokens beside those of the plain path on the same segments and keywords."""
    kept: list[tuple[Floats, SegmentResult]] = []
    for clip in recordings:
        fed(model, clip.samples, style, live=False, reader=keeping(kept))
    results = [result for _, result in kept]
    wanted = [
        decode.finish(model, samples, style, result.keywords)
        for samples, result in kept
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
    return [("all", name, style.value, value) for name, value in figures.items()]


def releases(model: Granite, alone: Sequence[Clip], style: Style) -> Measured:
    """Passes begun after the release, of clips that end with their last sound and of
    clips that end in a pause; those without any are hits."""
    measured: Measured = []
    quiets = {f"clips, {ms}ms pause": ms * SAMPLE_RATE_HZ // 1000 for ms in PAUSES_MS}
    for case, quiet in {"clips": SOON, **quiets}.items():
        heard = [fed(model, ending(clip.samples, quiet), style) for clip in alone]
        passes = [one.transcript.timing.release_passes for one in heard]
        hits = 100 * sum(n == 0 for n in passes) / len(passes)
        measured.append((case, "release_passes", style.value, mean(passes)))
        measured.append((case, "no_release_pass_percent", style.value, hits))
    return measured


def ending(samples: Floats, quiet: int) -> Floats:
    """The samples, cut off or filled up with silence so long after their last sound."""
    segmenter = Segmenter()
    spans = [*segmenter.push(samples), *segmenter.finish()]
    stop = (spans[-1].last_speech if spans else len(samples)) + quiet
    missing = max(0, stop - len(samples))
    return np.concatenate([samples[:stop], np.zeros(missing, np.float32)])


def duties(model: Granite, clip: Clip, style: Style) -> Measured:
    """Processor time of the work before the release and arithmetic of all work, for
    each second of speech; without live text and with it."""
    measured: Measured = []
    case = f"{clip.seconds:.0f}s"
    for live, which in ((False, ""), (True, "_with_live")):
        with Counting(model) as counting:
            heard = fed(model, clip.samples, style, live=live)
        duty = 100 * heard.cpu_s / clip.seconds
        work = counting.gflop / clip.seconds
        measured.append((case, f"duty{which}_percent", style.value, duty))
        measured.append((case, f"gflop{which}_per_s", style.value, work))
    return measured


def encoding(model: Granite, clip: Clip) -> Measured:
    """The same of encoding and prefill alone; and how far the audio the decoder reads
    is from the plain path's, of segments in which a block was final early."""
    case = f"{clip.seconds:.0f}s"
    segmenter = Segmenter()
    spans = [*segmenter.push(clip.samples), *segmenter.finish()]
    segments = [clip.samples[span.start : span.stop] for span in spans]
    cpu_s = sum(keeping_up_s(model, samples) for samples in segments)
    measured: Measured = [
        (case, "duty_encode_prefill_percent", None, 100 * cpu_s / clip.seconds)
    ]
    errors = [refresh_error(model, samples) for samples in segments]
    if any(error is not None for error in errors):
        largest = max(error for error in errors if error is not None)
        measured.append((case, "refresh_error", None, largest))
    return measured


def keeping_up_s(model: Granite, samples: Floats) -> float:
    """Processor time to encode and read a segment while it is spoken."""
    segment, piece = OpenSegment(model), round(PIECE_S * SAMPLE_RATE_HZ)
    start_s = time.process_time()
    for first in range(0, len(samples), piece):
        segment.push(samples[first : first + piece])
        while segment.work():
            pass
    return time.process_time() - start_s


def refresh_error(model: Granite, samples: Floats) -> float | None:
    """Distance of a segment's audio tokens from the plain path's, relative to their
    length; None where no block was final before the end."""
    segment = OpenSegment(model)  # reads nothing, so it gives every audio token
    segment.push(samples)
    plain, sound = decode.listen(model, samples), drained(segment.listen())
    if plain is None or sound is None or segment.blocks == 0:
        return None
    audio = sound.embeddings[-plain.embeddings.shape[0] :]
    apart = mx.linalg.norm(audio - plain.embeddings)
    return float(apart / mx.linalg.norm(plain.embeddings))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
