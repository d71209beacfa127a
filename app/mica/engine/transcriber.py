"""One utterance from samples to text: resample, cut, read, join.

Each segment is read while it is spoken, when nothing else waits; its text is committed
when it is known how its sentence goes on. It reads no pipe and no clock but for the
timing it reports. All calls are on the inference thread, the one that made it and
loaded the model. Over 300 lines: all that happens to one utterance, in its order.
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
from mica.engine.notes import SAMPLES_REPLACED
from mica.engine.prompt import as_spoken
from mica.engine.sentences import SentenceJoiner
from mica.engine.streaming_reader import StreamingReader
from mica.engine.utterance import (
    MakeReader,
    OnUnit,
    Reading,
    SegmentReader,
    Utterance,
    skipped_note,
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

__all__ = ["MakeReader", "OnUnit", "SegmentReader", "TextUpdate", "Transcriber"]

CACHE_BYTES: Final = 512 << 20

_log = logging.getLogger(__name__)
Floats = NDArray[np.float32]
TextUpdate = Commit | Tentative


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
        self._utterance: Utterance | None = None
        self._thread = threading.get_ident()
        mx.set_cache_limit(CACHE_BYTES)

    @property
    def translates(self) -> bool:
        """Whether the model was trained to."""
        return Ability.TRANSLATION in self._model.abilities

    def prefetch_weights(self) -> None:
        """Weights and kernels are made ready while the user begins to speak."""
        if not self._should_yield():
            self._model.prefetch_weights()

    def begin(
        self,
        rate_hz: int,
        options: TranscribeOptions,
        resume_from: ResumePoint | None = None,
    ) -> None:
        """A new utterance at a rate; an open one is forgotten. A model that cannot
        translate writes it as spoken.

        resume_from   what is committed of it already, by another engine
        """
        assert threading.get_ident() == self._thread, "MLX stays on one thread"
        commits = SentenceJoiner(options.style, options.keywords, resume_from)
        segmenter, buffer_start = Segmenter(), 0
        if resume_from is not None and commits.last_speech_end is not None:
            buffer_start = resume_from.start_s * SAMPLE_RATE_HZ
            segmenter = Segmenter(buffer_start, commits.last_speech_end)
        untranslated = options.target_language and not self.translates
        options = supported(options, self._model)
        self._utterance = Utterance(
            options,
            Resampler(rate_hz),
            commits,
            segmenter,
            resume_from.stats if resume_from is not None else UtteranceStats(),
            LiveCadence(self._live_every_s),
            buffer_start,
        )
        if untranslated:
            self._utterance.notes[as_spoken(self._name)] = None

    def push(self, samples: Floats) -> list[TextUpdate]:
        """Commits and tentative texts that these samples bring.

        samples  float32 (n,), mono, at the utterance's rate; any n, also 0
        """
        return run_to_end(self.push_in_units(samples), self._on_unit)

    def push_in_units(self, samples: Floats) -> Units[list[TextUpdate]]:
        """push(), with room for another utterance's work between two units."""
        utterance = self._open()
        return (yield from utterance.work.measure(self._pushed(utterance, samples)))

    def _pushed(self, utterance: Utterance, samples: Floats) -> Units[list[TextUpdate]]:
        clean = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        if not np.array_equal(clean, samples):
            utterance.notes[SAMPLES_REPLACED] = None
        updates: list[TextUpdate] = []
        for piece in self._pieces(utterance, utterance.resampler.push(clean)):
            updates += yield from self._accept(utterance, piece)
            yield from self._read_ahead(utterance)
            if len(piece) and utterance.options.live:
                may_be_pause = utterance.segmenter.may_be_pause
                utterance.cadence.reach(utterance.received, may_be_pause=may_be_pause)
            if utterance.cadence.due and not self._should_yield():
                updates += yield from self._tentative(utterance)
        return updates

    def finish(self) -> tuple[list[Commit], Transcript]:
        """The segments committed last, and the whole text.

        Where there is none because no segment could be read: an EngineError. An empty
        transcript would say that nobody spoke.
        """
        return run_to_end(self.finish_in_units(), self._on_unit)

    def finish_in_units(self) -> Units[tuple[list[Commit], Transcript]]:
        """finish(), with room for another utterance's work between two units."""
        utterance = self._open()
        before = len(utterance.results)
        committed = yield from utterance.work.measure(self._flush(utterance))
        self._utterance = None
        mx.clear_cache()
        last = sum(result.release_passes for result in utterance.results[before:])
        audio_s = utterance.received / SAMPLE_RATE_HZ
        texts = utterance.commits.texts
        language = utterance.options.target_language or utterance.options.language
        failure = next(
            (result.failure for result in utterance.results if result.failure), ""
        )
        if failure and not texts:
            raise EngineError(failure)
        return committed, transcript(
            self._name, texts, audio_s, last, utterance.stats(), language
        )

    def _flush(self, utterance: Utterance) -> Units[list[Commit]]:
        updates = yield from self._accept(utterance, utterance.resampler.finish())
        committed = [one for one in updates if isinstance(one, Commit)]
        for span in utterance.segmenter.finish():
            committed += yield from self._finished(utterance, span)
        return committed + utterance.commits.finish()

    def stats(self) -> UtteranceStats:
        """Cost, keywords and notes of the open utterance so far."""
        return self._open().stats()

    def cancel(self) -> None:
        """Forget the utterance; the next begin() may follow."""
        self._utterance = None
        mx.clear_cache()

    def _open(self) -> Utterance:
        assert threading.get_ident() == self._thread, "MLX stays on one thread"
        assert self._utterance is not None, "begin() comes first"
        return self._utterance

    def _pieces(self, utterance: Utterance, samples: Floats) -> Iterator[Floats]:
        """The samples, cut where tentative text may be due."""
        while True:
            room = utterance.cadence.room(utterance.received)
            yield samples[:room]
            samples = samples[room:]
            if len(samples) == 0:
                return

    def _accept(self, utterance: Utterance, samples: Floats) -> Units[list[TextUpdate]]:
        utterance.buffer = np.concatenate([utterance.buffer, samples])
        updates: list[TextUpdate] = []
        for span in utterance.segmenter.push(samples):
            updates += yield from self._finished(utterance, span)
            updates += self._hypothesis(utterance)
        if ended := utterance.commits.silent_to(utterance.segmenter.quiet_to):
            updates += ended
            updates += self._hypothesis(utterance)
        done = min(
            utterance.segmenter.needed_from - utterance.buffer_start,
            len(utterance.buffer),
        )
        if done > 0:
            utterance.buffer, utterance.buffer_start = (
                utterance.buffer[done:],
                utterance.buffer_start + done,
            )
        self._feed_reader(utterance)
        return updates

    def _feed_reader(self, utterance: Utterance) -> None:
        """What was said goes to the open segment's reader; silence does not."""
        span = utterance.segmenter.open
        if span is None:
            return
        if utterance.reading is None:
            reader = self._reader(utterance)
            utterance.reading = Reading(reader, span.start, span.start)
        reading = utterance.reading
        if span.stop > reading.pushed:
            reading.reader.push(utterance.samples(reading.pushed, span.stop))
            reading.pushed = span.stop

    def _reader(self, utterance: Utterance) -> SegmentReader:
        return self._make_reader(self._model, utterance.options)

    def _read_ahead(self, utterance: Utterance) -> Units[None]:
        """Work on the open segment until none is left or something waits."""
        span = utterance.segmenter.open
        if utterance.reading is None or span is None:
            return
        pause = utterance.segmenter.pause
        pause = None if pause is None else pause - span.start
        while not self._should_yield() and utterance.reading.reader.work(pause):
            yield

    def _finished(self, utterance: Utterance, span: Span) -> Units[list[Commit]]:
        """A segment's text; the one before it is committed."""
        reader = (
            utterance.reading.reader if utterance.reading else self._reader(utterance)
        )
        utterance.reading = None
        result = yield from reader.finish(utterance.samples(span.start, span.stop))
        utterance.results.append(result)
        if result.failure:
            utterance.notes[skipped_note(span)] = None
        return (
            utterance.commits.add(span, result.text, result.words)
            if result.text
            else []
        )

    def _tentative(self, utterance: Utterance) -> Units[list[Tentative]]:
        """The text of what is not committed yet, if anything is.

        Costs one encoding of at most 4 s; the decoder is not asked.
        """
        utterance.cadence.due = False
        if utterance.segmenter.open is None:
            return []
        first, start, stop = utterance.live.window(
            utterance.segmenter.needed_from, utterance.received
        )
        try:
            labels = self._model.ctc_labels(utterance.samples(start, stop))
        except Exception:  # noqa: BLE001 no text for now; the segment is read all the same
            _log.exception("no live text")
            return []
        yield
        utterance.live.update(first, labels)
        return self._hypothesis(utterance)

    def _hypothesis(self, utterance: Utterance) -> list[Tentative]:
        """The text that waits and what was heard behind it; it costs nothing."""
        if not utterance.options.live:
            return []
        text = ""
        if utterance.segmenter.open is not None:
            utterance.live.move(utterance.segmenter.open.start)
            text = utterance.live.text(utterance.interim)
        return [Tentative(f"{utterance.commits.held} {text}".strip())]
