"""Voice activity detection (VAD): speech or not, for every 10 ms.

A neural network (silero.py) classifies windows of 32 ms and can tell a voice from a
fan, a keyboard or a café. In a room that is quiet enough, the level of each 10 ms tick
shows exactly where a word ends. In steady noise the network is slow to notice the end
of a word, so windows no louder than the noise end it. A pure rule of the samples, at
any rate. It only says where speech may be, so that the rest need not be transcribed.

    level      ▁▁▁▁▇▆▇▃▇▇▁▁▁▁▁▁     the end of a word is known at once
    network    ....######..####     one window late
    speech     ....######......
"""

from bisect import bisect_left, insort
from collections import deque
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mica.audio.conditioning import Conditioner
from mica.audio.resample import Resampler
from mica.audio.silero import WINDOW, SileroVad
from mica.units import SAMPLE_RATE_HZ

TICK_S: Final = 0.01  # one decision
ON: Final = 0.35  # probability from which a window is speech
OFF: Final = 0.2  # below it speech has ended; in between, the next windows decide
ONSET_WINDOWS: Final = 2  # speech is longer than one window; a click may not be
HELD_WINDOWS: Final = 3  # windows that may stay undecided
KEPT_WINDOWS: Final = 8
#: After a word, a quiet level overrides the network for this many ticks, which it needs
#: to notice the end. If it still detects speech after that, it was a soft word.
GRACE_TICKS: Final = 12
#: After this many ticks, only if the network was no longer sure of speech just before.
CHECKED_TICKS: Final = 7
SURE: Final = 0.8
BACK_TICKS: Final = 3  # windows this far back have always been classified
#: A pause continues as long as no tick is CALM_DB louder than the CALM_TICKS before it;
#: this needs no wait for the tick's own window.
CALM_TICKS: Final = 6
CALM_DB: Final = 2.0
FLOOR_S: Final = 10.0  # the room's level is the lowest in this time
FLOOR_PART: Final = 0.05
MARGIN_DB: Final = 8.0  # how much the room's level varies
LOUD_PART: Final = 0.95
APART_DB: Final = 15.0  # quiet is this far below the voice; else the network decides
#: A window is faint if it is less than this above the quietest tenth of the last 10 s.
FAINT_DB: Final = 2.0
FAINT_PART: Final = 0.1
FAINT_WINDOWS: Final = 2  # in a row; they end a word if the network is not sure
LEAST_WINDOWS: Final = 16  # with fewer, the noise level is not yet known
SILENT_DB: Final = -75.0  # always quiet: a good microphone's own noise
ZERO: Final = 2.0 / 32768  # two steps of 16 bits: a muted or gated input
ZERO_WINDOWS: Final = 4  # fewer may be within a word
#: After this time, decisions no longer depend on where the stream began.
SETTLED_S: Final = 12.0

Floats = NDArray[np.float32]


class WindowClassifier(Protocol):
    """Classifies consecutive windows of 512 samples at 16 kHz."""

    def reset(self) -> None:
        """Forget the windows so far."""

    def probability(self, window: Floats) -> float:
        """The probability of speech in the next window, 0 to 1."""


class SpeechDetector:
    """Decides for each 10 ms tick whether it is speech, and measures its level.

    A quiet tick is decided at once, a loud one when the network has classified it and,
    in case of doubt, what follows. How the audio was cut into pushes never shows.
    """

    def __init__(
        self, rate_hz: int, classifier: WindowClassifier | None = None
    ) -> None:
        """classifier   None: SileroVad"""
        self.tick_samples = round(rate_hz * TICK_S)
        self._waiting: Floats = np.zeros(0, np.float32)
        self._room = _RoomLevel()
        self._windows = _Windows(rate_hz, classifier or SileroVad())
        self._undecided: deque[tuple[float, bool]] = deque()  # level, is quiet
        self._ticks = 0  # decided so far
        self._quiet = 0  # consecutive quiet ticks, up to the last one decided
        self._speaking = False  # whether that one was speech
        self._calm_db: deque[float] = deque(maxlen=CALM_TICKS)  # since the last speech

    def push(self, samples: Floats) -> list[tuple[bool, float]]:
        """(speech, level in dBFS) of the ticks that these samples decide.

        samples  float32 (n,), mono, full scale ±1; any n, also 0
        """
        self._windows.push(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        count = len(self._waiting) // self.tick_samples
        stop = count * self.tick_samples
        ticks = self._waiting[:stop].reshape(count, self.tick_samples)
        self._waiting = self._waiting[stop:]
        self._undecided += [(db, self._room.is_quiet(db)) for db in _levels_db(ticks)]
        return self._decided()

    def finish(self) -> list[tuple[bool, float]]:
        """The remaining decisions; samples of an incomplete tick are ignored."""
        self._windows.finish()
        return self._decided()

    def _decided(self) -> list[tuple[bool, float]]:
        decided = []
        while self._undecided:
            level_db, is_quiet = self._undecided[0]
            speech = self._speech(level_db, is_quiet)
            if speech is None:
                break
            self._undecided.popleft()
            if speech:
                self._calm_db.clear()
            else:
                self._calm_db.append(level_db)
            self._quiet = self._quiet + 1 if is_quiet else 0
            self._speaking = speech
            self._ticks += 1
            decided.append((speech, level_db))
        return decided

    def _speech(self, level_db: float, is_quiet: bool) -> bool | None:
        """Whether the next tick is speech; None: not yet known."""
        windows, before = self._windows, max(0, self._ticks - BACK_TICKS)
        if is_quiet and self._quiet < CHECKED_TICKS:
            return False
        if is_quiet and self._quiet < GRACE_TICKS:
            is_sure = windows.is_sure_at(before)
            if not is_sure:
                return None if is_sure is None else False
        calm_db = self._calm_db
        goes_on = len(calm_db) == CALM_TICKS and level_db <= max(calm_db) + CALM_DB
        is_calm = not self._speaking and (is_quiet or goes_on)
        return windows.speech_at(before if is_calm else self._ticks)


class RecentLevels:
    """The last `count` levels in dBFS, and their distribution."""

    def __init__(self, count: int) -> None:
        """count   how many levels to keep"""
        self._count = count
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []

    def __len__(self) -> int:
        return len(self._recent)

    def push(self, level_db: float) -> None:
        self._recent.append(level_db)
        insort(self._sorted, level_db)
        if len(self._recent) > self._count:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]

    def quantile(self, part: float) -> float:
        """The level below which `part` of them lie."""
        return self._sorted[int(part * len(self._sorted))]


class _RoomLevel:
    """Tracks the room's recent noise level, in dBFS."""

    def __init__(self) -> None:
        self._levels = RecentLevels(round(FLOOR_S / TICK_S))

    def is_quiet(self, level_db: float) -> bool:
        """Add the newest tick; whether it is no louder than the room."""
        self._levels.push(level_db)
        floor_db = self._levels.quantile(FLOOR_PART) + MARGIN_DB
        loud_db = self._levels.quantile(LOUD_PART) - APART_DB
        return level_db < max(min(floor_db, loud_db), SILENT_DB)


class _Windows:
    """Decides which windows are speech, from the classifier's probabilities."""

    def __init__(self, rate_hz: int, classifier: WindowClassifier) -> None:
        self._resampler = Resampler(rate_hz)
        self._waiting: Floats = np.zeros(0, np.float32)  # 16 kHz
        self._conditioner = Conditioner()
        self._classifier = classifier
        self._zeros = ZERO_WINDOWS  # consecutive windows of zeros
        self._levels = RecentLevels(round(FLOOR_S * SAMPLE_RATE_HZ / WINDOW))
        self._faint = 0  # consecutive faint windows
        self._decided: deque[bool] = deque()
        self._sure: deque[bool] = deque()
        self._first = 0  # index of the first one kept
        self._speaking = False
        self._held = 0  # undecided windows
        self._finished = False

    def push(self, samples: Floats) -> None:
        self._buffer(self._resampler.push(samples))

    def finish(self) -> None:
        """Decide undecided windows as they seemed; a partial one is like the last."""
        self._buffer(self._resampler.finish())
        self._decide(self._held > 0 or self._speaking, self._held)
        self._finished = True

    def speech_at(self, tick: int) -> bool | None:
        """Whether there is speech; None: not yet known."""
        place = self._place(tick)
        if place < len(self._decided):
            return self._decided[place]
        return self._speaking if self._finished else None

    def is_sure_at(self, tick: int) -> bool | None:
        """Whether the network is sure of speech; None: not yet classified."""
        place = self._place(tick)
        if place < len(self._sure):
            return self._sure[place]
        return False if self._finished else None

    def _place(self, tick: int) -> int:
        """The position of the window that contains the tick's middle; drops much older
        ones."""
        index = (2 * tick + 1) * SAMPLE_RATE_HZ // (200 * WINDOW)
        while self._first < index - KEPT_WINDOWS and len(self._decided) > 1:
            self._decided.popleft()
            self._sure.popleft()
            self._first += 1
        return index - self._first

    def _buffer(self, samples: Floats) -> None:
        self._waiting = np.concatenate([self._waiting, samples])
        while len(self._waiting) >= WINDOW:
            self._classify(self._waiting[:WINDOW])
            self._waiting = self._waiting[WINDOW:]

    def _classify(self, window: Floats) -> None:
        probability = self._probability(window)
        is_sure = probability >= SURE
        self._sure.append(is_sure)
        if self._is_noise() and not is_sure:
            self._speaking = False
        elif self._speaking:
            if OFF <= probability < ON and self._held < HELD_WINDOWS:
                self._held += 1
                return
            self._speaking = probability >= OFF
        elif probability >= ON:
            if self._held + 1 < ONSET_WINDOWS:
                self._held += 1
                return
            self._speaking = True
        self._decide(self._speaking, self._held + 1)

    def _probability(self, window: Floats) -> float:
        """The probability of speech. Windows of zeros have none. After ZERO_WINDOWS of
        them the classifier is reset and skipped; fewer may be within a word, which then
        continues."""
        conditioned = self._conditioner.push(window)
        before = self._zeros
        self._zeros = before + 1 if np.ptp(window) <= ZERO else 0
        if self._zeros <= ZERO_WINDOWS:
            probability = self._classifier.probability(conditioned)
            return 0.0 if self._zeros else probability
        if before == ZERO_WINDOWS:
            self._classifier.reset()
        return 0.0

    def _is_noise(self) -> bool:
        """Add the newest window; whether the last ones are no louder than steady
        noise."""
        level_db, levels = self._conditioner.level_db, self._levels
        levels.push(level_db)
        is_known = len(levels) >= LEAST_WINDOWS
        is_faint = level_db < levels.quantile(FAINT_PART) + FAINT_DB
        self._faint = self._faint + 1 if is_known and is_faint else 0
        return self._faint >= FAINT_WINDOWS

    def _decide(self, speech: bool, count: int) -> None:
        self._decided += [speech] * count
        self._held = 0


def _levels_db(ticks: Floats) -> list[float]:
    """The RMS of each row in dBFS, without its DC offset; at least -120."""
    if not len(ticks):
        return []
    wide, count = ticks.astype(np.float64), ticks.shape[1]
    mean = np.einsum("ij->i", wide) / count
    power = np.einsum("ij,ij->i", wide, wide) / count - mean**2
    levels: list[float] = (10 * np.log10(np.maximum(power, 1e-12))).tolist()
    return levels
