"""Benchmarks pause detection in difficult rooms: the detector and the segmenter on
speech in noise, echo and hum, and through gates and bad microphones.

The ground truth comes from the clean recording, classified by Silero at its own
thresholds (0.5 and 0.35). It uses no speech model and runs in this process.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.audio.silero import WINDOW, SileroVad
from mica.audio.vad import TICK_S, SpeechDetector
from mica.bench.child import print_progress
from mica.bench.report import Row, report
from mica.bench.room_sounds import (
    NOISES,
    VOICE_DB,
    Apply,
    MakeNoise,
    at_level,
    conditions,
    looped,
)
from mica.bench.speech import Clip, Floats, clips, read_clip
from mica.engine.endpointing import HANGOVER_TICKS, TICK_SAMPLES, Endpointer, Segmenter
from mica.units import SAMPLE_RATE_HZ

RECORDINGS: Final = 12
RECORDING_S: Final = 30.0
PAUSES_S: Final = (0.3, 1.2)
PIECE: Final = SAMPLE_RATE_HZ // 50
QUIET_STOP_S: Final = 15.0
ALONE_S: Final = 60.0
TRUE_ON, TRUE_OFF = 0.5, 0.35
CLOSED_TICKS: Final = 10  # shorter gaps do not count as pauses
PAUSE_TICKS: Final = 30
NEAR_TICKS: Final = 15  # this close to speech nothing counts as false
EARLIEST_TICKS: Final = 32  # a pause may be detected this long before it truly begins

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DetectedRoom:
    """The results for one recording.

    ticks       whether each tick was classified as speech
    in_pause    whether after each tick the segment is over as far as known, so that a
                speculative finish can begin
    covered     whether each tick is in a segment
    forced, cuts   segments cut inside speech, and all segments before the end
    """

    ticks: Bools
    in_pause: Bools
    covered: Bools
    forced: int
    cuts: int


def run(
    *,
    folder: Path | None = None,
    noises: Path | None = None,
    recordings: int = RECORDINGS,
) -> dict[str, object]:
    """`mica bench rooms --json`: {"bench", "machine", "model", "rows"}.

    folder   clips, None = the bundled ones
    noises   16-bit mono WAV files at 16 kHz, each for one more room
    """
    found = clips(folder)
    clean = [_recording(found, number) for number in range(recordings)]
    truths = [true_speech(samples) for samples in clean]
    given = sorted(noises.glob("*.wav")) if noises is not None else []
    makers = NOISES | {file.stem: looped(read_clip(file).samples) for file in given}
    voices = [clip.samples for clip in found]
    rows = [cost(np.concatenate(clean[:4]))]
    for name, apply in conditions(makers, voices).items():
        print_progress(name)
        rows += measure(name, apply, clean, truths)
    for name, make in makers.items():
        print_progress(f"{name}, alone")
        rows += alone(name, make, clean, voices)
    return report("rooms", "none", rows)


def _recording(found: Sequence[Clip], number: int) -> Floats:
    """Clips in succession at the usual level, separated by digital silence."""
    chance = np.random.default_rng(number)
    parts: list[Floats] = [np.zeros(SAMPLE_RATE_HZ // 2, np.float32)]
    at, seconds = number * len(found) // RECORDINGS, 0.0
    while seconds < RECORDING_S:
        clip = found[at % len(found)]
        pause = np.zeros(int(chance.uniform(*PAUSES_S) * SAMPLE_RATE_HZ), np.float32)
        parts += [at_level(clip.samples, VOICE_DB), pause]
        seconds, at = seconds + clip.seconds + len(pause) / SAMPLE_RATE_HZ, at + 1
    return np.concatenate([*parts, np.zeros(SAMPLE_RATE_HZ // 2, np.float32)])


def true_speech(samples: Floats) -> Bools:
    """Whether each tick of a clean recording is speech."""
    silero, speaking = SileroVad(), False
    ticks = np.zeros(len(samples) // TICK_SAMPLES, bool)
    for start in range(0, len(samples) - WINDOW + 1, WINDOW):
        probability = silero.probability(samples[start : start + WINDOW])
        speaking = probability >= (TRUE_OFF if speaking else TRUE_ON)
        if speaking:
            ticks[start // TICK_SAMPLES : (start + WINDOW) // TICK_SAMPLES] = True
    for start, stop in _runs(~ticks):
        if stop - start < CLOSED_TICKS and start > 0 and stop < len(ticks):
            ticks[start:stop] = True
    return ticks


def _runs(ticks: Bools) -> Iterator[tuple[int, int]]:
    """The start and stop of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ticks, [False]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def measure(
    name: str, apply: Apply, clean: Sequence[Floats], truths: Sequence[Bools]
) -> list[Row]:
    """The rows for one room."""
    detected = [
        detect(apply(samples, np.random.default_rng(number)))
        for number, samples in enumerate(clean)
    ]
    known, pauses = _known_ms(detected, truths)
    speech = np.concatenate(truths)
    covered = np.concatenate([one.covered for one in detected])
    called = np.concatenate([one.ticks for one in detected])
    near = np.concatenate([_near(truth) for truth in truths])
    soon = sum(ms <= 250 for ms in known)
    early = mean(
        _early(one, truth) for one, truth in zip(detected, truths, strict=True)
    )
    cuts = sum(one.cuts for one in detected)
    minutes = len(speech) * TICK_S / 60
    values = {
        "pauses_found_percent": 100 * len(known) / max(1, pauses),
        "pause_known_p50_ms": float(np.percentile(known, 50)) if known else np.nan,
        "pause_known_p90_ms": float(np.percentile(known, 90)) if known else np.nan,
        "pause_known_in_250ms_percent": 100 * soon / max(1, pauses),
        "forced_cuts_percent": 100 * sum(one.forced for one in detected) / max(1, cuts),
        "speech_lost_percent": 100 * float(np.mean(~covered[speech])),
        "false_speech_percent": 100 * float(np.mean(called[~near])),
        "false_pauses_per_minute": early / (minutes / len(detected)),
    }
    return [
        Row(name, metric, None, None, ours, None) for metric, ours in values.items()
    ]


def detect(samples: Floats) -> DetectedRoom:
    """Run one recording through a detector and a segmenter, 10 ms at a time."""
    detector = _RecordedDetector()
    segmenter = Segmenter(detector=detector)
    count = len(samples) // TICK_SAMPLES
    in_pause, covered = np.zeros(count, bool), np.zeros(count, bool)
    forced = cuts = 0
    for tick in range(count):
        spans = segmenter.push(samples[tick * TICK_SAMPLES : (tick + 1) * TICK_SAMPLES])
        for span in spans:
            cuts += 1
            forced += span.stop != span.last_speech + HANGOVER_TICKS * TICK_SAMPLES
            covered[span.start // TICK_SAMPLES : span.stop // TICK_SAMPLES] = True
        now = segmenter.open
        in_pause[tick] = now is None or segmenter.pause == (
            now.last_speech + HANGOVER_TICKS * TICK_SAMPLES
        )
    for span in segmenter.finish():
        covered[span.start // TICK_SAMPLES : span.stop // TICK_SAMPLES] = True
    ticks = np.array(detector.decided[:count])
    return DetectedRoom(ticks, in_pause, covered, forced, cuts)


class _RecordedDetector(SpeechDetector):
    """A detector that records its decisions."""

    def __init__(self) -> None:
        super().__init__(SAMPLE_RATE_HZ)
        self.decided: list[bool] = []

    def push(self, samples: Floats) -> list[tuple[bool, float]]:
        found = super().push(samples)
        self.decided += [speech for speech, _ in found]
        return found

    def finish(self) -> list[tuple[bool, float]]:
        found = super().finish()
        self.decided += [speech for speech, _ in found]
        return found


def cost(samples: Floats) -> Row:
    """The detector's share of a core, for microphone-sized pieces."""
    detector = SpeechDetector(SAMPLE_RATE_HZ)
    start_s = time.thread_time()
    for at in range(0, len(samples), PIECE):
        detector.push(samples[at : at + PIECE])
    share = (time.thread_time() - start_s) / (len(samples) / SAMPLE_RATE_HZ)
    return Row("all", "detector_percent_of_core", None, None, 100 * share, None)


def _known_ms(
    detected: Sequence[DetectedRoom], truths: Sequence[Bools]
) -> tuple[list[float], int]:
    """The delay from the beginning of each detected pause to its detection, and the
    number of all pauses."""
    known, pauses = [], 0
    for one, truth in zip(detected, truths, strict=True):
        for start, stop in _runs(~truth):
            if start == 0 or stop - start < PAUSE_TICKS:
                continue
            pauses += 1
            inside = np.flatnonzero(one.in_pause[start:stop])
            if not len(inside):
                continue
            first = start + int(inside[0])
            while first > start - EARLIEST_TICKS and one.in_pause[first - 1]:
                first -= 1
            known.append(1000 * TICK_S * (first + 1 - start))
    return known, pauses


def _near(truth: Bools) -> Bools:
    around = np.ones(2 * NEAR_TICKS + 1)
    return np.convolve(truth, around, "same") > 0.5


def _early(one: DetectedRoom, truth: Bools) -> int:
    """Detected pauses that begin and end inside speech, which cause useless work."""
    return sum(
        bool(truth[max(0, start - 1) : stop + 1].all()) and stop < len(truth)
        for start, stop in _runs(one.in_pause)
    )


def alone(
    name: str, make: MakeNoise, clean: Sequence[Floats], voices: Sequence[Floats]
) -> list[Row]:
    """The rows for a minute of noise alone, and for when a dictation ends by itself in
    it."""
    level, count = VOICE_DB - 10, round(ALONE_S * SAMPLE_RATE_HZ)
    chance = np.random.default_rng(1)
    noise = at_level(make(count, chance, voices), level)
    encoded_s = float(np.sum(detect(noise).covered)) * TICK_S
    stops = []
    for samples in clean[:3]:
        speech = samples + at_level(make(len(samples), chance, voices), level)
        spoken = int(np.flatnonzero(true_speech(samples))[-1] + 1) * TICK_SAMPLES
        stops.append(_stops_s(np.concatenate([speech, noise]), spoken))
    return [
        Row(name, "encoded_of_60s_noise_s", None, None, encoded_s, None),
        Row(name, "quiet_stop_earliest_s", None, None, min(stops), None),
        Row(name, "quiet_stop_latest_s", None, None, max(stops), None),
    ]


def _stops_s(samples: Floats, spoken: int) -> float:
    """When a dictation of these samples ends by itself, in seconds after its last word;
    ALONE_S if it does not. Negative: inside speech."""
    endpointer = Endpointer(SAMPLE_RATE_HZ)
    for at in range(0, len(samples), TICK_SAMPLES):
        endpointer.push(samples[at : at + TICK_SAMPLES])
        if endpointer.user_quiet_s >= QUIET_STOP_S:
            return (at - spoken) / SAMPLE_RATE_HZ
    return ALONE_S
