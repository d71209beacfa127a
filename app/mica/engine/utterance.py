"""The state and cost of one utterance.

Utterance holds the state that transcriber.py changes: options, samples, segment
results. stats() and transcript() sum up the results, including those of an engine that
died before. The rest is pure functions of values; nothing here computes audio or text.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mica.audio.resample import Resampler
from mica.engine.endpointing import Segmenter, Span
from mica.engine.guards import SegmentResult, Stopwatch, Units, cost
from mica.engine.live_cadence import LiveCadence
from mica.engine.live_text import Interim, LiveText
from mica.engine.notes import CHECK, DEMONSTRATION, NOT_UNDERSTOOD, SKIPPED
from mica.engine.sentences import SentenceJoiner
from mica.events import (
    LANGUAGE_CODES,
    Certainty,
    Language,
    SegmentText,
    Timing,
    TranscribeOptions,
    Transcript,
    UtteranceStats,
)
from mica.store.catalog import EMBEDDED
from mica.text.format import clock
from mica.units import SAMPLE_RATE_HZ


def skipped_note(span: Span) -> str:
    """The note for a segment that could not be transcribed."""
    start = clock(span.first_speech / SAMPLE_RATE_HZ)
    return SKIPPED.format(start)


def certainty_note(certainty: Certainty, model: str) -> str | None:
    """The note for an utterance with such a segment; `model`: its name."""
    match certainty:
        case Certainty.SURE:
            return None
        case Certainty.CHECK:
            return CHECK
        case Certainty.NOT_UNDERSTOOD:
            return DEMONSTRATION.format(model) if model == EMBEDDED else NOT_UNDERSTOOD


def stats(
    before: UtteranceStats,
    listed: Sequence[str],
    results: Iterable[SegmentResult],
    spent_s: float,
    notes: Iterable[str],
) -> UtteranceStats:
    """The utterance's cost, keywords and notes so far.

    before   the stats of the beginning, from an engine that died
    listed   the keywords, whose order the used ones are listed in
    notes    in addition to those of the results
    """
    found = list(results)
    used = {word for one in found for word in one.keywords} | set(
        before.keywords_applied
    )
    every = [*before.notes, *(note for one in found for note in one.notes), *notes]
    return UtteranceStats(
        tuple(word for word in listed if word in used),
        tuple(dict.fromkeys(every)),
        _together(before.timing, Timing(total_s=spent_s, **cost(found))),
    )


def transcript(
    name: str,
    texts: Sequence[SegmentText],
    audio_s: float,
    release_passes: int,
    stats: UtteranceStats,
    language: Language | None = None,
) -> Transcript:
    """The result of a whole utterance.

    name       the model's
    language   of the text, if known
    """
    return Transcript(
        text=" ".join(segment.text for segment in texts),
        model=name,
        duration_s=audio_s,
        segments=tuple(texts),
        language=LANGUAGE_CODES[language] if language is not None else None,
        keywords_applied=stats.keywords_applied,
        notes=stats.notes,
        timing=replace(stats.timing, audio_s=audio_s, release_passes=release_passes),
    )


def _together(one: Timing, other: Timing) -> Timing:
    names = [field.name for field in fields(Timing)]
    return Timing(**{name: getattr(one, name) + getattr(other, name) for name in names})


Floats = NDArray[np.float32]
OnUnit = Callable[[], None]


class SegmentReader(Protocol):
    """Turns one segment into text: streaming_reader.StreamingReader while it is spoken,
    offline.OfflineReader when it has ended."""

    @property
    def interim(self) -> Interim | None: ...

    def push(self, samples: Floats) -> None: ...
    def work(self, pause: int | None) -> bool: ...
    def finish(self, samples: Floats) -> Units[SegmentResult]: ...


#: The model must be of the kind that the reader is made for.
MakeReader = Callable[[Any, TranscribeOptions], SegmentReader]


@dataclass(slots=True)
class Reading:
    """The open segment's reader, which has received samples [start, pushed)."""

    reader: SegmentReader
    start: int
    pushed: int


@dataclass(slots=True)
class Utterance:
    """An open utterance. Samples are at 16 kHz.

    before    the stats from an engine that died
    buffer    samples from index `buffer_start`
    results   of the segments, in order
    notes     about the utterance as a whole
    work      time spent so far
    """

    options: TranscribeOptions
    resampler: Resampler
    commits: SentenceJoiner
    segmenter: Segmenter
    before: UtteranceStats
    cadence: LiveCadence
    buffer_start: int = 0
    buffer: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    results: list[SegmentResult] = field(default_factory=list)
    reading: Reading | None = None
    live: LiveText = field(default_factory=LiveText)
    notes: dict[str, None] = field(default_factory=dict)  # in order, each once
    work: Stopwatch = field(default_factory=Stopwatch)

    @property
    def received(self) -> int:
        return self.buffer_start + len(self.buffer)

    @property
    def interim(self) -> Interim | None:
        """The decoder's text of the open segment so far, if any."""
        return None if self.reading is None else self.reading.reader.interim

    def samples(self, start: int, stop: int) -> Floats:
        return self.buffer[start - self.buffer_start : stop - self.buffer_start]

    def stats(self) -> UtteranceStats:
        results, spent_s = self.results, self.work.spent_s
        listed = self.options.keywords
        return stats(self.before, listed, results, spent_s, self.notes)
