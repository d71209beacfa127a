"""One utterance from samples to text: resample, cut, read, join.

Each segment is read while it is spoken, when nothing else waits; its text is committed
when it is known how its sentence goes on. It reads no pipe and no clock but for the
timing it reports. All calls are on the inference thread, the one that made it and
loaded the model.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.audio.resample import Resampler
from mica.engine.endpointing import Segmenter, Span
from mica.engine.guards import Units, run_to_end
from mica.engine.live_cadence import EVERY_S, LiveCadence
from mica.engine.prompt import as_spoken
from mica.engine.sentences import SentenceJoiner
from mica.engine.streaming_reader import StreamingReader
from mica.engine.utterance import (
    REPLACED,
    MakeReader,
    OnUnit,
    Reading,
    SegmentReader,
    Utterance,
    left_out_note,
    transcript,
)
from mica.errors import EngineError
from mica.events import (
    Commit,
    ResumePoint,
    Tentative,
    TranscribeOptions,
    Transcript,
    UtteranceStats,
)
from mica.model.speech_model import Ability, SpeechModel, supported
from mica.units import SAMPLE_RATE_HZ

__all__ = ["MakeReader", "OnUnit", "Said", "SegmentReader", "Transcriber"]

CACHE_BYTES: Final = 512 << 20

_log = logging.getLogger(__name__)
Floats = NDArray[np.float32]
Said = Commit | Tentative


class Transcriber:
    """One utterance: begin, push ..., finish or cancel; then perhaps the next.

    Each utterance that is open has a transcriber of its own; they share the model.
    Between two units of one, another may work: a segment's encoder state and decoder
    cache are its reader's.

    Committed texts come in order and are never revised; put together with spaces they
    are the transcript's text. How the audio was cut never shows in what is said, but
    that tentative text is left out while `should_yield` is true.
    """

    def __init__(
        self,
        model: SpeechModel,
        name: str,
        *,
        on_unit: OnUnit = lambda: None,
        should_yield: Callable[[], bool] = lambda: False,
        reader: MakeReader = StreamingReader,
        live_every_s: float = EVERY_S,
    ) -> None:
        """
        on_unit        called after each unit of push() and finish(); what it raises
                       ends the work
        should_yield   whether more of the utterance waits, which comes before reading
                       ahead
        live_every_s   how often tentative text comes
        """
        self._model = model
        self._name = name
        self._live_every_s = live_every_s
        self._on_unit, self._should_yield, self._make_reader = (
            on_unit,
            should_yield,
            reader,
        )
        self._now: Utterance | None = None
        self._thread = threading.get_ident()
        mx.set_cache_limit(CACHE_BYTES)

    @property
    def translates(self) -> bool:
        """Whether the model was trained to."""
        return Ability.TRANSLATION in self._model.abilities

    def touch(self) -> None:
        """Weights and kernels are made ready while the user begins to speak."""
        if not self._should_yield():
            self._model.prefetch_weights()

    def begin(
        self,
        rate_hz: int,
        options: TranscribeOptions,
        earlier: ResumePoint | None = None,
    ) -> None:
        """A new utterance at a rate; an open one is forgotten. A model that cannot
        translate writes it as spoken.

        earlier   what is committed of it already, by another engine
        """
        assert threading.get_ident() == self._thread, "MLX stays on one thread"
        commits = SentenceJoiner(options.style, options.keywords, earlier)
        segmenter, kept_from = Segmenter(), 0
        if earlier is not None and commits.said_to is not None:
            kept_from = earlier.start_s * SAMPLE_RATE_HZ
            segmenter = Segmenter(kept_from, commits.said_to)
        untranslated = options.target_language and not self.translates
        options = supported(options, self._model)
        self._now = Utterance(
            options,
            Resampler(rate_hz),
            commits,
            segmenter,
            earlier.stats if earlier is not None else UtteranceStats(),
            LiveCadence(self._live_every_s),
            kept_from,
        )
        if untranslated:
            self._now.notes[as_spoken(self._name)] = None

    def push(self, samples: Floats) -> list[Said]:
        """What is committed or, for now, heard with these samples.

        samples  float32 (n,), mono, at the utterance's rate; any n, also 0
        """
        return run_to_end(self.push_in_units(samples), self._on_unit)

    def push_in_units(self, samples: Floats) -> Units[list[Said]]:
        """push(), with room for another utterance's work between two units."""
        now = self._open()
        return (yield from now.work.measure(self._pushed(now, samples)))

    def _pushed(self, now: Utterance, samples: Floats) -> Units[list[Said]]:
        clean = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        if not np.array_equal(clean, samples):
            now.notes[REPLACED] = None
        said: list[Said] = []
        for piece in self._pieces(now, now.resampler.push(clean)):
            said += yield from self._take(now, piece)
            yield from self._read_ahead(now)
            if len(piece) and now.options.live:
                doubt = now.segmenter.in_doubt
                now.cadence.reach(now.heard_to, may_be_pause=doubt)
            if now.cadence.due and not self._should_yield():
                said += yield from self._tentative(now)
        return said

    def finish(self) -> tuple[list[Commit], Transcript]:
        """The segments committed last, and the whole text.

        Where there is none because no segment could be read: an EngineError. An empty
        transcript would say that nobody spoke.
        """
        return run_to_end(self.finish_in_units(), self._on_unit)

    def finish_in_units(self) -> Units[tuple[list[Commit], Transcript]]:
        """finish(), with room for another utterance's work between two units."""
        now = self._open()
        before = len(now.results)
        committed = yield from now.work.measure(self._rest(now))
        self._now = None
        mx.clear_cache()
        last = sum(result.release_passes for result in now.results[before:])
        audio_s = now.heard_to / SAMPLE_RATE_HZ
        texts = now.commits.texts
        language = now.options.target_language or now.options.language
        failure = next((result.failure for result in now.results if result.failure), "")
        if failure and not texts:
            raise EngineError(failure)
        return committed, transcript(
            self._name, texts, audio_s, last, now.stats(), language
        )

    def _rest(self, now: Utterance) -> Units[list[Commit]]:
        said = yield from self._take(now, now.resampler.finish())
        committed = [one for one in said if isinstance(one, Commit)]
        for span in now.segmenter.finish():
            committed += yield from self._finished(now, span)
        return committed + now.commits.finish()

    def stats(self) -> UtteranceStats:
        """What the open utterance took so far, and what is to be said of it."""
        return self._open().stats()

    def cancel(self) -> None:
        """Forget the utterance; the next begin() may follow."""
        self._now = None
        mx.clear_cache()

    def _open(self) -> Utterance:
        assert threading.get_ident() == self._thread, "MLX stays on one thread"
        assert self._now is not None, "begin() comes first"
        return self._now

    def _pieces(self, now: Utterance, samples: Floats) -> Iterator[Floats]:
        """The samples, cut where tentative text may be due."""
        while True:
            room = now.cadence.room(now.heard_to)
            yield samples[:room]
            samples = samples[room:]
            if len(samples) == 0:
                return

    def _take(self, now: Utterance, samples: Floats) -> Units[list[Said]]:
        now.kept = np.concatenate([now.kept, samples])
        said: list[Said] = []
        for span in now.segmenter.push(samples):
            said += yield from self._finished(now, span)
            said += self._standing(now)
        if ended := now.commits.silent_to(now.segmenter.quiet_to):
            said += ended
            said += self._standing(now)
        done = min(now.segmenter.needed_from - now.kept_from, len(now.kept))
        if done > 0:
            now.kept, now.kept_from = now.kept[done:], now.kept_from + done
        self._hand_on(now)
        return said

    def _hand_on(self, now: Utterance) -> None:
        """What was said goes to the open segment's reader; silence does not."""
        span = now.segmenter.open
        if span is None:
            return
        if now.reading is None:
            reader = self._reader(now)
            now.reading = Reading(reader, span.start, span.start)
        reading = now.reading
        if span.stop > reading.pushed:
            reading.reader.push(now.samples(reading.pushed, span.stop))
            reading.pushed = span.stop

    def _reader(self, now: Utterance) -> SegmentReader:
        return self._make_reader(self._model, now.options)

    def _read_ahead(self, now: Utterance) -> Units[None]:
        """Work on the open segment until none is left or something waits."""
        span = now.segmenter.open
        if now.reading is None or span is None:
            return
        pause = now.segmenter.pause
        pause = None if pause is None else pause - span.start
        while not self._should_yield() and now.reading.reader.work(pause):
            yield

    def _finished(self, now: Utterance, span: Span) -> Units[list[Commit]]:
        """A segment's text; the one before it is committed."""
        reader = now.reading.reader if now.reading else self._reader(now)
        now.reading = None
        result = yield from reader.finish(now.samples(span.start, span.stop))
        now.results.append(result)
        if result.failure:
            now.notes[left_out_note(span)] = None
        return now.commits.add(span, result.text, result.words) if result.text else []

    def _tentative(self, now: Utterance) -> Units[list[Tentative]]:
        """The text of what is not committed yet, if anything is.

        Costs one encoding of at most 4 s; the decoder is not asked.
        """
        now.cadence.due = False
        if now.segmenter.open is None:
            return []
        first, start, stop = now.live.window(now.segmenter.needed_from, now.heard_to)
        try:
            labels = self._model.ctc_labels(now.samples(start, stop))
        except Exception:  # noqa: BLE001 no text for now; the segment is read all the same
            _log.exception("no live text")
            return []
        yield
        now.live.update(first, labels)
        return self._standing(now)

    def _standing(self, now: Utterance) -> list[Tentative]:
        """The text that waits and what was heard behind it; it costs nothing."""
        if not now.options.live:
            return []
        text = ""
        if now.segmenter.open is not None:
            now.live.move(now.segmenter.open.start)
            text = now.live.text(now.interim)
        return [Tentative(f"{now.commits.held} {text}".strip())]
