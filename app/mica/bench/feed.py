"""A recording given to a transcriber as a microphone gives it, on a reckoned clock.

Each piece is worked on when it has come and the work before is done. What work costs is
measured and the waiting between is reckoned, so a minute of audio does not take a
minute; work that falls behind the speaker counts. As in the engine, nothing is read
ahead once the next piece has come, and nothing after the release, which is at the
recording's end.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mica.bench.speech import Floats
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader, Said, Transcriber
from mica.events import Style, TranscribeOptions, Transcript
from mica.model.granite import Granite
from mica.units import SAMPLE_RATE_HZ

PIECE_S: Final = 0.02  # a microphone's delivery


@dataclass(frozen=True, slots=True)
class Fed:
    """What came of a recording; times on the reckoned clock.

    said                what was told at once, and when
    release_to_text_s   from the last sample to the text
    cpu_s               processor time of the work until the release, all threads
    """

    said: list[tuple[float, Sequence[Said]]]
    transcript: Transcript
    release_to_text_s: float
    cpu_s: float


@dataclass(slots=True)
class _Clock:
    """now() goes on while work is done; wait_for() lets the rest of the time pass."""

    next_s: float = 0.0  # when the next piece comes
    _past_s: float = 0.0
    _since_s: float = field(default_factory=time.perf_counter)

    def now(self) -> float:
        return self._past_s + time.perf_counter() - self._since_s

    def wait_for(self, moment_s: float) -> None:
        self.set(max(self.now(), moment_s))

    def set(self, moment_s: float) -> None:
        self._past_s, self._since_s = moment_s, time.perf_counter()


def fed(
    model: Granite,
    samples: Floats,
    style: Style,
    keywords: Sequence[str] = (),
    *,
    live: bool = True,
    reader: MakeReader = StreamingReader,
    fast_s: int = 0,
) -> Fed:
    """One utterance, spoken without a stop and released at its end.

    Live text comes at the usual cadence, however slow this machine is.

    fast_s   so much of the beginning comes at once, as from a file; the clock starts
             when that is worked off
    """
    clock = _Clock()
    transcriber = Transcriber(
        model,
        "bench",
        should_yield=lambda: clock.now() >= clock.next_s,
        reader=reader,
    )
    options = TranscribeOptions(style, tuple(keywords), live=live)
    transcriber.begin(SAMPLE_RATE_HZ, options)
    said: list[tuple[float, Sequence[Said]]] = []
    for second in range(fast_s):
        start = second * SAMPLE_RATE_HZ
        update = transcriber.push(samples[start : start + SAMPLE_RATE_HZ])
        said.append((second + 1.0, update))
    clock.set(float(fast_s))
    cpu_s = _spoken(transcriber, clock, samples, fast_s * SAMPLE_RATE_HZ, said)
    committed, transcript = transcriber.finish()
    done_s = clock.now()
    said.append((done_s, committed))
    return Fed(said, transcript, done_s - len(samples) / SAMPLE_RATE_HZ, cpu_s)


def _spoken(
    transcriber: Transcriber,
    clock: _Clock,
    samples: Floats,
    begin: int,
    said: list[tuple[float, Sequence[Said]]],
) -> float:
    """Processor time of the samples from `begin` on, given as they are spoken."""
    piece = round(PIECE_S * SAMPLE_RATE_HZ)
    last_s, cpu_s = len(samples) / SAMPLE_RATE_HZ, 0.0
    for first in range(begin, len(samples), piece):
        stop = min(first + piece, len(samples))
        clock.wait_for(stop / SAMPLE_RATE_HZ)
        clock.next_s = min(last_s, (stop + piece) / SAMPLE_RATE_HZ)
        start_s = time.process_time()
        update = transcriber.push(samples[first:stop])
        cpu_s += time.process_time() - start_s
        said.append((clock.now(), update))
    return cpu_s
