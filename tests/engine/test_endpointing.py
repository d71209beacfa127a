from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mica.audio.silero import SileroVad
from mica.audio.vad import SpeechDetector
from mica.bench.speech import read_clip
from mica.engine.endpointing import Segmenter, Span, warm_start
from mica.paths import resource
from support.sounds import RATE_HZ, Floats, cut, silence, voice

pytestmark = pytest.mark.usefixtures("noise_is_speech")


def spans(samples: Floats, sizes: list[int] | None = None) -> list[Span]:
    segmenter = Segmenter()
    found = [
        span
        for piece in cut(samples, sizes or [len(samples)])
        for span in segmenter.push(piece)
    ]
    return found + segmenter.finish()


def seconds(span: Span) -> tuple[float, float]:
    return span.start / RATE_HZ, span.stop / RATE_HZ


def test_segment_includes_200_ms_of_quiet_before_and_80_ms_after() -> None:
    found = spans(np.concatenate([silence(1), voice(2), silence(1)]))
    assert [seconds(span) for span in found] == [(0.8, 3.08)]
    assert (found[0].first_speech, found[0].last_speech) == (RATE_HZ, 3 * RATE_HZ)


def test_a_pause_is_one_from_80_ms_on_and_stays_the_newest_until_another() -> None:
    segmenter, found = Segmenter(), []
    for part in (voice(1), silence(0.06), silence(0.03), voice(0.5), silence(0.2)):
        segmenter.push(part)
        found.append(segmenter.pause)
    after_1 = round(1.08 * RATE_HZ)
    assert found == [None, None, after_1, after_1, after_1 + round(0.59 * RATE_HZ)]
    [whole] = segmenter.finish()
    assert (whole.stop, segmenter.pause) == (found[-1], None)


def test_a_pause_of_one_segment_is_not_the_next_ones() -> None:
    segmenter = Segmenter()
    segmenter.push(np.concatenate([voice(13), silence(0.5), voice(1)]))
    assert segmenter.open is not None
    assert segmenter.pause is None


def test_silence_holds_no_segment() -> None:
    assert spans(silence(5)) == []


def test_a_click_is_not_speech() -> None:
    samples = silence(2)
    samples[RATE_HZ : RATE_HZ + 100] = 0.9
    assert spans(samples) == []


def test_an_utterance_cut_off_in_a_word_ends_where_it_ends() -> None:
    found = spans(np.concatenate([silence(0.1), voice(1)]))
    assert [seconds(span) for span in found] == [(0.0, 1.1)]


def test_pauses_before_12_s_do_not_cut() -> None:
    samples = np.concatenate([voice(5), silence(1), voice(5)])
    assert len(spans(samples)) == 1


def test_after_12_s_a_pause_of_300_ms_cuts() -> None:
    samples = np.concatenate([voice(12.0), silence(0.4), voice(2), silence(1)])
    assert [seconds(span) for span in spans(samples)] == [(0.0, 12.08), (12.2, 14.48)]


def test_after_12_s_a_pause_of_200_ms_does_not_cut() -> None:
    samples = np.concatenate([voice(12.0), silence(0.2), voice(2), silence(1)])
    assert len(spans(samples)) == 1


def test_pause_of_100_ms_cuts_at_18_s_and_no_speech_is_in_two_segments() -> None:
    samples = np.concatenate([voice(18.0), silence(0.12), voice(1), silence(1)])
    first, second = spans(samples)
    assert seconds(first) == (0.0, 18.08)
    assert second.start == first.last_speech
    assert second.first_speech == round(18.12 * RATE_HZ)


def test_required_pause_shrinks_linearly() -> None:
    required_at_15_s = 0.2
    longer, shorter = required_at_15_s + 0.02, required_at_15_s - 0.03
    for pause_s, count in ((longer, 2), (shorter, 1)):
        samples = np.concatenate([voice(15), silence(pause_s), voice(1), silence(1)])
        assert len(spans(samples)) == count


def test_cut_is_forced_at_the_quietest_100_ms_after_20_s() -> None:
    samples = np.concatenate([voice(18), voice(0.1, 0.02, 1), voice(6, seed=2)])
    first, second = spans(samples)
    assert seconds(first) == (0.0, 18.05)
    assert seconds(second) == (18.05, 24.1)


def test_no_segment_is_longer_than_20_s_and_none_of_the_speech_is_lost() -> None:
    found = spans(voice(65))
    assert all(span.stop - span.start <= 20 * RATE_HZ for span in found)
    assert found[0].start == 0
    assert found[-1].stop == 65 * RATE_HZ
    assert all(a.stop == b.start for a, b in pairwise(found))


def test_a_long_silence_lies_in_no_segment() -> None:
    samples = np.concatenate([voice(3), silence(60), voice(3), silence(1)])
    assert [seconds(span) for span in spans(samples)] == [(0.0, 3.08), (62.8, 66.08)]


def test_a_quiet_voice_over_a_microphones_own_noise_is_found() -> None:
    noise, quiet = 0.0001, 0.002  # -80 and -54 dBFS
    samples = np.concatenate([silence(1, noise), voice(1, quiet), silence(1, noise)])
    assert [seconds(span) for span in spans(samples)] == [(0.8, 2.08)]


def test_samples_before_needed_from_lie_in_no_later_span() -> None:
    samples = np.concatenate([voice(13), silence(0.5), voice(8), silence(3), voice(2)])
    segmenter = Segmenter()
    needed = 0
    for piece in cut(samples, [800]):
        for span in segmenter.push(piece):
            assert span.start >= needed
        assert segmenter.needed_from >= needed
        needed = segmenter.needed_from
    assert all(span.start >= needed for span in segmenter.finish())


pieces = st.lists(
    st.tuples(st.sampled_from(["voice", "quiet", "silence"]), st.floats(0.005, 9.0)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(pieces, st.lists(st.integers(1, 40_000), min_size=1, max_size=6))
def test_output_does_not_depend_on_how_audio_is_cut(
    parts: list[tuple[str, float]], sizes: list[int]
) -> None:
    levels = {"voice": 0.1, "quiet": 0.0006, "silence": 0.00003}
    samples = np.concatenate(
        [voice(length, levels[kind], n) for n, (kind, length) in enumerate(parts)]
    )
    assert spans(samples, sizes) == spans(samples)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.1, 0.02, 0.004, 0.0006, 0.00003]),
            st.floats(0.005, 13.0) | st.floats(0.005, 0.5),
        ),
        min_size=4,
        max_size=8,
    )
)
def test_second_segmenter_continues_where_the_first_had_cut(
    parts: list[tuple[float, float]],
) -> None:
    samples = np.concatenate(
        [voice(length, level, n) for n, (level, length) in enumerate(parts)]
    )
    found = spans(samples)
    for number, span in enumerate(found, 1):
        start = warm_start(span.last_speech)
        segmenter = Segmenter(start, span.last_speech)
        resumed = [*segmenter.push(samples[start:]), *segmenter.finish()]
        assert resumed == found[number:]


def test_speech_over_loud_noise_is_never_taken_for_noise() -> None:
    samples = np.concatenate([voice(10, 0.05), voice(2, 0.06), voice(1, 0.05)])
    assert [seconds(span) for span in spans(samples)] == [(0.0, 13.0)]


@pytest.mark.parametrize("offset", [-0.5, 0.02, 0.3])
def test_a_constant_offset_hides_no_pause_and_is_no_speech(offset: float) -> None:
    speech = np.concatenate([voice(12.5), silence(8, 1e-4), voice(1, seed=1)])
    ends = [span.last_speech for span in spans(speech)]
    assert [span.last_speech for span in spans(speech + np.float32(offset))] == ends
    assert len(ends) == 2
    assert spans(np.full(5 * RATE_HZ, offset, np.float32)) == []


def hearing(start: int = 0, until: int = 0) -> Segmenter:
    """One that knows noise from speech."""
    return Segmenter(start, until, SpeechDetector(RATE_HZ, SileroVad()))


@pytest.mark.parametrize("level", [0.001, 0.03, 0.3])
def test_noise_holds_no_segment(level: float) -> None:
    segmenter = hearing()
    assert segmenter.push(voice(20, level)) == segmenter.finish() == []


def test_words_in_noise_are_a_segment_and_the_noise_around_is_not() -> None:
    demo = read_clip(resource("demo.wav")).samples[: 5 * RATE_HZ]
    speech = np.concatenate([silence(3), demo, silence(3)])
    segmenter = hearing()
    [span] = [
        *segmenter.push(speech + voice(11, 0.01)[: len(speech)]),
        *segmenter.finish(),
    ]
    assert 2.5 * RATE_HZ < span.start < 3.6 * RATE_HZ
    assert 6 * RATE_HZ < span.stop < 8.2 * RATE_HZ


def test_second_segmenter_continues_in_real_speech() -> None:
    demo = read_clip(resource("demo.wav")).samples[: 12 * RATE_HZ]
    samples = np.concatenate([demo, demo, demo]) + voice(36, 0.003)[: 3 * len(demo)]
    first = hearing()
    found = [*first.push(samples), *first.finish()]
    assert len(found) >= 3
    for number, span in enumerate(found[:-1], 1):
        start = warm_start(span.last_speech)
        second = hearing(start, span.last_speech)
        assert [*second.push(samples[start:]), *second.finish()] == found[number:]
