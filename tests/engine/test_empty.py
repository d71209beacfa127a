"""Every stage from samples to text accepts empty input and single elements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.audio.features import FRAME_CELLS, FeatureStream, log_mel
from mica.audio.resample import Resampler
from mica.audio.vad import SpeechDetector
from mica.bench.oracle import Oracle, PieceTokenizer
from mica.engine import ctc
from mica.engine.align import apply_choices, capital, fit_continuation, resume_index
from mica.engine.draft import add_punctuation, draft_tokens, merge_ctc_heads, splice
from mica.engine.endpointing import Segmenter, Span
from mica.engine.guards import (
    SegmentResult,
    Units,
    is_looping,
    is_truncated,
    loop_continuation,
    run_to_end,
)
from mica.engine.live_text import Interim, LiveText
from mica.engine.offline import (
    OfflineReader,
    encode_segment,
    quietest_point,
)
from mica.engine.prompt import distances, fitting, unsupported
from mica.engine.sentences import SentenceJoiner, one_spaced
from mica.engine.speculative import verify_draft
from mica.engine.streaming_encoder import StreamingEncoder
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader, Transcriber
from mica.engine.utterance import stats, transcript
from mica.events import Style, TranscribeOptions, UtteranceStats
from mica.model.granite import Granite, bpe_tokens
from mica.model.load import load_model
from mica.text.capitals import lower_first, without_stop
from support.sounds import RATE_HZ, Floats
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech", "decoder_is_trusted")

#: Empty texts, short ones, and those that amount to nothing.
SHORT = st.one_of(
    st.sampled_from(
        ["", " ", ".", "...", "a", "I", "’", "-", "é", "ア", "\ufffd", "a b"]
    ),
    st.text(max_size=2),
)
SHORTS = st.lists(SHORT, max_size=2)
#: From no samples to the first numbers that give one and two encoder frames.
COUNTS = [0, 1, 2, 159, 160, 256, 257, 319, 320, 416, 417, 640]
TICK = 160


def sound(count: int, level: float = 0.3) -> Floats:
    return (np.random.default_rng(1).standard_normal(count) * level).astype(np.float32)


@pytest.fixture(scope="module", params=[True, False], ids=["bpe head", "letters only"])
def model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Granite:
    folder = tmp_path_factory.mktemp("tiny")
    return load_model(write_tiny_model(folder, bpe_head=request.param))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("rate_hz", [8_000, RATE_HZ, 44_100, 192_000])
def test_the_resampler_takes_a_few_samples(count: int, rate_hz: int) -> None:
    resampler = Resampler(rate_hz)
    out = np.concatenate([resampler.push(sound(count)), resampler.finish()])
    assert abs(len(out) - count * RATE_HZ / rate_hz) <= 1


@pytest.mark.parametrize("count", COUNTS)
def test_features_of_a_few_samples_are_whole_frames(count: int) -> None:
    stream = FeatureStream()
    pushed, ended = stream.push(sound(count)), stream.finish()
    frames = log_mel(sound(count))
    assert frames.shape == (len(pushed) + len(ended), FRAME_CELLS)
    assert (len(frames) > 0) == (count > 256)


@pytest.mark.parametrize("level", [0.0, 0.3])
@pytest.mark.parametrize("count", COUNTS)
def test_segments_of_a_few_samples_lie_within_them(count: int, level: float) -> None:
    detector, segmenter = SpeechDetector(RATE_HZ), Segmenter()
    ticks = [*detector.push(sound(count, level)), *detector.finish()]
    spans = [*segmenter.push(sound(count, level)), *segmenter.finish()]
    assert len(ticks) == count // TICK
    assert all(0 <= s.start < s.stop <= count for s in spans)
    assert Segmenter().finish() == []


@given(tokens=SHORTS, letters=SHORT, likely=st.floats(0, 1))
def test_any_two_head_readings_are_merged(
    tokens: list[str], letters: str, likely: float
) -> None:
    words = PieceTokenizer()
    labels = [(token, likely) for text in tokens for token in words.encode(text)]
    merge_ctc_heads(words, labels, letters)


@given(ctc_text=SHORT, keywords=SHORTS, interim=SHORT, previous_text=SHORT)
def test_nearly_empty_input_gives_a_draft(
    ctc_text: str, keywords: list[str], interim: str, previous_text: str
) -> None:
    words = PieceTokenizer()
    for style in Style:
        draft_tokens(words, ctc_text, style, keywords, interim, previous_text)
    assert add_punctuation("", keywords) == ""
    assert splice("", ctc_text) == ctc_text


@given(draft=SHORT, settled=SHORT, unfinished=st.booleans(), inside=st.booleans())
def test_nearly_empty_input_is_aligned(
    draft: str, settled: str, unfinished: bool, inside: bool
) -> None:
    at, _ = resume_index(draft, settled, open_ended=unfinished, inside=inside)
    assert 0 <= at <= len(draft)
    fit_continuation(settled, draft[at:])
    assert capital("") == ""


@given(pieces=SHORTS, choices=st.lists(SHORT, min_size=1, max_size=3))
def test_choices_apply_to_nearly_empty_text(
    pieces: list[str], choices: list[str]
) -> None:
    choices += [""] * (len(pieces) + 1 - len(choices))
    apply_choices(pieces, choices)


@given(target=SHORT, draft=SHORT, limit=st.integers(0, 3), blind=st.booleans())
def test_nearly_empty_draft_is_verified(
    target: str, draft: str, limit: int, blind: bool
) -> None:
    words = PieceTokenizer()
    wanted = words.encode(target)
    reader = Oracle(words, wanted, blind)
    written = run_to_end(verify_draft(reader, words, words.encode(draft), limit))
    assert written.tokens == wanted[: len(written.tokens)]
    assert len(written.tokens) <= limit
    assert written.ended == (limit > len(wanted))


@pytest.mark.parametrize("count", [0, 1])
def test_a_token_or_none_is_no_loop(count: int) -> None:
    tokens = [7] * count
    assert not is_looping(tokens)
    assert loop_continuation(tokens) == []


@given(text=SHORT, ctc_text=SHORT, keywords=SHORTS, budget=st.integers(0, 3))
def test_keyword_functions_accept_nearly_empty_text(
    text: str, ctc_text: str, keywords: list[str], budget: int
) -> None:
    assert set(fitting(keywords, ctc_text, budget, len)) <= set(keywords)
    assert set(unsupported(text, keywords, ctc_text)) <= set(keywords)
    assert len(distances(keywords, ctc_text)) == len(keywords)
    assert not is_truncated(text, "")


@given(text=SHORT, keywords=SHORTS)
def test_nearly_empty_texts_are_joined(text: str, keywords: list[str]) -> None:
    without_stop(text)
    lower_first(text, keywords)
    assert one_spaced(one_spaced(text)) == one_spaced(text)


@given(texts=st.lists(SHORT, max_size=3), style=st.sampled_from(Style))
def test_nearly_empty_segments_are_committed(texts: list[str], style: Style) -> None:
    commits = SentenceJoiner(style, [], None)
    for number, text in enumerate(texts):
        at = number * RATE_HZ
        commits.add(Span(at, at + 800, at, at + 400), text)
    commits.finish()
    assert all(segment.text.strip(" .") for segment in commits.texts)
    assert commits.finish() == []


@pytest.mark.parametrize("interim", [None, "", ".", "a"])
@pytest.mark.parametrize("labels", [[], [ctc.BLANK], [32], [97], [256], [97, 32]])
def test_live_text_of_at_most_one_label(interim: str | None, labels: list[int]) -> None:
    for in_pause in (False, True):
        live = LiveText()
        first, start, stop = live.window(0, 0)
        assert (first, start, stop) == (0, 0, 0)
        live.update(first, labels)
        live.text(None if interim is None else Interim(interim, 0, in_pause))
        live.move(0)
    assert LiveText().text() == ""


def test_no_labels_are_no_text() -> None:
    assert ctc.labels(np.zeros((0, 348), np.float32)) == []
    assert ctc.collapsed([]) == []
    assert ctc.characters([]) == ""
    assert bpe_tokens([]) == []
    assert bpe_tokens([(0, 1.0)]) == []


@pytest.mark.parametrize("count", COUNTS)
def test_few_samples_have_no_cut_point(count: int) -> None:
    assert quietest_point(sound(count)) is None


def test_utterance_without_segments_has_statistics() -> None:
    empty = stats(UtteranceStats(), [], [], 0.0, [])
    assert transcript("tiny", [], 0.0, 0, empty).text == ""


@pytest.mark.parametrize("count", COUNTS)
def test_both_readers_take_a_few_samples(model: Granite, count: int) -> None:
    samples = sound(count)
    options = TranscribeOptions(keywords=("Jon",))
    streaming_text = StreamingReader(model, options)
    streaming_text.push(samples[:0])
    streaming_text.work(None)
    streaming_text.push(samples)
    while streaming_text.work(None) or streaming_text.work(count):
        pass
    offline_text = run_to_end(OfflineReader(model, options).finish(samples))
    result = run_to_end(streaming_text.finish(samples))
    assert result.text == offline_text.text
    assert (encode_segment(model, samples) is None) == (count <= 256)
    assert len(model.ctc_labels(samples)) == len(log_mel(samples))
    assert count > 256 or result.text == ""


@pytest.mark.parametrize("count", COUNTS)
def test_open_segment_gives_a_snapshot_at_any_time(model: Granite, count: int) -> None:
    segment = StreamingEncoder(model)
    assert not segment.advance()
    segment.push(sound(count))
    segment.advance()
    assert (run_to_end(segment.snapshot(0))) is None
    assert (run_to_end(segment.snapshot()) is None) == (count <= 256)


class Deaf:
    """A reader that never finds any words."""

    interim = Interim("", 0, in_pause=True)

    def __init__(self, *_: object) -> None:
        """Accepts any arguments."""

    def push(self, samples: Floats) -> None:
        """Discards the samples."""

    def work(self, pause: int | None) -> bool:
        return False

    def finish(self, samples: Floats) -> Units[SegmentResult]:
        yield
        return SegmentResult("")


@pytest.mark.parametrize("reader", [StreamingReader, OfflineReader, Deaf])
@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("count", [*COUNTS, 8000])
def test_an_utterance_of_a_few_samples_ends(
    model: Granite, reader: MakeReader, live: bool, count: int
) -> None:
    transcriber = Transcriber(model, "tiny", reader=reader)
    transcriber.begin(RATE_HZ, TranscribeOptions(live=live))
    transcriber.push(sound(count))
    transcriber.push(sound(0))
    _, result = transcriber.finish()
    assert result.duration_s == count / RATE_HZ
    assert reader is not Deaf or result.text == ""
