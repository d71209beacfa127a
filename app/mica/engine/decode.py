"""The plain path: a segment's samples to its text, everything done after its end.

Features, encoder, CTC veto, prefill, greedy decoding: the reference every faster path
is tested against. It cuts nothing, joins nothing and keeps nothing between segments.
All calls are on the inference thread.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.audio.features import log_mel
from mica.engine import ctc
from mica.engine.keywords import fitting, unsupported
from mica.engine.prompt import instruction
from mica.events import Style
from mica.model.granite import Granite
from mica.units import SAMPLE_RATE_HZ

LOOP_TOKENS: Final = 24  # so many tokens of one phrase said again and again
LOOP_REPEATS: Final = 4
LOOP_LONGEST: Final = 12  # tokens of the phrase
SPARE_TOKENS: Final = 16  # allowed above twice the CTC draft
UNSAID: Final = "A keyword that was not said was taken out again."
RUNAWAY: Final = "A passage was decoded again, since the decoder repeated itself."
IN_PARTS: Final = "A passage was decoded in parts, since the decoder stopped early."
STOPPED_SHORT: Final = 0.7  # of the letters the CTC heard: whole words are missing
SHORTEST_PART_S: Final = 1.5
PAUSE_S: Final = 0.3  # the cut is where this much is quietest
BY_SOUND: Final = (
    "A passage was written by sound alone, since the decoder repeated itself."
)

Floats = NDArray[np.float32]
OnUnit = Callable[[], None]


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """A segment's text and what it cost.

    tokens      ids the decoder wrote, without the end mark; empty after a veto
    heard       the CTC's text
    keywords    those that rode in the instruction
    """

    text: str
    tokens: tuple[int, ...] = ()
    heard: str = ""
    keywords: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    encode_s: float = 0.0
    llm_s: float = 0.0
    llm_passes: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """A segment as the decoder takes it.

    embeddings   (3 * ceil(T / 15), decoder hidden)
    heard        the CTC's text; empty means that nothing was said
    draft        the CTC's tokens
    """

    embeddings: mx.array
    heard: str
    draft: list[int]


@dataclass(frozen=True, slots=True)
class Written:
    """What greedy decoding wrote; `ended` is False for a loop or the length bound."""

    tokens: list[int]
    passes: int
    ended: bool


def finish(
    model: Granite,
    samples: Floats,
    style: Style,
    keywords: Sequence[str],
    *,
    keyword_tokens: int = 30,
    on_unit: OnUnit = lambda: None,
) -> SegmentResult:
    """The segment's text.

    samples    float32 (n,), 16 kHz mono, from before its first speech to after its last
    on_unit    called after each encoding and each pass; what it raises ends the work
    """
    start = time.perf_counter()
    sound = listen(model, samples)
    on_unit()
    encode_s = time.perf_counter() - start
    if sound is None or not sound.heard:
        return SegmentResult("", encode_s=encode_s)
    used = fitting(
        keywords, sound.heard, keyword_tokens, lambda t: len(model.tokenizer.encode(t))
    )
    start = time.perf_counter()
    text, written, notes = _write(model, sound, style, used, on_unit)
    result = SegmentResult(
        text=text,
        tokens=tuple(written.tokens),
        heard=sound.heard,
        keywords=tuple(used),
        notes=notes,
        encode_s=encode_s,
        llm_s=time.perf_counter() - start,
        llm_passes=written.passes,
    )
    if not written.ended or not stopped_short(text, sound.heard):
        return result
    cut = quietest(samples)
    if cut is None:
        return result
    parts = [
        finish(
            model, part, style, keywords, keyword_tokens=keyword_tokens, on_unit=on_unit
        )
        for part in (samples[:cut], samples[cut:])
    ]
    return _joined(result, parts)


def stopped_short(text: str, heard: str) -> bool:
    """Whether the text leaves out words that the CTC heard."""
    letters, sounds = (sum(map(str.isalnum, t)) for t in (text, heard))
    return letters < STOPPED_SHORT * sounds


def quietest(samples: Floats) -> int | None:
    """Where to cut in two: amid the quietest 0.3 s; None for too short a sound."""
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


def _joined(whole: SegmentResult, parts: list[SegmentResult]) -> SegmentResult:
    """The parts' text, with the cost of the attempt at the whole."""
    every = [whole, *parts]
    notes = [IN_PARTS, *(note for part in parts for note in part.notes)]
    return SegmentResult(
        text=" ".join(part.text for part in parts if part.text),
        tokens=tuple(token for part in parts for token in part.tokens),
        heard=whole.heard,
        keywords=tuple(dict.fromkeys(k for part in parts for k in part.keywords)),
        notes=tuple(dict.fromkeys(notes)),
        encode_s=sum(r.encode_s for r in every),
        llm_s=sum(r.llm_s for r in every),
        llm_passes=sum(r.llm_passes for r in every),
    )


def listen(model: Granite, samples: Floats) -> Sound | None:
    """Encode a segment; None where it is too short for a frame."""
    frames = log_mel(samples)
    if len(frames) == 0:
        return None
    encoded = model.encode(frames)
    logits = model.char_logits(encoded.hidden).astype(mx.float32)
    embeddings = model.project(encoded.hidden)
    mx.eval(logits, embeddings, encoded.mid_logits)
    heard = ctc.characters(ctc.labels(np.array(logits)))
    draft = model.bpe_draft(encoded.hidden, encoded.mid_posteriors)
    if draft is None:
        draft = model.tokenizer.encode(heard)
    return Sound(embeddings, heard, draft)


def character_labels(model: Granite, samples: Floats) -> list[int]:
    """The best character label of each frame, blanks included; empty without frames."""
    frames = log_mel(samples)
    if len(frames) == 0:
        return []
    logits = model.char_logits(model.encode(frames).hidden)
    labels: list[int] = np.array(mx.argmax(logits, axis=-1)).tolist()
    return labels


def greedy(
    model: Granite, sound: Sound, asked: str, on_unit: OnUnit = lambda: None
) -> Written:
    """The most probable tokens one after the other, until the end mark or a bound."""
    prefix, suffix = model.render_prompt(asked, sound.embeddings.shape[0])
    parts = [model.embed(prefix), sound.embeddings, model.embed(suffix)]
    cache = model.new_cache()
    position = mx.concatenate(parts)
    limit = 2 * len(sound.draft) + SPARE_TOKENS
    limit = min(limit, model.config.decoder.context_tokens - position.shape[0])
    tokens: list[int] = []
    passes = 0
    while passes < limit:
        logits = model.decoder(position, cache)
        token = int(np.array(mx.argmax(logits[-1])))
        passes += 1
        on_unit()
        if token == model.tokenizer.eos:
            return Written(tokens, passes, ended=True)
        tokens.append(token)
        if loops(tokens):
            break
        position = model.embed([token])
    return Written(tokens, passes, ended=False)


def loops(tokens: Sequence[int]) -> bool:
    """Whether the tokens end in one short phrase again and again."""
    for period in range(1, LOOP_LONGEST + 1):
        length = max(LOOP_TOKENS, LOOP_REPEATS * period)
        tail = tokens[-length:]
        if len(tail) == length and list(tail[period:]) == list(tail[:-period]):
            return True
    return False


def _write(
    model: Granite, sound: Sound, style: Style, keywords: list[str], on_unit: OnUnit
) -> tuple[str, Written, tuple[str, ...]]:
    """Text, tokens, notes; what the sound does not bear out is decoded once more.

    After a runaway in another prompt, then the CTC's text is used; after a keyword
    nobody said without keywords.
    """
    written = greedy(model, sound, instruction(style, keywords), on_unit)
    text = model.tokenizer.decode(written.tokens).strip()
    if written.ended and not unsupported(text, keywords, sound.heard):
        return text, written, ()
    if written.ended:
        asked, note = instruction(style, ()), UNSAID
    else:
        other = Style.RAW if style is Style.PUNCTUATED else Style.PUNCTUATED
        asked, note = instruction(other, ()), RUNAWAY
    again = greedy(model, sound, asked, on_unit)
    passes = written.passes + again.passes
    if again.ended:
        text = model.tokenizer.decode(again.tokens).strip()
        return text, Written(again.tokens, passes, ended=True), (note,)
    return sound.heard, Written([], passes, ended=False), (BY_SOUND,)
