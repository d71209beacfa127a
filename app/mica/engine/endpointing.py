"""Endpointing: where an utterance is cut into segments, and when it may end.

Both are pure rules of the samples; neither keeps audio or uses a speech model.

Segmenter: a segment begins 200 ms before its first speech and ends 80 ms after its
last, so long silences are in no segment. After 12 s, a pause of 300 ms ends it; the
required pause shrinks to 100 ms at 18 s; at 20 s a cut is forced at the quietest 100 ms
of the last 3 s.

Endpointer: after the key-up, an utterance ends at once if the last 100 ms were silence,
else as soon as they are, at the latest 250 ms after the key-up.
"""

from collections import deque
from dataclasses import dataclass
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.audio.silero import WINDOW
from mica.audio.vad import SETTLED_S, TICK_S, SpeechDetector
from mica.engine.quiet_timer import QuietTimer
from mica.engine.voice_level import VoiceLevel, VoiceMonitor
from mica.units import SAMPLE_RATE_HZ

PREROLL_TICKS: Final = 20  # 200 ms of quiet kept before the first speech
#: 80 ms after the last speech. Once these are silent, the whole segment is known, and
#: its text can be ready at the key-up. 60 ms cut off soft word endings in noise.
HANGOVER_TICKS: Final = 8
PAUSE_FROM: Final = (1200, 30)  # from 12 s, a pause of 300 ms is enough
PAUSE_TO: Final = (1800, 10)  # at 18 s, 100 ms
LONGEST_TICKS: Final = 2000
FORCED_WITHIN_TICKS: Final = 300
FORCED_QUIET_TICKS: Final = 10
TICK_SAMPLES: Final = SAMPLE_RATE_HZ // 100

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """A segment's place in the utterance: samples [start, stop).

    first_speech, last_speech   where the speech in it begins and ends, in samples
    """

    start: int
    stop: int
    first_speech: int
    last_speech: int


class Segmenter:
    """Cuts a stream of 16 kHz samples into spans, each as soon as its end is certain.

    Neither how the audio was cut into pushes ever shows, nor whether a second Segmenter
    resumed where the first had cut.
    """

    def __init__(
        self, start: int = 0, until: int = 0, detector: SpeechDetector | None = None
    ) -> None:
        """The arguments serve to resume where another Segmenter cut.

        start      index of the first sample pushed, at most warm_start(until)
        until      the last span's `last_speech`
        detector   at 16 kHz; None for a new one
        """
        self._detector = detector or SpeechDetector(SAMPLE_RATE_HZ)
        self._ticks = start // TICK_SAMPLES  # decided so far
        self._samples = start
        self._earliest = until // TICK_SAMPLES  # no later segment begins before this
        self._first: int | None = None  # tick of the open segment's first speech
        self._last = 0  # tick after its last speech
        self._pause: int | None = None  # tick where its newest pause was recognized
        self._recent: deque[tuple[bool, float]] = deque(maxlen=FORCED_WITHIN_TICKS)

    @property
    def open(self) -> Span | None:
        """The open segment as if no more speech followed, as far as decided; None while
        there is no speech."""
        if self._first is None:
            return None
        stop = min(self._last + HANGOVER_TICKS, self._ticks) * TICK_SAMPLES
        return self._span(stop)

    @property
    def pause(self) -> int | None:
        """Where the open segment would have ended if nothing had been said after its
        newest pause; None before its first pause."""
        return None if self._pause is None else self._pause * TICK_SAMPLES

    @property
    def may_be_pause(self) -> bool:
        """Whether it is quiet after speech, but not yet for long enough to count as a
        pause."""
        quiet = self._ticks - self._last
        return self._first is not None and 0 < quiet < HANGOVER_TICKS

    @property
    def quiet_to(self) -> int:
        """The sample where the open segment's speech begins; the newest sample if there
        is no open segment."""
        return (self._ticks if self._first is None else self._first) * TICK_SAMPLES

    @property
    def needed_from(self) -> int:
        """The first sample that a later span may still include; earlier ones may be
        dropped."""
        if self._first is not None:
            return self._begin(self._first) * TICK_SAMPLES
        return max(self._earliest, self._ticks - PREROLL_TICKS) * TICK_SAMPLES

    def push(self, samples: Floats) -> list[Span]:
        """The segments that these samples end.

        samples  float32 (n,), 16 kHz mono; any n, also 0
        """
        self._samples += len(samples)
        return self._spans(self._detector.push(samples))

    def finish(self) -> list[Span]:
        """The remaining segments at the utterance's end; often one."""
        spans = self._spans(self._detector.finish())
        if self._first is not None:
            stop = (self._last + HANGOVER_TICKS) * TICK_SAMPLES
            spans.append(self._span(min(stop, self._samples)))
            self._first = self._pause = None
        return spans

    def _spans(self, decisions: list[tuple[bool, float]]) -> list[Span]:
        found = (self._tick(speech, level) for speech, level in decisions)
        return [span for span in found if span is not None]

    def _tick(self, speech: bool, level: float) -> Span | None:
        self._ticks += 1
        self._recent.append((speech, level))
        if speech and self._ticks > self._earliest:
            if self._first is None:
                self._first = self._ticks - 1
            self._last = self._ticks
        if self._first is None:
            return None
        if self._ticks == self._last + HANGOVER_TICKS:
            self._pause = self._ticks
        length = self._ticks - self._begin(self._first)
        if self._ticks - self._last >= _required_pause(length):
            return self._pause_cut()
        return self._forced_cut() if length >= LONGEST_TICKS else None

    def _pause_cut(self) -> Span:
        stop = min(self._last + HANGOVER_TICKS, self._ticks) * TICK_SAMPLES
        span = self._span(stop)
        self._earliest, self._first, self._pause = self._last, None, None
        return span

    def _forced_cut(self) -> Span:
        """Cut inside speech; what follows the cut opens the next segment."""
        recent = list(self._recent)
        middle = _quietest([level for _, level in recent]) + FORCED_QUIET_TICKS // 2
        cut = self._ticks - len(recent) + middle
        before = [speech for speech, _ in reversed(recent[:middle])]
        after = [speech for speech, _ in recent[middle:]]
        last_speech = self._last
        self._last = cut - (before.index(True) if True in before else middle)
        span = self._span(cut * TICK_SAMPLES)
        self._earliest, self._last = self._last, last_speech
        self._first = cut + after.index(True) if True in after else None
        self._pause = None
        return span

    def _span(self, stop: int) -> Span:
        assert self._first is not None
        start = self._begin(self._first)
        speech = (self._first * TICK_SAMPLES, self._last * TICK_SAMPLES)
        return Span(start * TICK_SAMPLES, stop, *speech)

    def _begin(self, first: int) -> int:
        return max(self._earliest, first - PREROLL_TICKS, 0)


def warm_start(until: int) -> int:
    """The latest sample from which a new Segmenter can resume at `until`. Far enough
    before it to adapt to the room as the first one did, and where a whole second and a
    detector window begin together, which is every 4 s."""
    together = lcm(SAMPLE_RATE_HZ, WINDOW)
    return max(0, (until - round(SETTLED_S * SAMPLE_RATE_HZ)) // together) * together


def _required_pause(length: int) -> float:
    """The pause, in ticks, that ends a segment of this length; infinite below 12 s."""
    (from_length, from_pause), (to_length, to_pause) = PAUSE_FROM, PAUSE_TO
    if length < from_length:
        return float("inf")
    done = min(1.0, (length - from_length) / (to_length - from_length))
    return from_pause + done * (to_pause - from_pause)


def _quietest(levels_db: list[float]) -> int:
    """Where the quietest 100 ms begin, by mean power; the first if equal."""
    power = np.power(10.0, np.array(levels_db) / 10)
    sums = np.convolve(power, np.ones(FORCED_QUIET_TICKS), "valid")
    return int(np.argmin(sums))


QUIET_TICKS: Final = 10  # 100 ms
LONGEST_S: Final = 0.25
LATE_TICKS: Final = 100  # a key-up may be reported up to 1 s late


class Endpointer:
    """Decides where an utterance ends; push() gets all its samples, at any rate.

    Times are sample indices since the utterance began.
    """

    def __init__(self, rate_hz: int) -> None:
        self._detector = SpeechDetector(rate_hz)
        self._timer, self._voice = QuietTimer(), VoiceMonitor()
        self._longest = round(LONGEST_S * rate_hz)
        self._samples = self._ticks = self._quiet = 0
        self._silent: deque[int] = deque(maxlen=LATE_TICKS)  # ends of 100 ms of silence
        self._released: int | None = None

    def push(self, samples: NDArray[np.float32], *, recorded: bool = True) -> None:
        """Add samples, float32 (n,), mono, in order; recorded=False: placeholders for
        audio that was not recorded and may have been speech."""
        self._samples += len(samples)
        for speech, level_db in self._detector.push(samples):
            self._ticks += 1
            self._timer.push(speech, level_db)
            self._voice.push(speech, level_db)
            self._quiet = 0 if speech else self._quiet + 1
            if self._quiet >= QUIET_TICKS:
                self._silent.append(self._ticks * self._detector.tick_samples)
        if not recorded:
            self._quiet = 0
            self._timer.restart()
            self._voice.restart()

    def release(self, last: int) -> None:
        """Note that the key came up at sample `last`."""
        self._released = last

    @property
    def quiet_s(self) -> float:
        """How long there has been no speech."""
        return self._quiet * TICK_S

    @property
    def user_quiet_s(self) -> float:
        """How long the user has not spoken; see QuietTimer.quiet_s."""
        return self._timer.quiet_s

    @property
    def voice_level(self) -> VoiceLevel:
        """What is known of the voice, since the microphone was changed."""
        return self._voice.level

    @property
    def end(self) -> int | None:
        """The sample where the utterance ends; None while it continues."""
        released = self._released
        if released is None:
            return None
        latest = released + self._longest
        for silent in self._silent:
            if silent > released - self._detector.tick_samples:
                return min(max(silent, released), latest)
        return latest if self._samples >= latest else None
