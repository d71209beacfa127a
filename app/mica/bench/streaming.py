"""Feeds recordings to a transcriber: as a microphone would, or in random pieces.

As a microphone would, on a simulated clock: each piece is processed once it has arrived
and the work before it is done. Work time is measured and waiting time is computed, so a
minute of audio does not take a minute; work that falls behind the speaker counts. As in
the engine, nothing is read ahead once the next piece has arrived, or after the release,
which is at the recording's end.

In random pieces, to an engine that is busy now and then: there is no clock, and what is
read ahead depends only on the seed, not on the speed of the machine. Every segment's
samples and result are kept for comparison.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from mica.bench.speech import Floats
from mica.events import Style, TranscribeOptions, Transcript
from mica.units import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from mica.engine.transcriber import MakeReader, TextUpdate, Transcriber
    from mica.model.granite import Granite
if TYPE_CHECKING:
    from mica.engine.guards import SegmentResult, Units
    from mica.engine.streaming_reader import StreamingReader
    from mica.engine.transcriber import TextUpdate
    from mica.model.granite import Granite

    SegmentResults = list[tuple[Floats, SegmentResult]]


PIECE_S: Final = 0.02  # a microphone's chunk
LONGEST_PIECE_S: Final = 1.5
BUSY: Final = 0.3  # how often something more urgent waits, which stops reading ahead


@dataclass(frozen=True, slots=True)
class StreamResult:
    """The results of a streamed recording; times are on the simulated clock.

    updates             the updates that came together, and when
    release_to_text_s   from the last sample to the text
    cpu_s               CPU time of the work before the release, all threads
    """

    updates: list[tuple[float, Sequence[TextUpdate]]]
    transcript: Transcript
    release_to_text_s: float
    cpu_s: float


@dataclass(slots=True)
class _Clock:
    """A simulated clock: now() runs while work is done; wait_for() skips idle time."""

    next_s: float = 0.0  # when the next piece arrives
    _past_s: float = 0.0
    _since_s: float = field(default_factory=time.perf_counter)

    def now(self) -> float:
        return self._past_s + time.perf_counter() - self._since_s

    def wait_for(self, moment_s: float) -> None:
        self.set(max(self.now(), moment_s))

    def set(self, moment_s: float) -> None:
        self._past_s, self._since_s = moment_s, time.perf_counter()


def stream(
    model: Granite,
    samples: Floats,
    style: Style,
    keywords: Sequence[str] = (),
    *,
    live: bool = True,
    reader: MakeReader | None = None,
    fast_s: int = 0,
) -> StreamResult:
    """Stream a recording as one utterance that is released at its end.

    Live text comes at the usual cadence, however slow this machine is.

    fast_s   length of the beginning that comes at once, as from a file; the clock
             starts when that has been processed
    """
    from mica.engine.streaming_reader import StreamingReader
    from mica.engine.transcriber import Transcriber

    clock = _Clock()
    transcriber = Transcriber(
        model,
        "bench",
        should_yield=lambda: clock.now() >= clock.next_s,
        reader=reader or StreamingReader,
    )
    options = TranscribeOptions(style, tuple(keywords), live=live)
    transcriber.begin(SAMPLE_RATE_HZ, options)
    updates: list[tuple[float, Sequence[TextUpdate]]] = []
    for second in range(fast_s):
        start = second * SAMPLE_RATE_HZ
        update = transcriber.push(samples[start : start + SAMPLE_RATE_HZ])
        updates.append((second + 1.0, update))
    clock.set(float(fast_s))
    cpu_s = _push_in_real_time(
        transcriber, clock, samples, fast_s * SAMPLE_RATE_HZ, updates
    )
    committed, transcript = transcriber.finish()
    done_s = clock.now()
    updates.append((done_s, committed))
    return StreamResult(
        updates, transcript, done_s - len(samples) / SAMPLE_RATE_HZ, cpu_s
    )


def _push_in_real_time(
    transcriber: Transcriber,
    clock: _Clock,
    samples: Floats,
    begin: int,
    updates: list[tuple[float, Sequence[TextUpdate]]],
) -> float:
    """Push the samples from `begin` as they are spoken; returns the CPU time."""
    piece = round(PIECE_S * SAMPLE_RATE_HZ)
    last_s, cpu_s = len(samples) / SAMPLE_RATE_HZ, 0.0
    for first in range(begin, len(samples), piece):
        stop = min(first + piece, len(samples))
        clock.wait_for(stop / SAMPLE_RATE_HZ)
        clock.next_s = min(last_s, (stop + piece) / SAMPLE_RATE_HZ)
        start_s = time.process_time()
        update = transcriber.push(samples[first:stop])
        cpu_s += time.process_time() - start_s
        updates.append((clock.now(), update))
    return cpu_s


@dataclass(frozen=True, slots=True)
class Transcription:
    """The results of a recording: its transcript, all updates, and each segment's
    samples and result."""

    transcript: Transcript
    updates: list[TextUpdate]
    segments: SegmentResults


def transcribe_in_pieces(
    model: Granite, samples: Floats, style: Style, chance: Random, *, live: bool = False
) -> Transcription:
    """Push a recording in random pieces to an engine that is busy now and then; with
    live text it never is, so that the cadence is fixed."""
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
    """The samples in order, in pieces of one sample to LONGEST_PIECE_S."""
    longest, start = LONGEST_PIECE_S * SAMPLE_RATE_HZ, 0
    while start < len(samples):
        stop = start + max(1, round(longest * chance.random() ** 2))
        yield samples[start:stop]
        start = stop


def recording_reader(results: SegmentResults) -> type[StreamingReader]:
    """A reader class that appends every segment's samples and result to `results`."""
    from mica.engine.streaming_reader import StreamingReader

    class RecordingReader(StreamingReader):
        def finish(self, samples: Floats) -> Units[SegmentResult]:
            result = yield from super().finish(samples)
            results.append((samples, result))
            return result

    return RecordingReader
