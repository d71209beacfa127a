"""Offline decoding: turns a complete segment's samples into text.

Features, encoder, CTC veto, prefill, greedy decoding: the reference that every faster
path is tested against. It does no segmentation, no joining, and keeps no state between
segments. All calls are on the inference thread.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.audio.features import log_mel
from mica.engine import ctc
from mica.engine.agreement import checked
from mica.engine.guards import (
    SPARE_TOKENS,
    Decoded,
    SegmentResult,
    Stopwatch,
    Units,
    cost,
    guarded_decode,
    is_looping,
    run_to_end,
)
from mica.engine.notes import IN_PARTS
from mica.engine.word_times import later
from mica.events import Certainty, TranscribeOptions, least_certain
from mica.model.granite import Granite
from mica.units import SAMPLE_RATE_HZ

SHORTEST_PART_S: Final = 1.5
PAUSE_S: Final = 0.3  # the cut is in the quietest stretch of this length

Floats = NDArray[np.float32]
OnUnit = Callable[[], None]


@dataclass(frozen=True, slots=True)
class EncodedSegment:
    """A segment as input to the decoder.

    embeddings   (3 * ceil(T / 15), decoder hidden)
    ctc_text     the CTC's text; empty means that nothing was said
    draft        the CTC's tokens
    scores       (T, characters), the CTC's log posteriors
    """

    embeddings: mx.array
    ctc_text: str
    draft: list[int]
    scores: Floats


class OfflineReader:
    """A segment reader that does all its work when the segment has ended."""

    def __init__(self, model: Granite, options: TranscribeOptions) -> None:
        self._model, self._options = model, options
        self.interim = None

    def push(self, samples: Floats) -> None:
        """Does nothing: all work is done by finish()."""

    def work(self, pause: int | None) -> bool:
        return False

    def finish(self, samples: Floats) -> Units[SegmentResult]:
        return finish_in_units(self._model, samples, self._options)


def finish(
    model: Granite,
    samples: Floats,
    options: TranscribeOptions,
    on_unit: OnUnit = lambda: None,
) -> SegmentResult:
    """The segment's text, in one call.

    on_unit    called after each unit; an exception from it ends the work
    """
    return run_to_end(finish_in_units(model, samples, options), on_unit)


def finish_in_units(
    model: Granite, samples: Floats, options: TranscribeOptions
) -> Units[SegmentResult]:
    """The segment's text, in units: an encoding or a pass each.

    samples    float32 (n,), 16 kHz mono, from before its first speech to after its last
    """
    start = time.perf_counter()
    sound = encode_segment(model, samples)
    encode_s = time.perf_counter() - start
    yield
    if sound is None or not sound.ctc_text:
        return SegmentResult("", encode_s=encode_s)
    decoding = Stopwatch()
    units = guarded_decode(
        model,
        sound.ctc_text,
        options,
        lambda prompt: decode_greedily(
            model, sound, prompt.instruction, prompt.stretch, prompt.pass_limit
        ),
        len(samples) / SAMPLE_RATE_HZ,
    )
    result = yield from decoding.measure(units)
    result = replace(
        checked(result, sound.scores, options),
        encode_s=encode_s,
        llm_s=decoding.spent_s,
        release_passes=result.llm_passes,
    )
    return (yield from decode_with_retry(model, samples, result, options))


def decode_with_retry(
    model: Granite,
    samples: Floats,
    result: SegmentResult,
    options: TranscribeOptions,
) -> Units[SegmentResult]:
    """The result; if words are missing, the segment decoded again in two parts.

    A translation is never retried: it cannot be compared with the CTC's text. Nor is
    speech that the model does not understand, of which parts would say no more.
    """
    if not result.truncated or result.certainty is Certainty.NOT_UNDERSTOOD:
        return result
    cut = quietest_point(samples)
    if cut is None:
        return result
    parts = []
    for part in (samples[:cut], samples[cut:]):
        parts.append((yield from finish_in_units(model, part, options)))
    return _joined(result, parts, cut / SAMPLE_RATE_HZ)


def quietest_point(samples: Floats) -> int | None:
    """Where to cut in two: the middle of the quietest 0.3 s; None if too short."""
    edge = round(SHORTEST_PART_S * SAMPLE_RATE_HZ)
    if len(samples) <= 2 * edge:
        return None
    tick = SAMPLE_RATE_HZ // 100
    ticks = samples[: len(samples) // tick * tick].reshape(-1, tick)
    level = np.log(np.mean(np.square(ticks, dtype=np.float64), axis=1) + 1e-10)
    width = round(PAUSE_S * 100)
    around = np.convolve(level, np.ones(width), "same")
    first, last = edge // tick, len(ticks) - edge // tick
    return (first + int(np.argmin(around[first:last]))) * tick


def _joined(
    whole: SegmentResult, parts: list[SegmentResult], cut_s: float
) -> SegmentResult:
    """The text of both parts; the cost includes the first attempt at the whole."""
    every = [whole, *parts]
    early, late = parts
    notes = [IN_PARTS, *(note for part in parts for note in part.notes)]
    return replace(
        whole,
        text=" ".join(part.text for part in parts if part.text),
        tokens=tuple(token for part in parts for token in part.tokens),
        words=early.words + later(late.words, cut_s),
        keywords=tuple(dict.fromkeys(k for part in parts for k in part.keywords)),
        notes=tuple(dict.fromkeys(notes)),
        certainty=least_certain(part.certainty for part in parts),
        **cost(every),
    )


def encode_segment(model: Granite, samples: Floats) -> EncodedSegment | None:
    """Encode a segment; None if it is too short for one frame."""
    frames = log_mel(samples)
    if len(frames) == 0:
        return None
    encoded = model.encode(frames)
    logits = model.char_logits(encoded.hidden).astype(mx.float32)
    embeddings = model.project(encoded.hidden)
    mx.eval(logits, embeddings, encoded.mid_logits)
    scores = ctc.log_posteriors(np.array(logits))
    ctc_text = ctc.characters(ctc.labels(scores))
    draft = model.bpe_draft(encoded.hidden, encoded.mid_posteriors)
    if draft is None:
        draft = model.tokenizer.encode(ctc_text)
    return EncodedSegment(embeddings, ctc_text, draft, scores)


def decode_greedily(
    model: Granite,
    sound: EncodedSegment,
    instruction: str,
    stretch: int = 1,
    pass_limit: int = sys.maxsize,
) -> Units[Decoded]:
    """Decode greedily, one token per pass, until the end mark, a loop or a limit.

    stretch   scales the limit that is relative to the length of the CTC draft
    """
    prefix, suffix = model.render_prompt(instruction, sound.embeddings.shape[0])
    parts = [model.embed(prefix), sound.embeddings, model.embed(suffix)]
    cache = model.new_cache()
    position = mx.concatenate(parts)
    limit = 2 * stretch * len(sound.draft) + SPARE_TOKENS
    limit = min(
        limit, pass_limit, model.config.decoder.context_tokens - position.shape[0]
    )
    tokens: list[int] = []
    passes = 0
    while passes < limit:
        logits = model.decoder(position, cache)
        token = int(np.array(mx.argmax(logits[-1])))
        passes += 1
        yield
        if token == model.tokenizer.eos:
            return Decoded(tokens, passes, ended=True)
        tokens.append(token)
        if is_looping(tokens):
            break
        position = model.embed([token])
    return Decoded(tokens, passes, ended=False)
