"""Benchmarks the work left at the release and the cost of the work before it.

Measures passes begun after the release, with and without a pause before it; CPU load
and arithmetic per second of speech; passes for drafts with errors; and whether an hour
of silence costs a pass or loses a word. `run` starts this module as a child process,
and only that loads MLX.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mica.bench.child import measure_in_child, print_progress
from mica.bench.cost import RowCounter, passes_per_token
from mica.bench.metrics import normalized_words
from mica.bench.report import Measurement, Row, report
from mica.bench.speech import SOON_S, Clip, Floats, clips, recording
from mica.bench.streaming import PIECE_S, stream
from mica.engine.endpointing import Segmenter
from mica.events import Style, TranscribeOptions
from mica.units import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from mica.model.granite import Granite

LENGTHS_S: Final = (20, 60)
CLIPS: Final = 40
SILENCE_S: Final = 3600
SOON: Final = round(SOON_S * SAMPLE_RATE_HZ)  # from the last sound to the release
PAUSES_MS: Final = (250, 400)  # the same, for users who pause before the release
ROOM: Final = 1e-4  # the noise of a quiet room, of full scale: -80 dB
Measured = list[Measurement]


def run(
    model_folder: Path,
    *,
    clips: Path | None = None,
    styles: Sequence[Style] = (Style.RAW, Style.PUNCTUATED),
    lengths_s: Sequence[int] = LENGTHS_S,
    releases: int = CLIPS,
    quiet_s: int = SILENCE_S,
) -> dict[str, object]:
    """`mica bench effort --json`: {"bench", "machine", "model", "rows"}.

    releases   the number of clips to measure releases with
    """
    request = {
        "model_folder": str(model_folder),
        "clips": str(clips) if clips else None,
        "styles": [style.value for style in styles],
        "lengths_s": list(lengths_s),
        "releases": releases,
        "quiet_s": quiet_s,
    }
    found = measure_in_child(__name__, request)
    rows = [
        Row(case, metric, style, None, value, None)
        for case, metric, style, value in found
    ]
    return report("effort", model_folder.name, rows)


def main(request: dict[str, Any]) -> None:
    """In the child: print a line of JSON, a list of [case, metric, style, value].

    request   {"model_folder", "clips", "styles", "lengths_s", "releases", "quiet_s"}
    """
    from mica.model.load import load_model

    model = load_model(Path(request["model_folder"]))
    found = clips(Path(request["clips"]) if request["clips"] else None)
    alone = found[: request["releases"]]
    long = [recording(found, seconds) for seconds in request["lengths_s"]]
    stream(model, alone[0].samples, Style.RAW)  # warms up
    measured: Measured = []
    for style in map(Style, request["styles"]):
        measured += release_passes(model, alone, style)
        measured += [row for clip in long for row in duty_cycle(model, clip, style)]
    measured += [row for clip in long for row in encode_prefill_cycle(model, clip)]
    measured += draft_passes()
    measured += silence_cost(model, alone[0], request["quiet_s"])
    print(json.dumps(measured))


def release_passes(model: Granite, alone: Sequence[Clip], style: Style) -> Measured:
    """Passes begun after the release, for clips that end with their last sound and for
    clips that end in a pause; and how often there are none."""
    measured: Measured = []
    quiets = {"no pause": SOON}
    quiets |= {f"{ms}ms pause": ms * SAMPLE_RATE_HZ // 1000 for ms in PAUSES_MS}
    for case, quiet in quiets.items():
        print_progress(f"{style.value}: {len(alone)} releases, {case}")
        streamed = [
            stream(model, end_in_silence(clip.samples, quiet), style) for clip in alone
        ]
        passes = [one.transcript.timing.release_passes for one in streamed]
        hits = 100 * sum(n == 0 for n in passes) / len(passes)
        measured.append((case, "release_passes", style.value, mean(passes)))
        measured.append((case, "no_release_pass_percent", style.value, hits))
    return measured


def end_in_silence(samples: Floats, quiet: int) -> Floats:
    """The samples, cut or padded with silence to end `quiet` samples after the last
    speech."""
    segmenter = Segmenter()
    spans = [*segmenter.push(samples), *segmenter.finish()]
    stop = (spans[-1].last_speech if spans else len(samples)) + quiet
    missing = max(0, stop - len(samples))
    return np.concatenate([samples[:stop], np.zeros(missing, np.float32)])


def duty_cycle(model: Granite, clip: Clip, style: Style) -> Measured:
    """CPU time before the release and arithmetic of all work, per second of speech,
    without and with live text."""
    measured: Measured = []
    case = f"{clip.seconds:.0f}s"
    print_progress(f"{style.value}: work during {case}")
    for live, which in ((False, ""), (True, "_with_live")):
        with RowCounter(model) as counting:
            streamed = stream(model, clip.samples, style, live=live)
        percent = 100 * streamed.cpu_s / clip.seconds
        work = counting.gflop / clip.seconds
        measured.append((case, f"duty{which}_percent", style.value, percent))
        measured.append((case, f"gflop{which}_per_s", style.value, work))
    return measured


def encode_prefill_cycle(model: Granite, clip: Clip) -> Measured:
    """CPU time of encoding and prefill alone, as a percentage of the clip's length."""
    segmenter = Segmenter()
    spans = [*segmenter.push(clip.samples), *segmenter.finish()]
    segments = [clip.samples[span.start : span.stop] for span in spans]
    with RowCounter(model) as counting:
        cpu_s = sum(encode_prefill_s(model, samples) for samples in segments)
    case, percent = f"{clip.seconds:.0f}s", 100 * cpu_s / clip.seconds
    return [
        (case, "duty_encode_prefill_percent", None, percent),
        (case, "gflop_encode_prefill_per_s", None, counting.gflop / clip.seconds),
    ]


def encode_prefill_s(model: Granite, samples: Floats) -> float:
    """CPU time to encode and prefill a segment while it is spoken."""
    from mica.engine.streaming_encoder import StreamingEncoder

    segment, piece = StreamingEncoder(model), round(PIECE_S * SAMPLE_RATE_HZ)
    start_s = time.process_time()
    for first in range(0, len(samples), piece):
        segment.push(samples[first : first + piece])
        while segment.advance():
            pass
    return time.process_time() - start_s


def draft_passes() -> Measured:
    """Passes per token for a minute of text, by kind of draft."""
    case = "60s, 3% of the draft wrong"
    return [
        (case, f"passes_per_token_{kind}", None, passes)
        for kind, passes in passes_per_token().items()
    ]


def silence_cost(model: Granite, clip: Clip, quiet_s: int) -> Measured:
    """The cost of `quiet_s` of a quiet room before the clip, and whether the clip's
    first word is lost then."""
    from mica.engine.transcriber import Transcriber

    print_progress(f"{quiet_s} s of silence")
    case = f"{quiet_s / 60:g}min silence"
    chance = np.random.default_rng(0)
    transcriber = Transcriber(model, "bench")
    transcriber.begin(SAMPLE_RATE_HZ, TranscribeOptions())
    events = 0
    with RowCounter(model) as counting:
        for _ in range(quiet_s):
            noise = ROOM * chance.standard_normal(SAMPLE_RATE_HZ)
            events += len(transcriber.push(noise.astype(np.float32)))
    for first in range(0, len(clip.samples), SAMPLE_RATE_HZ):
        transcriber.push(clip.samples[first : first + SAMPLE_RATE_HZ])
    _, transcript = transcriber.finish()
    wanted = normalized_words(
        stream(model, clip.samples, Style.PUNCTUATED).transcript.text
    )
    is_whole = normalized_words(transcript.text)[:1] == wanted[:1]
    return [
        (case, "events_in_silence", None, float(events)),
        (case, "passes_in_silence", None, float(counting.passes)),
        (case, "encodings_in_silence", None, float(counting.encodings)),
        (case, "first_word_lost", None, float(not is_whole)),
    ]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
