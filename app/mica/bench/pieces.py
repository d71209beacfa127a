"""A recording pushed in random pieces to an engine that is busy now and then.

No clock: what is read ahead depends on the seed alone, not on how fast this machine is.
Every segment's samples and result are kept for comparing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from mica.bench.speech import Floats
from mica.events import Style, TranscribeOptions, Transcript
from mica.units import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from mica.engine.guards import SegmentResult, Units
    from mica.engine.streaming_reader import StreamingReader
    from mica.engine.transcriber import TextUpdate
    from mica.model.granite import Granite

    SegmentResults = list[tuple[Floats, SegmentResult]]

LONGEST_PIECE_S: Final = 1.5
BUSY: Final = 0.3  # how often something more urgent waits, so nothing is read ahead


@dataclass(frozen=True, slots=True)
class Transcription:
    """The results of a recording: its transcript, all updates on the way, and each
    segment's samples and result."""

    transcript: Transcript
    updates: list[TextUpdate]
    segments: SegmentResults


def transcribe_in_pieces(
    model: Granite, samples: Floats, style: Style, chance: Random, *, live: bool = False
) -> Transcription:
    """The recording pushed in random pieces to an engine that is busy now and then;
    with live text it never is, so that its cadence is fixed."""
    from mica.engine.transcriber import Transcriber

    results: SegmentResults = []
    transcriber = Transcriber(
        model,
        "bench",
        should_yield=lambda: not live and chance.random() < BUSY,
        reader=recording_reader(results),
    )
    transcriber.begin(SAMPLE_RATE_HZ, TranscribeOptions(style, live=live))
    updates: list[TextUpdate] = []
    for piece in pieces(samples, chance):
        updates += transcriber.push(piece)
    committed, transcript = transcriber.finish()
    return Transcription(transcript, [*updates, *committed], results)


def pieces(samples: Floats, chance: Random) -> Iterator[Floats]:
    """The samples in order, in pieces of one sample to some seconds."""
    longest, start = LONGEST_PIECE_S * SAMPLE_RATE_HZ, 0
    while start < len(samples):
        stop = start + max(1, round(longest * chance.random() ** 2))
        yield samples[start:stop]
        start = stop


def recording_reader(results: SegmentResults) -> type[StreamingReader]:
    """A reader that puts every segment's samples and result there."""
    from mica.engine.streaming_reader import StreamingReader

    class RecordingReader(StreamingReader):
        def finish(self, samples: Floats) -> Units[SegmentResult]:
            result = yield from super().finish(samples)
            results.append((samples, result))
            return result

    return RecordingReader
