import json
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mica.bench.cost import RowCounter
from mica.engine import notes
from mica.engine.endpointing import Segmenter, warm_start
from mica.engine.offline import OfflineReader, finish
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader, SegmentReader, TextUpdate, Transcriber
from mica.events import (
    Certainty,
    Commit,
    Language,
    ResumePoint,
    Style,
    Tentative,
    TranscribeOptions,
    Transcript,
)
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import RATE_HZ, Floats, cut, silence, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech", "decoder_is_trusted")

Whole = tuple[list[TextUpdate], Transcript]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def whole(model: Granite) -> Whole:
    """The transcript of spoken() from a single push."""
    return transcribed(model, [spoken()])


def commits(updates: list[TextUpdate]) -> list[Commit]:
    return [one for one in updates if isinstance(one, Commit)]


def spoken() -> Floats:
    """Three segments, separated at a short pause and at a long one."""
    parts = [voice(12.1), silence(0.4), voice(3, seed=1), silence(9.5)]
    return np.concatenate([*parts, voice(1, seed=2), silence(0.5)])


def transcribed(
    model: Granite,
    pieces: list[Floats],
    rate_hz: int = RATE_HZ,
    reader: MakeReader = StreamingReader,
) -> Whole:
    transcriber = Transcriber(model, "tiny", reader=reader)
    transcriber.begin(rate_hz, TranscribeOptions(Style.RAW, ("Jon",)))
    updates = [one for piece in pieces for one in transcriber.push(piece)]
    last, transcript = transcriber.finish()
    return [*updates, *last], transcript


def test_the_text_is_that_of_the_segments_decoded_alone(model: Granite) -> None:
    samples = spoken()
    segmenter = Segmenter()
    places = [*segmenter.push(samples), *segmenter.finish()]
    texts = [
        finish(
            model, samples[p.start : p.stop], TranscribeOptions(Style.RAW, ("Jon",))
        ).text
        for p in places
    ]
    updates, transcript = transcribed(model, [samples], reader=OfflineReader)
    committed = commits(updates)
    assert len(places) == 3
    assert [commit.segment.text for commit in committed] == texts
    assert transcript.text == " ".join(texts)
    assert transcript.segments == tuple(commit.segment for commit in committed)


@pytest.mark.parametrize("sizes", [[160], [16_000], [7, 4001, 250_000]])
def test_output_does_not_depend_on_how_audio_is_cut(
    model: Granite, whole: Whole, sizes: list[int]
) -> None:
    updates, transcript = transcribed(model, cut(spoken(), sizes))
    expected, once = whole
    assert updates == expected
    assert (transcript.text, transcript.duration_s) == (once.text, once.duration_s)


def test_a_segment_is_committed_while_the_user_speaks_on(model: Granite) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    transcriber.push(voice(13))
    assert not commits(transcriber.push(silence(0.5)))  # the sentence may continue
    [commit] = commits(transcriber.push(silence(0.2)))
    assert (commit.segment.start_s, commit.segment.end_s) == (0.0, 13.08)
    assert commit.until_s == 13.0


@pytest.mark.parametrize("committed", [1, 2])
@pytest.mark.parametrize("rate_hz", [RATE_HZ, 3 * RATE_HZ])
def test_transcriber_resumes_from_a_commit_with_the_same_text(
    model: Granite, committed: int, rate_hz: int
) -> None:
    late = np.concatenate([silence(5), spoken()])
    samples = np.repeat(late, rate_hz // RATE_HZ)
    updates, whole = transcribed(model, [samples], rate_hz)
    before, until_s = (
        commits(updates)[:committed],
        commits(updates)[committed - 1].until_s,
    )
    start_s = warm_start(round(until_s * RATE_HZ)) // RATE_HZ
    resume_from = ResumePoint(
        tuple(commit.segment for commit in before), until_s, start_s
    )
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(rate_hz, TranscribeOptions(Style.RAW, ("Jon",)), resume_from)
    rest = [
        commit
        for piece in cut(samples[start_s * rate_hz :], [1000 * rate_hz // RATE_HZ])
        for commit in transcriber.push(piece)
    ]
    last, transcript = transcriber.finish()
    assert start_s > 0
    assert before + commits(rest) + last == commits(updates)
    assert (transcript.text, transcript.segments) == (whole.text, whole.segments)
    assert transcript.duration_s == pytest.approx(whole.duration_s, abs=0.001)


def test_live_text_is_sent_every_half_second_of_speech(model: Granite) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    assert transcriber.push(silence(1)) == []
    shown = [
        sum(isinstance(one, Tentative) for one in transcriber.push(voice(seconds)))
        for seconds in (0.4, 0.2, 0.3, 0.2, 1.0)
    ]
    assert shown == [0, 1, 0, 1, 2]


def test_live_text_waits_where_the_text_of_a_pause_may_be_wanted_first(
    model: Granite,
) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    pieces = (voice(0.46), silence(0.06), voice(0.1), voice(0.36), silence(0.12))
    shown = [
        sum(isinstance(one, Tentative) for one in transcriber.push(piece))
        for piece in pieces
    ]
    assert shown == [0, 0, 1, 0, 1]  # due at 0.5 s and 1.0 s


def test_segment_text_is_shown_at_once_and_never_twice(
    model: Granite,
) -> None:
    transcriber = Transcriber(model, "tiny", should_yield=lambda: True)
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    updates = transcriber.push(spoken())
    last, transcript = transcriber.finish()
    first, second, third = [segment.text for segment in transcript.segments]
    assert updates == [
        Tentative(first),
        Commit(transcript.segments[0], commits(updates)[0].until_s),
        Tentative(second),
        Commit(transcript.segments[1], commits(updates)[1].until_s),
        Tentative(""),
    ]
    assert [one.segment.text for one in last] == [third]


def test_live_text_is_skipped_if_other_work_waits_and_the_text_is_the_same(
    model: Granite, whole: Whole
) -> None:
    transcriber = Transcriber(model, "tiny", should_yield=lambda: True)
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW, ("Jon",)))
    updates = [
        one for piece in cut(spoken(), [24_000]) for one in transcriber.push(piece)
    ]
    last, transcript = transcriber.finish()
    assert commits([*updates, *last]) == commits(whole[0])
    assert transcript.text == whole[1].text


def test_live_text_that_is_not_shown_takes_no_work(model: Granite) -> None:
    units: list[None] = []
    transcriber = Transcriber(
        model, "tiny", reader=OfflineReader, on_unit=lambda: units.append(None)
    )
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW, live=False))
    assert not transcriber.push(voice(2))
    assert not units
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    assert len(transcriber.push(voice(2))) == len(units) == 4


def test_text_is_ready_80_ms_after_the_last_word(model: Granite) -> None:
    busy = False
    transcriber = Transcriber(model, "tiny", should_yield=lambda: busy)
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW, live=False))
    transcriber.push(np.concatenate([voice(1.5), silence(0.09)]))
    busy = True  # from now on, there is no time for optional work
    transcriber.push(silence(0.12))
    timing = transcriber.finish()[1].timing
    assert timing.llm_passes > timing.release_passes == 0


SMALL_BLOCKS = [1.0, 0.3, 1.3, 0.15, 3.1, 0.13, 0.4, 0.4]  # s of voice and silence


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    """A model with blocks of 0.8 s, so that a few seconds contain many."""
    folder = write_tiny_model(tmp_path_factory.mktemp("small"), layers=2)
    config = json.loads((folder / "config.json").read_text())
    config["encoder_config"]["context_size"] = 40
    (folder / "config.json").write_text(json.dumps(config))
    return load_model(folder)


@pytest.fixture(scope="module")
def small_whole(small: Granite) -> Whole:
    return transcribed(small, [paused()])


def paused() -> Floats:
    kinds = [voice, silence] * 4
    parts = [kind(s) for kind, s in zip(kinds, SMALL_BLOCKS, strict=True)]
    return np.concatenate(parts)


@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=6))
def test_live_text_does_not_depend_on_how_audio_is_cut(
    small: Granite, small_whole: Whole, sizes: list[int]
) -> None:
    updates, transcript = transcribed(small, cut(paused(), sizes))
    expected, once = small_whole
    assert updates == expected
    assert len({one.text for one in updates if isinstance(one, Tentative)}) > 5
    assert transcript.text == once.text


def prompts_of(
    model: Granite, monkeypatch: pytest.MonkeyPatch, style: Style
) -> tuple[list[str], Transcript]:
    """The decoder's prompts and the result when translating into German."""
    prompts: list[str] = []
    render = model.render_prompt

    def rendered(text: str, audio: int) -> tuple[list[int], list[int]]:
        prompts.append(text)
        return render(text, audio)

    monkeypatch.setattr(model, "render_prompt", rendered)
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(
        RATE_HZ, TranscribeOptions(style, target_language=Language.GERMAN)
    )
    transcriber.push(voice(2.0))
    transcript = transcriber.finish()[1]
    return [text for text in prompts if text], transcript


def test_an_utterance_is_translated_where_the_model_was_trained_to(
    model: Granite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.model.config.GRANITE_TOKENS", 0)
    prompts, transcript = prompts_of(model, monkeypatch, Style.RAW)
    assert prompts[0] == "translate the speech to German."
    assert transcript.language == "de"


def test_transcript_is_in_the_language_that_was_spoken_where_it_is_known(
    model: Granite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.model.config.GRANITE_TOKENS", 0)
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, TranscribeOptions(language=Language.FRENCH))
    transcriber.push(voice(1))
    assert transcriber.finish()[1].language == "fr"


def test_a_model_that_cannot_translate_writes_as_spoken_and_says_so(
    model: Granite, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts, transcript = prompts_of(model, monkeypatch, Style.RAW)
    assert prompts[0] == "can you transcribe the speech into a written format?"
    assert transcript.language is None
    assert transcript.notes[0] == (
        "The model “tiny” can’t translate. IBM’s Granite Speech models can."
        " The text is as spoken."
    )


def test_hour_of_silence_is_dropped_and_the_first_word_is_complete(
    model: Granite,
) -> None:
    read: list[int] = []

    def made(*arguments: Any) -> SegmentReader:
        read.append(1)
        return StreamingReader(*arguments)

    noise = silence(5.0, 0.0001)
    transcriber = Transcriber(model, "tiny", reader=made)
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW, ("Jon",)))
    for _ in range(12):  # a minute instead of an hour
        assert transcriber.push(noise) == []
    assert not read
    last = np.concatenate([voice(1), silence(0.3, 0.0001)])
    transcriber.push(last)
    transcript = transcriber.finish()[1]
    from_200_ms_before = np.concatenate([noise[-RATE_HZ // 5 :], last])
    stop = round(1.28 * RATE_HZ)
    alone = finish(
        model, from_200_ms_before[:stop], TranscribeOptions(Style.RAW, ("Jon",))
    )
    assert transcript.text == alone.text
    assert transcript.segments[0].start_s == pytest.approx(59.8)


@pytest.mark.parametrize("busy", [False, True])
def test_key_press_prefetches_all_weights_when_idle(model: Granite, busy: bool) -> None:
    transcriber = Transcriber(model, "tiny", should_yield=lambda: busy)
    with RowCounter(model) as work:
        transcriber.prefetch_weights()
    assert (work.gflop > 0) is not busy


def test_silence_gives_no_text_and_no_work(model: Granite) -> None:
    committed, transcript = transcribed(model, [silence(3)])
    assert committed == []
    assert (transcript.text, transcript.timing.llm_passes) == ("", 0)
    assert transcript.duration_s == 3.0


def test_empty_utterance_has_no_text(model: Granite) -> None:
    assert transcribed(model, [])[1].text == ""


def test_nan_samples_become_silence_and_are_reported(model: Granite) -> None:
    broken = spoken()[: 5 * RATE_HZ]
    broken[RATE_HZ : RATE_HZ + 50] = np.nan
    broken[0] = np.inf
    repaired = np.nan_to_num(broken, nan=0.0, posinf=0.0)
    _, transcript = transcribed(model, [broken])
    assert transcript.text == transcribed(model, [repaired])[1].text
    assert "Samples that were not numbers were taken as silence." in transcript.notes


def test_a_cancelled_utterance_leaves_no_trace(model: Granite, whole: Whole) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW, ("Jon",)))
    transcriber.push(voice(3, seed=5))
    transcriber.cancel()
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW, ("Jon",)))
    transcriber.push(spoken())
    transcript = transcriber.finish()[1]
    assert transcript.text == whole[1].text


def test_other_rates_are_resampled_and_times_stay(model: Granite, whole: Whole) -> None:
    at_48_khz = np.repeat(spoken(), 3)
    committed, transcript = transcribed(model, cut(at_48_khz, [480]), 48_000)
    assert transcript.duration_s == pytest.approx(len(spoken()) / RATE_HZ, abs=0.001)
    expected = [commit.segment.start_s for commit in commits(whole[0])]
    starts = [commit.segment.start_s for commit in commits(committed)]
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
            transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
        except AssertionError as why:
            refused.append(type(why))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert refused == [AssertionError]


def test_live_text_does_no_more_work_in_a_pause(model: Granite) -> None:
    transcriber = Transcriber(model, "tiny")
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    for piece in cut(np.concatenate([voice(2), silence(0.6)]), [320]):
        transcriber.push(piece)
    with RowCounter(model) as counting:
        events = [one for _ in range(4) for one in transcriber.push(silence(0.5))]
    assert (counting.encodings, counting.passes) == (0, 0)
    assert any(isinstance(one, Tentative) for one in events)  # it still stands
    with RowCounter(model) as counting:
        transcriber.push(voice(1, seed=1))
    assert counting.encodings > 0


@pytest.mark.parametrize(
    ("name", "note"),
    [("tiny", notes.NOT_UNDERSTOOD), ("pebble", notes.DEMONSTRATION.format("pebble"))],
)
def test_what_was_not_understood_is_marked_and_told(
    model: Granite, monkeypatch: pytest.MonkeyPatch, name: str, note: str
) -> None:
    monkeypatch.setattr("mica.engine.agreement.SURE", 1.0)  # random weights only guess
    transcriber = Transcriber(model, name)
    transcriber.begin(RATE_HZ, TranscribeOptions())
    transcriber.push(voice(1))
    _, transcript = transcriber.finish()
    certainties = [segment.certainty for segment in transcript.segments]
    assert certainties == [Certainty.NOT_UNDERSTOOD]
    assert transcript.notes == (note,)
