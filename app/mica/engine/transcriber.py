"""One utterance from samples to text: resample, cut, decode, join.

Segments are decoded as soon as they are complete, while the user speaks on; their text
is committed when it is known how the sentence goes on. It reads no pipe and no clock
but for the timing it reports. All calls are on the inference thread, the one that made
it and loaded the model.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.audio.resample import Resampler
from mica.engine.answer import SegmentResult
from mica.engine.decode import character_labels, finish
from mica.engine.join import SENTENCE_PAUSE_S, lowered, without_stop
from mica.engine.live import EVERY_FRAMES, WINDOW_FRAMES, Live
from mica.engine.segment import Segmenter, Span
from mica.events import SegmentText, Style, Timing, Transcript
from mica.model.granite import Granite
from mica.units import FRAME_SAMPLES, SAMPLE_RATE_HZ

CACHE_BYTES: Final = 512 << 20
SENTENCE_PAUSE: Final = round(SENTENCE_PAUSE_S * SAMPLE_RATE_HZ)

Floats = NDArray[np.float32]
OnUnit = Callable[[], None]


@dataclass(slots=True)
class _Utterance:
    """What is known of the utterance under way; samples are at 16 kHz.

    kept      samples from index `kept_from` on
    decoded   results of segments in order
    held      the last segment with text; its final stop waits for the next one
    replaced  samples came that were no numbers
    spent_s   work done so far
    live      of the segment that begins at `live_start`, heard up to `live_frames`
    """

    style: Style
    keywords: tuple[str, ...]
    resampler: Resampler
    segmenter: Segmenter = field(default_factory=Segmenter)
    kept: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    kept_from: int = 0
    decoded: list[SegmentResult] = field(default_factory=list)
    committed: list[SegmentText] = field(default_factory=list)
    held: tuple[Span, str] | None = None
    replaced: bool = False
    spent_s: float = 0.0
    live: Live = field(default_factory=Live)
    live_start: int = -1
    live_frames: int = 0


class Transcriber:
    """begin, push ..., finish or cancel; then the next utterance.

    Committed texts come in order and are never revised; put together with spaces they
    are the transcript's text.
    """

    def __init__(
        self,
        model: Granite,
        name: str,
        *,
        keyword_tokens: int = 30,
        on_unit: OnUnit = lambda: None,
    ) -> None:
        self._model = model
        self._name = name
        self._keyword_tokens = keyword_tokens
        self._on_unit = on_unit
        self._now: _Utterance | None = None
        self._thread = threading.get_ident()
        mx.set_cache_limit(CACHE_BYTES)

    def begin(self, rate_hz: int, style: Style, keywords: Sequence[str]) -> None:
        """A new utterance at a rate; an open one is forgotten."""
        assert threading.get_ident() == self._thread, "MLX stays on one thread"
        self._now = _Utterance(style, tuple(keywords), Resampler(rate_hz))

    def push(self, samples: Floats) -> list[SegmentText]:
        """Segments committed by these samples, decoded here.

        samples  float32 (n,), mono, at the utterance's rate; any n, also 0
        """
        now, start = self._open(), time.perf_counter()
        clean = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        now.replaced |= not np.array_equal(clean, samples)
        committed = self._take(now, now.resampler.push(clean))
        now.spent_s += time.perf_counter() - start
        return committed

    def live(self) -> str | None:
        """Text of what is not committed yet; None where nothing new was heard.

        Costs one encoding of at most 4 s, each 0.5 s of speech; the decoder is not
        asked. The text may change.
        """
        now = self._open()
        if now.segmenter.first_speech is None:
            return None
        start = now.segmenter.needed_from
        if start != now.live_start:
            now.live, now.live_start, now.live_frames = Live(), start, 0
        frames = (now.kept_from + len(now.kept) - start) // FRAME_SAMPLES
        if frames < now.live_frames + EVERY_FRAMES:
            return None
        now.live_frames = frames
        first = max(0, frames - WINDOW_FRAMES)
        begin = start - now.kept_from + first * FRAME_SAMPLES
        window = now.kept[begin : begin + (frames - first) * FRAME_SAMPLES]
        text = now.live.update(first, character_labels(self._model, window))
        self._on_unit()
        before = "" if now.held is None else now.held[1]
        return f"{before} {text}".strip()

    def finish(self) -> tuple[list[SegmentText], Transcript]:
        """The segments committed last, and the whole text."""
        now, start = self._open(), time.perf_counter()
        committed = self._take(now, now.resampler.finish())
        for span in now.segmenter.finish():
            committed += self._decode(now, span)
        committed += self._commit(now, goes_on=False)
        now.spent_s += time.perf_counter() - start
        self._now = None
        mx.clear_cache()
        return committed, self._transcript(now)

    def cancel(self) -> None:
        """Forget the utterance; the next begin() may follow."""
        self._now = None
        mx.clear_cache()

    def _open(self) -> _Utterance:
        assert threading.get_ident() == self._thread, "MLX stays on one thread"
        assert self._now is not None, "begin() comes first"
        return self._now

    def _take(self, now: _Utterance, samples: Floats) -> list[SegmentText]:
        now.kept = np.concatenate([now.kept, samples])
        committed: list[SegmentText] = []
        for span in now.segmenter.push(samples):
            committed += self._decode(now, span)
        committed += self._release_held(now)
        done = now.segmenter.needed_from - now.kept_from
        if done > 0:
            now.kept, now.kept_from = now.kept[done:], now.segmenter.needed_from
        return committed

    def _decode(self, now: _Utterance, span: Span) -> list[SegmentText]:
        """Decode a segment; the one before it is committed."""
        begin, stop = span.start - now.kept_from, span.stop - now.kept_from
        result = finish(
            self._model,
            now.kept[begin:stop],
            now.style,
            now.keywords,
            keyword_tokens=self._keyword_tokens,
            on_unit=self._on_unit,
        )
        now.decoded.append(result)
        if not result.text:
            return []
        text, goes_on = result.text, False
        if now.held is not None and now.style is Style.PUNCTUATED:
            goes_on = span.first_speech - now.held[0].last_speech < SENTENCE_PAUSE
            text = lowered(text, now.keywords) if goes_on else text
        committed = self._commit(now, goes_on=goes_on)
        now.held = (span, text)
        return committed

    def _commit(self, now: _Utterance, *, goes_on: bool) -> list[SegmentText]:
        """The held segment's text, now final."""
        if now.held is None:
            return []
        span, text = now.held
        now.held = None
        text = without_stop(text) if goes_on else text
        second = SAMPLE_RATE_HZ
        segment = SegmentText(span.start / second, span.stop / second, text)
        now.committed.append(segment)
        return [segment]

    def _release_held(self, now: _Utterance) -> list[SegmentText]:
        """The held segment once the pause behind it ends a sentence."""
        if now.held is None:
            return []
        next_speech = now.segmenter.first_speech
        heard_to = now.segmenter.decided if next_speech is None else next_speech
        if heard_to - now.held[0].last_speech < SENTENCE_PAUSE:
            return []
        return self._commit(now, goes_on=False)

    def _transcript(self, now: _Utterance) -> Transcript:
        decoded = now.decoded
        notes = [note for result in decoded for note in result.notes]
        if now.replaced:
            notes.append("Samples that were not numbers were taken as silence.")
        used = {word for result in decoded for word in result.keywords}
        audio_s = (now.kept_from + len(now.kept)) / SAMPLE_RATE_HZ
        return Transcript(
            text=" ".join(segment.text for segment in now.committed),
            model=self._name,
            duration_s=audio_s,
            segments=tuple(now.committed),
            keywords_applied=tuple(word for word in now.keywords if word in used),
            notes=tuple(dict.fromkeys(notes)),
            timing=Timing(
                audio_s=audio_s,
                encode_s=sum(result.encode_s for result in decoded),
                llm_s=sum(result.llm_s for result in decoded),
                total_s=now.spent_s,
                llm_passes=sum(result.llm_passes for result in decoded),
            ),
        )
