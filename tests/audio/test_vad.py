"""Ticks of speech: what the network says, what the level adds, and that cuts and rates
do not show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mica.audio.silero import WINDOW
from mica.audio.vad import (
    GRACE_TICKS,
    ZERO_WINDOWS,
    SpeechDetector,
    WindowClassifier,
)
from mica.bench.speech import read_clip
from mica.paths import resource
from support.detectors import LoudIsSpeech, Scripted
from support.sounds import RATE_HZ, Floats, cut, silence, voice

YES, PERHAPS, NO = 0.9, 0.25, 0.05
TICKS_PER_S = 100
ROOM = 1e-4  # noise at -80 dBFS


def speech(
    samples: Floats,
    classifier: WindowClassifier | None = None,
    sizes: list[int] | None = None,
    rate_hz: int = RATE_HZ,
) -> str:
    """A # for each tick of speech, else a dot."""
    detector = SpeechDetector(rate_hz, classifier)
    ticks = [
        tick
        for piece in cut(samples, sizes or [len(samples)])
        for tick in detector.push(piece)
    ]
    ticks += detector.finish()
    return "".join(".#"[is_speech] for is_speech, _ in ticks)


def speech_windows(*probabilities: float) -> str:
    """For each window of a loud room whether it is speech."""
    count = len(probabilities)
    ticks = speech(voice(count * WINDOW / RATE_HZ), Scripted(*probabilities))
    return "".join(ticks[int((n + 0.5) * 3.2)] for n in range(count))


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ((NO, YES, YES, NO, NO), ".##.."),
        ((NO, YES, NO, NO), "...."),  # one window is a click
        ((NO, PERHAPS, PERHAPS, NO), "...."),
        ((YES, YES, PERHAPS, YES, NO), "####."),  # between the thresholds
        ((YES, YES, PERHAPS, PERHAPS, NO), "##..."),  # what follows decides
        ((YES, YES, *[PERHAPS] * 8), "#" * 10),
        ((NO, YES), ".#"),  # cut off in its first word
    ],
)
def test_probabilities_become_speech(
    probabilities: tuple[float, ...], expected: str
) -> None:
    assert speech_windows(*probabilities) == expected


def test_word_in_a_quiet_room_ends_with_its_sound() -> None:
    late = Scripted(*[NO] * 32, *[YES] * 32, 0.5, NO)  # two windows behind the sound
    samples = np.concatenate([silence(1.024, ROOM), voice(1), silence(1, ROOM)])
    assert len(speech(samples, late).rstrip(".")) == 203


def test_end_of_a_word_is_known_after_80_ms_of_quiet() -> None:
    detector = SpeechDetector(RATE_HZ, Scripted(*[YES] * 32, 0.5, 0.5, 0.5))
    known = len(detector.push(voice(1.024)))
    ticks = []
    for piece in cut(silence(0.2), [160]):
        ticks.append(known := known + len(detector.push(piece)))
    assert ticks[8] >= 110  # of 102 of speech


def test_soft_word_after_a_loud_one_is_not_cut_off() -> None:
    parts = [silence(1, ROOM), voice(1), voice(1, 2 * ROOM), silence(1, ROOM)]
    ticks = speech(np.concatenate(parts), Scripted(*[NO] * 32, *[YES] * 62, NO))
    assert "." * (GRACE_TICKS + 1) not in ticks[105:290]
    assert ticks[205 + GRACE_TICKS : 285].count("#") > 60
    assert "." * 6 in ticks[195:220]  # at first it might have been the end


NOISE, VOICE = 0.02, 0.1  # RMS, of a room that is 14 dB below the voice


def ends_after(fading: float, noise: float = NOISE) -> float:
    """How long a word is speech behind its end, in seconds. The network hears it for
    ten windows longer with the probability `fading`."""
    before = 2 * RATE_HZ // WINDOW
    parts = voice(before * WINDOW / RATE_HZ, NOISE, 1), voice(1.024, VOICE, 2)
    samples = np.concatenate([*parts, voice(1, noise, 3)])
    script = [*[NO] * before, *[YES] * 34, *[fading] * 10, NO]
    ticks = speech(samples, Scripted(*script))
    return (len(ticks.rstrip(".")) - len(samples) // 160 + TICKS_PER_S) / TICKS_PER_S


def test_word_in_steady_noise_ends_once_the_network_is_unsure() -> None:
    assert ends_after(fading=0.7) <= 0.07
    assert ends_after(fading=YES) > 0.3  # it is sure: a soft word


def test_sound_above_the_noise_is_judged_by_the_network() -> None:
    assert ends_after(fading=0.7, noise=2 * NOISE) > 0.3


def test_zeros_skip_the_network_and_end_speech() -> None:
    class Counting(Scripted):
        windows = 0

        def probability(self, window: Floats) -> float:
            self.windows += 1
            return super().probability(window)

    classifier = Counting(YES)
    offset = np.float32(0.1)
    samples = np.concatenate([silence(2) + offset, voice(1), silence(60) + offset])
    ticks = speech(samples, classifier)
    assert 32 <= classifier.windows <= 33 + ZERO_WINDOWS
    assert classifier.resets == 2  # at the beginning and behind the voice
    assert "#" not in ticks[:199] + ticks[305:]


def test_short_zeros_within_a_word_do_not_reset_the_detector() -> None:
    classifier = Scripted(YES)
    ticks = speech(np.concatenate([voice(1), silence(0.09), voice(1)]), classifier)
    assert classifier.resets == 0 and ticks.count(".") <= 9


def test_no_samples_give_no_ticks() -> None:
    detector = SpeechDetector(RATE_HZ)
    assert detector.push(np.zeros(0, np.float32)) == detector.finish() == []


@pytest.fixture(scope="module")
def demo() -> Floats:
    return read_clip(resource("demo.wav")).samples[: 12 * RATE_HZ]


def test_speech_in_a_loud_fan_is_found_and_the_fan_is_not(demo: Floats) -> None:
    quiet = speech(demo)
    noise = voice(len(demo) / RATE_HZ, float(np.std(demo)) * 0.3)[: len(demo)]
    loud = speech(demo + noise)
    differs = sum(a != b for a, b in zip(quiet, loud, strict=True))
    assert 3 * TICKS_PER_S < quiet.count("#") < 11 * TICKS_PER_S
    assert differs < 0.2 * len(quiet)  # words seem longer there
    assert "#" not in loud[:30] + loud[-25:]


@pytest.mark.parametrize("gain", [0.01, 3.0])
def test_level_has_little_influence(demo: Floats, gain: float) -> None:
    quiet, other = speech(demo), speech(demo * np.float32(gain))
    differs = sum(a != b for a, b in zip(quiet, other, strict=True))
    assert differs < 0.15 * len(quiet)


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 8_000])
def test_sample_rate_has_little_influence(demo: Floats, rate_hz: int) -> None:
    at = np.arange(0, len(demo) - 1, RATE_HZ / rate_hz)
    other = np.interp(at, np.arange(len(demo)), demo).astype(np.float32)
    quiet, resampled = speech(demo), speech(other, rate_hz=rate_hz)
    differs = sum(a != b for a, b in zip(quiet, resampled, strict=False))
    assert abs(len(quiet) - len(resampled)) <= 1
    assert differs < 0.05 * len(quiet)


sounds = st.lists(
    st.tuples(st.sampled_from([0.2, 0.004, 3e-4, 0.0]), st.floats(0.003, 0.7)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(
    parts=sounds,
    sizes=st.lists(st.integers(1, 6000), min_size=1, max_size=4),
    rate_hz=st.sampled_from([16_000, 48_000, 44_100]),
    script=st.lists(st.sampled_from([NO, PERHAPS, 0.5, YES]), min_size=1, max_size=60),
)
def test_output_does_not_depend_on_how_audio_is_cut(
    parts: list[tuple[float, float]],
    sizes: list[int],
    rate_hz: int,
    script: list[float],
) -> None:
    samples = np.concatenate([voice(s, level, 1) for level, s in parts])
    whole = speech(samples, Scripted(*script), rate_hz=rate_hz)
    assert speech(samples, Scripted(*script), sizes, rate_hz) == whole
    assert len(whole) == len(samples) // (rate_hz // 100)


def test_how_speech_is_cut_never_shows(demo: Floats) -> None:
    samples = demo[: 4 * RATE_HZ]
    assert speech(samples, sizes=[160, 7, 4001]) == speech(samples)


def test_fake_classifier_treats_noise_as_speech() -> None:
    ticks = speech(np.concatenate([silence(0.5), voice(0.5)]), LoudIsSpeech())
    assert ticks == "." * 50 + "#" * 50
