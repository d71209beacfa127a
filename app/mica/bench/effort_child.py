"""Measures the work around a release; the process bench/effort.py starts.

One argument, JSON: {"model_folder", "clips", "styles", "lengths_s", "releases",
"quiet_s"}. Prints one line of JSON: a list of [case, metric, style, value].
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any, Final

import numpy as np

from mica.bench.child import tell
from mica.bench.cost import Counting
from mica.bench.drafts import passes_per_token
from mica.bench.feed import PIECE_S, fed
from mica.bench.speech import SOON_S, Clip, Floats, clips, recording
from mica.bench.wer import words
from mica.engine.endpointing import Segmenter
from mica.engine.streaming_encoder import StreamingEncoder
from mica.engine.transcriber import Transcriber
from mica.events import Style, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model
from mica.units import SAMPLE_RATE_HZ

SOON: Final = round(SOON_S * SAMPLE_RATE_HZ)  # from the last sound to the release
PAUSES_MS: Final = (250, 400)  # the same, of one who waits
ROOM: Final = 1e-4  # the noise of a quiet room, of full scale: -80 dB
Measured = list[tuple[str, str, str | None, float]]


def main(asked: dict[str, Any]) -> None:
    model = load_model(Path(asked["model_folder"]))
    found = clips(Path(asked["clips"]) if asked["clips"] else None)
    alone = found[: asked["releases"]]
    long = [recording(found, seconds) for seconds in asked["lengths_s"]]
    fed(model, alone[0].samples, Style.RAW)  # warms up
    measured: Measured = []
    for style in map(Style, asked["styles"]):
        measured += releases(model, alone, style)
        measured += [row for clip in long for row in duties(model, clip, style)]
    measured += [row for clip in long for row in keeping_up(model, clip)]
    measured += drafts()
    measured += silence(model, alone[0], asked["quiet_s"])
    print(json.dumps(measured))


def releases(model: Granite, alone: Sequence[Clip], style: Style) -> Measured:
    """Passes begun after the release, of clips that end with their last sound and of
    clips that end in a pause; those without any are hits."""
    measured: Measured = []
    quiets = {"no pause": SOON}
    quiets |= {f"{ms}ms pause": ms * SAMPLE_RATE_HZ // 1000 for ms in PAUSES_MS}
    for case, quiet in quiets.items():
        tell(f"{style.value}: {len(alone)} releases, {case}")
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
    tell(f"{style.value}: work during {case}")
    for live, which in ((False, ""), (True, "_with_live")):
        with Counting(model) as counting:
            heard = fed(model, clip.samples, style, live=live)
        duty = 100 * heard.cpu_s / clip.seconds
        work = counting.gflop / clip.seconds
        measured.append((case, f"duty{which}_percent", style.value, duty))
        measured.append((case, f"gflop{which}_per_s", style.value, work))
    return measured


def keeping_up(model: Granite, clip: Clip) -> Measured:
    """The same of encoding and prefill alone."""
    segmenter = Segmenter()
    spans = [*segmenter.push(clip.samples), *segmenter.finish()]
    segments = [clip.samples[span.start : span.stop] for span in spans]
    with Counting(model) as counting:
        cpu_s = sum(keeping_up_s(model, samples) for samples in segments)
    case, duty = f"{clip.seconds:.0f}s", 100 * cpu_s / clip.seconds
    return [
        (case, "duty_encode_prefill_percent", None, duty),
        (case, "gflop_encode_prefill_per_s", None, counting.gflop / clip.seconds),
    ]


def keeping_up_s(model: Granite, samples: Floats) -> float:
    """Processor time to encode and read a segment while it is spoken."""
    segment, piece = StreamingEncoder(model), round(PIECE_S * SAMPLE_RATE_HZ)
    start_s = time.process_time()
    for first in range(0, len(samples), piece):
        segment.push(samples[first : first + piece])
        while segment.advance():
            pass
    return time.process_time() - start_s


def drafts() -> Measured:
    """Passes for each token of a minute, by kind of draft."""
    case = "60s, 3% of the draft wrong"
    return [
        (case, f"passes_per_token_{kind}", None, passes)
        for kind, passes in passes_per_token().items()
    ]


def silence(model: Granite, clip: Clip, quiet_s: int) -> Measured:
    """A quiet room for so long, then the clip: what the silence costs, and whether the
    words are those the clip gives alone, the first among them."""
    tell(f"{quiet_s} s of silence")
    case = f"{quiet_s / 60:g}min silence"
    chance = np.random.default_rng(0)
    transcriber = Transcriber(model, "bench")
    transcriber.begin(SAMPLE_RATE_HZ, TranscribeOptions())
    said = 0
    with Counting(model) as counting:
        for _ in range(quiet_s):
            noise = ROOM * chance.standard_normal(SAMPLE_RATE_HZ)
            said += len(transcriber.push(noise.astype(np.float32)))
    for first in range(0, len(clip.samples), SAMPLE_RATE_HZ):
        transcriber.push(clip.samples[first : first + SAMPLE_RATE_HZ])
    _, transcript = transcriber.finish()
    wanted = words(fed(model, clip.samples, Style.PUNCTUATED).transcript.text)
    kept = words(transcript.text)[:1] == wanted[:1]
    return [
        (case, "events_in_silence", None, float(said)),
        (case, "passes_in_silence", None, float(counting.passes)),
        (case, "encodings_in_silence", None, float(counting.encodings)),
        (case, "first_word_lost", None, float(not kept)),
    ]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
