import threading

import numpy as np
import pytest

from engine.sounds import RATE_HZ, Floats, cut, silence, voice
from mica.engine.decode import finish
from mica.engine.segment import Segmenter
from mica.engine.transcriber import Transcriber
from mica.events import SegmentText, Style, Transcript
from mica.model.granite import Granite
from mica.model.load import load_model
from tiny_model import write_tiny_model

Whole = tuple[list[SegmentText], Transcript]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def whole(model: Granite) -> Whole:
    """What spoken() gives in one push."""
    return transcribed(model, [spoken()])


def spoken() -> Floats:
    """Three segments: a cut at a short pause, a cut at a long one."""
    parts = [voice(12.1), silence(0.4), voice(3, seed=1), silence(9.5)]
    return np.concatenate([*parts, voice(1, seed=2), silence(0.5)])


def transcribed(
    model: Granite, pieces: list[Floats], rate_hz: int = RATE_HZ
) -> tuple[list[SegmentText], Transcript]:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(rate_hz, Style.RAW, ["Jon"])
    committed = [segment for piece in pieces for segment in transcriber.push(piece)]
    last, transcript = transcriber.finish()
    return committed + last, transcript


def test_the_text_is_that_of_the_segments_decoded_alone(
    model: Granite, whole: Whole
) -> None:
    samples = spoken()
    segmenter = Segmenter()
    places = [*segmenter.push(samples), *segmenter.finish()]
    texts = [
        finish(model, samples[p.start : p.stop], Style.RAW, ["Jon"]).text
        for p in places
    ]
    committed, transcript = whole
    assert len(places) == 3
    assert [segment.text for segment in committed] == texts
    assert transcript.text == " ".join(texts)
    assert transcript.segments == tuple(committed)


@pytest.mark.parametrize("sizes", [[160], [16_000], [7, 4001, 250_000]])
def test_how_audio_is_cut_never_shows(
    model: Granite, whole: Whole, sizes: list[int]
) -> None:
    samples = spoken()
    committed, transcript = transcribed(model, cut(samples, sizes))
    expected, once = whole
    assert committed == expected
    assert (transcript.text, transcript.duration_s) == (once.text, once.duration_s)


def test_a_segment_is_committed_while_the_user_speaks_on(model: Granite) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, Style.RAW, [])
    transcriber.push(voice(13))
    assert transcriber.push(silence(0.5)) == []  # the sentence may go on
    [segment] = transcriber.push(silence(0.2))
    assert (segment.start_s, segment.end_s) == (0.0, 13.2)


def test_live_text_comes_with_every_half_second_of_speech(model: Granite) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, Style.RAW, [])
    transcriber.push(silence(1))
    assert transcriber.live() is None
    transcriber.push(voice(0.8))
    assert isinstance(transcriber.live(), str)
    assert transcriber.live() is None
    transcriber.push(voice(0.4))
    assert transcriber.live() is None
    transcriber.push(voice(0.2))
    assert isinstance(transcriber.live(), str)


def test_live_text_does_not_change_the_final_text(model: Granite, whole: Whole) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, Style.RAW, ["Jon"])
    shown = []
    for piece in cut(spoken(), [24_000]):
        transcriber.push(piece)
        shown.append(transcriber.live())
    assert any(shown)
    assert transcriber.finish()[1].text == whole[1].text


def test_silence_is_no_text_and_costs_nothing(model: Granite) -> None:
    committed, transcript = transcribed(model, [silence(3)])
    assert committed == []
    assert (transcript.text, transcript.timing.llm_passes) == ("", 0)
    assert transcript.duration_s == 3.0


def test_nothing_at_all_is_no_text(model: Granite) -> None:
    assert transcribed(model, [])[1].text == ""


def test_samples_that_are_no_numbers_are_silence_and_it_is_said(model: Granite) -> None:
    broken = spoken()[: 5 * RATE_HZ]
    broken[RATE_HZ : RATE_HZ + 50] = np.nan
    broken[0] = np.inf
    repaired = np.nan_to_num(broken, nan=0.0, posinf=0.0)
    _, transcript = transcribed(model, [broken])
    assert transcript.text == transcribed(model, [repaired])[1].text
    assert "Samples that were not numbers were taken as silence." in transcript.notes


def test_a_cancelled_utterance_leaves_no_trace(model: Granite, whole: Whole) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, Style.RAW, ["Jon"])
    transcriber.push(voice(3, seed=5))
    transcriber.cancel()
    transcriber.begin(RATE_HZ, Style.RAW, ["Jon"])
    transcriber.push(spoken())
    transcript = transcriber.finish()[1]
    assert transcript.text == whole[1].text


def test_other_rates_are_resampled_and_times_stay(model: Granite, whole: Whole) -> None:
    at_48_khz = np.repeat(spoken(), 3)
    committed, transcript = transcribed(model, cut(at_48_khz, [480]), 48_000)
    assert transcript.duration_s == pytest.approx(len(spoken()) / RATE_HZ, abs=0.001)
    expected = [segment.start_s for segment in whole[0]]
    starts = [segment.start_s for segment in committed]
    assert starts == pytest.approx(expected, abs=0.03)


def test_the_timing_counts_all_segments(whole: Whole) -> None:
    timing = whole[1].timing
    assert timing.llm_passes > 3
    assert 0 < timing.encode_s + timing.llm_s <= timing.total_s
    assert timing.audio_s == pytest.approx(len(spoken()) / RATE_HZ)


def test_another_thread_is_refused(model: Granite) -> None:
    transcriber = Transcriber(model, "tiny")
    refused: list[type[BaseException]] = []

    def elsewhere() -> None:
        try:
            transcriber.begin(RATE_HZ, Style.RAW, [])
        except AssertionError as why:
            refused.append(type(why))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert refused == [AssertionError]
