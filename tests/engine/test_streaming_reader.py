"""Reading a segment while it is spoken, with a tiny random model."""

from dataclasses import replace

import numpy as np
import pytest

from mica.engine.guards import SegmentResult, run_to_end
from mica.engine.live_text import Interim
from mica.engine.offline import OfflineReader, finish
from mica.engine.streaming_reader import StreamingReader
from mica.events import Certainty, Language, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import RATE_HZ, Floats, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("decoder_is_trusted")

HALF_S = RATE_HZ // 2
JON = TranscribeOptions(keywords=("Jon",))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def samples() -> Floats:
    return voice(8.6, seed=3)


@pytest.fixture(scope="module")
def at_the_end(model: Granite, samples: Floats) -> SegmentResult:
    """The result of a reader that did all its work at the end."""
    return finished(reader(model), samples)


def reader(model: Granite, to: Language | None = None) -> StreamingReader:
    return StreamingReader(model, replace(JON, target_language=to))


def finished(reader: StreamingReader, samples: Floats) -> SegmentResult:
    return run_to_end(reader.finish(samples))


def test_text_is_ready_where_the_segment_ends_in_a_pause(
    model: Granite, samples: Floats, at_the_end: SegmentResult
) -> None:
    streaming = reader(model)
    streaming.push(samples)
    while streaming.work(len(samples)):
        pass
    result = finished(streaming, samples)
    assert (result.tokens, result.text) == (at_the_end.tokens, at_the_end.text)
    assert result.release_passes == 0
    assert result.llm_passes > 0


def test_all_passes_come_after_the_end_if_there_is_no_time_before(
    at_the_end: SegmentResult,
) -> None:
    assert at_the_end.release_passes == at_the_end.llm_passes > 0


@pytest.mark.parametrize("units", [1, 2, 3, 5, 100])
def test_speech_after_a_pause_discards_the_earlier_text(
    model: Granite, samples: Floats, at_the_end: SegmentResult, units: int
) -> None:
    streaming, pause = reader(model), 6 * RATE_HZ
    streaming.push(samples[:pause])
    for _ in range(units):
        streaming.work(pause)
    streaming.push(samples[pause:])
    streaming.work(None)
    assert finished(streaming, samples).tokens == at_the_end.tokens


def test_interim_text_is_read_at_every_block_and_shows_only_as_a_draft(
    model: Granite, samples: Floats, at_the_end: SegmentResult
) -> None:
    streaming = reader(model)
    for start in range(0, len(samples), HALF_S):
        streaming.push(samples[start : start + HALF_S])
        while streaming.work(None):
            pass
    result = finished(streaming, samples)
    assert result.tokens == at_the_end.tokens
    assert result.llm_passes > result.release_passes > 0


def test_interim_text_is_that_of_the_newest_pause(
    model: Granite, samples: Floats
) -> None:
    streaming, pause = reader(model), 6 * RATE_HZ + HALF_S
    alone = finished(reader(model), samples[:pause])
    streaming.push(samples[: pause + 100])
    while streaming.work(pause):
        pass
    assert streaming.interim == Interim(alone.text, pause, in_pause=True)
    streaming.push(samples[pause + 100 :])  # a block ends soon after the pause
    while streaming.work(pause):
        pass
    assert streaming.interim == Interim(alone.text, pause, in_pause=True)


def test_without_a_pause_interim_text_is_that_of_the_newest_block(
    model: Granite, samples: Floats
) -> None:
    streaming = reader(model)
    streaming.push(samples)
    while streaming.work(3 * RATE_HZ):
        pass
    two_blocks = 8 * RATE_HZ + 96  # 96 for the last window
    alone = finished(reader(model), samples[:two_blocks])
    assert streaming.interim == Interim(alone.text, two_blocks, in_pause=False)


def test_a_cut_inside_what_was_read_already_gives_the_text_up_to_it(
    model: Granite, samples: Floats
) -> None:
    streaming, cut = reader(model), 7 * RATE_HZ
    streaming.push(samples)
    while streaming.work(None):
        pass
    alone = finished(reader(model), samples[:cut])
    assert finished(streaming, samples[:cut]).tokens == alone.tokens


def test_exception_in_a_unit_ends_the_work(model: Granite, samples: Floats) -> None:
    def unwanted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_to_end(reader(model).finish(samples), unwanted)


def test_a_translation_is_prefilled_while_it_is_spoken_and_written_in_a_pause(
    model: Granite, samples: Floats
) -> None:
    never = finished(reader(model, Language.GERMAN), samples)
    assert never.release_passes == never.llm_passes > 0
    streaming = reader(model, Language.GERMAN)
    streaming.push(samples)
    units = 0
    while streaming.work(None):
        units += 1
    assert units > 0  # encoded and prefilled, but not decoded
    assert streaming.interim is None
    while streaming.work(len(samples)):
        pass
    result = finished(streaming, samples)
    assert result.text == never.text
    assert result.release_passes == 0
    assert result.draft_tokens == never.draft_tokens  # only from its own loop


def test_translation_reuses_nothing_of_an_earlier_part(
    model: Granite, samples: Floats
) -> None:
    never = finished(reader(model, Language.GERMAN), samples)
    streaming = reader(model, Language.GERMAN)
    streaming.push(samples)
    while streaming.work(len(samples) - RATE_HZ):
        pass
    assert streaming.interim is not None
    result = finished(streaming, samples)
    assert (result.text, result.draft_tokens) == (never.text, never.draft_tokens)


def test_translation_equals_that_of_the_offline_reader(
    model: Granite, samples: Floats
) -> None:
    offline_reader = OfflineReader(model, replace(JON, target_language=Language.GERMAN))
    right = run_to_end(offline_reader.finish(samples))
    result = finished(reader(model, Language.GERMAN), samples)
    assert (result.text, result.notes) == (right.text, right.notes)
    assert result.llm_passes < right.llm_passes  # a loop drafts its own continuation


def test_too_little_sound_is_no_text(model: Granite) -> None:
    result = finished(reader(model), np.zeros(100, np.float32))
    assert (result.text, result.llm_passes) == ("", 0)


def test_speech_that_is_not_understood_is_decoded_again_at_its_end_only(
    model: Granite, samples: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.engine.agreement.SURE", 1.0)  # random weights only guess
    streaming = reader(model)
    passes = []
    for stop in range(RATE_HZ, len(samples), RATE_HZ):
        streaming.push(samples[stop - RATE_HZ : stop])
        while streaming.work(stop):
            pass
        passes.append(streaming._passes)
    assert passes[-1] == passes[0] > 0
    assert streaming.interim is None
    result = finished(streaming, samples)
    assert result.certainty is Certainty.NOT_UNDERSTOOD
    assert result.release_passes > 0
    assert result.text == finish(model, samples, JON).text
