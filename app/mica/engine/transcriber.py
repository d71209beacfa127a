"""Transcribes one utterance: resample, segment, read, join.

Each segment is read while it is spoken, when nothing else waits; its text is committed
once it is known whether its sentence continues. It reads no pipe, and no clock except
for the timing it reports. All calls are on the inference thread, which created it and
loaded the model. Over 300 lines: all that happens to one utterance, in order.
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
from mica.engine.notes import GAP, SAMPLES_REPLACED
from mica.engine.prompt import as_spoken
from mica.engine.sentences import SentenceJoiner
from mica.engine.streaming_reader import StreamingReader
from mica.engine.utterance import (
    MakeReader,
    OnUnit,
    Reading,
    SegmentReader,
    Utterance,
    certainty_note,
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
from mica.text.format import clock
from mica.units import SAMPLE_RATE_HZ

__all__ = ["MakeReader", "OnUnit", "SegmentReader", "TextUpdate", "Transcriber"]

CACHE_BYTES: Final = 512 << 20

_log = logging.getLogger(__name__)
Floats = NDArray[np.float32]
TextUpdate = Commit | Tentative


class Transcriber:
    """One utterance at a time: begin, push ..., finish or cancel; then maybe the next.

    Each open utterance has a transcriber of its own; they share the model. Between two
    units of one, another may work: each segment's encoder state and decoder cache
    belong to its reader.

    Committed texts come in order and are never revised; joined with spaces they are the
    transcript's text. How the audio was cut into pushes never shows in the output,
    except that tentative text is skipped while `should_yield` is true.
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
        on_unit        called after each unit of push() and finish(); an exception from
                       it ends the work
        should_yield   whether more of the utterance is waiting, which takes precedence
                       over reading ahead
        live_every_s   the interval of tentative text
        """
        self._model = model
        self._name = name
        self._live_every_s = live_every_s
        self._on_unit, self._should_yield = on_unit, should_yield
        self._make_reader = reader
        self._utterance: Utterance | None = None
        self._thread = threading.get_ident()
        mx.set_cache_limit(CACHE_BYTES)

    @property
    def translates(self) -> bool:
        """Whether the model was trained to translate."""
        return Ability.TRANSLATION in self._model.abilities

    def prefetch_weights(self) -> None:
        """Prefetch weights and kernels while the user begins to speak."""
        if not self._should_yield():
            self._model.prefetch_weights()

    def begin(
        self,
        rate_hz: int,
        options: TranscribeOptions,
        resume_from: ResumePoint | None = None,
    ) -> None:
        """Begin a new utterance; an open one is dropped. A model that cannot translate
        transcribes it instead.

        resume_from   what an earlier engine already committed of it
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

    def note_gap(self, seconds: float) -> None:
        """Note that samples are missing here; silence is pushed in their place."""
        utterance = self._open()
        at = clock(utterance.received / SAMPLE_RATE_HZ)
        utterance.notes[GAP.format(at, seconds)] = None

    def push(self, samples: Floats) -> list[TextUpdate]:
        """Add samples; returns the commits and tentative texts they result in.

        samples  float32 (n,), mono, at the utterance's rate; any n, also 0
        """
        return run_to_end(self.push_in_units(samples), self._on_unit)

    def push_in_units(self, samples: Floats) -> Units[list[TextUpdate]]:
        """push(), in units, between which other utterances may run."""
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
        """The last commits and the whole transcript.

        Raises EngineError if there is no text because no segment could be read: an
        empty transcript would mean that nobody spoke.
        """
        return run_to_end(self.finish_in_units(), self._on_unit)

    def finish_in_units(self) -> Units[tuple[list[Commit], Transcript]]:
        """finish(), in units, between which other utterances may run."""
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
        """Drop the utterance; begin() may follow."""
        self._utterance = None
        mx.clear_cache()

    def _open(self) -> Utterance:
        assert threading.get_ident() == self._thread, "MLX stays on one thread"
        assert self._utterance is not None, "begin() comes first"
        return self._utterance

    def _pieces(self, utterance: Utterance, samples: Floats) -> Iterator[Floats]:
        """The samples, split where tentative text may be due."""
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
        """Pass speech, but not silence, to the open segment's reader."""
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
        """Work on the open segment until all is done or something else waits."""
        span = utterance.segmenter.open
        if utterance.reading is None or span is None:
            return
        pause = utterance.segmenter.pause
        pause = None if pause is None else pause - span.start
        while not self._should_yield() and utterance.reading.reader.work(pause):
            yield

    def _finished(self, utterance: Utterance, span: Span) -> Units[list[Commit]]:
        """Finish a segment; returns the commits that its text causes."""
        reader = (
            utterance.reading.reader if utterance.reading else self._reader(utterance)
        )
        utterance.reading = None
        result = yield from reader.finish(utterance.samples(span.start, span.stop))
        utterance.results.append(result)
        if result.failure:
            utterance.notes[skipped_note(span)] = None
        if note := certainty_note(result.certainty, self._name):
            utterance.notes[note] = None
        return (
            utterance.commits.add(span, result.text, result.words, result.certainty)
            if result.text
            else []
        )

    def _tentative(self, utterance: Utterance) -> Units[list[Tentative]]:
        """Tentative text of what is not committed yet, if there is any.

        Costs one encoding of at most 4 s; no decoder pass.
        """
        utterance.cadence.due = False
        span = utterance.segmenter.open
        if span is None:
            return []
        if utterance.live.has_all_of(span.start, span.last_speech):
            return self._hypothesis(utterance)
        first, start, stop = utterance.live.window(
            utterance.segmenter.needed_from, utterance.received
        )
        try:
            labels = self._model.ctc_labels(utterance.samples(start, stop))
        except Exception:  # noqa: BLE001 no text for now; the segment is still read later
            _log.exception("no live text")
            return []
        yield
        utterance.live.update(first, labels)
        return self._hypothesis(utterance)

    def _hypothesis(self, utterance: Utterance) -> list[Tentative]:
        """The text held back plus the live text after it; costs no inference."""
        if not utterance.options.live:
            return []
        text = ""
        if utterance.segmenter.open is not None:
            utterance.live.move(utterance.segmenter.open.start)
            text = utterance.live.text(utterance.interim)
        return [Tentative(f"{utterance.commits.held} {text}".strip())]
