from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mica.engine import offline
from mica.engine.guards import (
    SPARE_TOKENS,
    is_looping,
    is_truncated,
    loop_continuation,
    run_to_end,
)
from mica.engine.offline import EncodedSegment, decode_greedily, finish
from mica.engine.prompt import instruction
from mica.events import Certainty, Style, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import silence, voice
from support.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("tiny")))


class Enough(Exception):
    """Raised by a test's on_unit to end the work."""


def whole_forward(
    model: Granite, sound: EncodedSegment, prompt: str, n: int
) -> list[int]:
    """Greedy tokens from one full pass each, without a cache."""
    prefix, suffix = model.render_prompt(prompt, sound.embeddings.shape[0])
    tokens: list[int] = []
    while len(tokens) < n:
        parts = [model.embed(prefix), sound.embeddings, model.embed(suffix + tokens)]
        logits = model.decoder(mx.concatenate(parts), model.new_cache())
        token = int(np.array(mx.argmax(logits[-1])))
        if token == model.tokenizer.eos:
            break
        tokens.append(token)
    return tokens


@pytest.mark.parametrize("seconds", [0.3, 1.0, 4.5])
def test_greedy_equals_one_whole_pass_per_token(model: Granite, seconds: float) -> None:
    sound = offline.encode_segment(model, voice(seconds))
    assert sound is not None
    prompt = instruction(Style.RAW, ["Jon"])
    written = run_to_end(decode_greedily(model, sound, prompt))
    assert written.tokens
    assert written.tokens == whole_forward(model, sound, prompt, len(written.tokens))


def test_too_few_samples_for_a_frame_are_no_text(model: Granite) -> None:
    result = finish(model, voice(256 / 16_000), TranscribeOptions(Style.RAW))
    assert (result.text, result.llm_passes) == ("", 0)


def test_empty_ctc_text_skips_the_decoder(tmp_path: Path) -> None:
    model = load_model(write_tiny_model(tmp_path))
    bias = np.array(model.encoder.characters.bias)
    bias[0] = 1e4  # always blank
    model.encoder.characters.bias = mx.array(bias)
    result = finish(model, silence(2, 0.01), TranscribeOptions(keywords=("Jon",)))
    assert (result.text, result.tokens, result.llm_passes) == ("", (), 0)
    assert result.encode_s > 0


def test_runaway_ends_at_its_limit_and_gives_the_ctc_text(model: Granite) -> None:
    result = finish(model, voice(2.0), TranscribeOptions())
    assert result.text == result.ctc_text  # random weights never give the end token
    assert result.tokens == ()
    assert result.certainty is Certainty.NOT_UNDERSTOOD
    sound = offline.encode_segment(model, voice(2.0))
    assert sound is not None
    bound = 2 * len(sound.draft) + SPARE_TOKENS
    assert 2 <= result.llm_passes <= 2 * bound


def test_every_encoding_and_every_pass_is_a_unit(model: Granite) -> None:
    units: list[None] = []
    result = finish(
        model,
        voice(1.0),
        TranscribeOptions(Style.RAW),
        lambda: units.append(None),
    )
    assert len(units) == 1 + result.llm_passes


def test_exception_in_a_unit_ends_the_work(model: Granite) -> None:
    units = iter(range(3))

    def on_unit() -> None:
        if next(units, None) is None:
            raise Enough

    with pytest.raises(Enough):
        finish(model, voice(2.0), TranscribeOptions(Style.RAW), on_unit)


def test_result_names_the_keywords_in_the_prompt(model: Granite) -> None:
    listed = [f"name{n}" for n in range(200)]
    result = finish(
        model,
        voice(1.0),
        TranscribeOptions(Style.RAW, tuple(listed), keyword_budget=40),
    )
    assert 0 < len(result.keywords) < 40
    assert set(result.keywords) <= set(listed)


def test_the_same_samples_give_the_same_result(model: Granite) -> None:
    first = finish(model, voice(1.5), TranscribeOptions(Style.RAW))
    second = finish(model, voice(1.5), TranscribeOptions(Style.RAW))
    assert (first.tokens, first.ctc_text) == (second.tokens, second.ctc_text)


@pytest.mark.parametrize(
    ("tokens", "looping"),
    [
        ([], False),
        (list(range(100)), False),
        ([5] * 23, False),
        ([1, 2, *[5] * 24], True),
        ([1, 2, 3] * 8, True),
        ([1, 2, 3] * 7, False),
        (list(range(12)) * 4, True),
        (list(range(12)) * 3, False),
        ([*[5] * 24, 6], False),
    ],
)
def test_repeated_short_phrase_is_a_loop(tokens: list[int], looping: bool) -> None:
    assert is_looping(tokens) is looping


@pytest.mark.parametrize(
    ("tokens", "phrase"),
    [
        ([], []),
        ([1, 2, 3, 4], []),
        ([1, 1, 1], []),  # very, very, very
        ([5, 1, 1, 1, 1], [1]),
        ([5, 1, 2, 1, 2], [1, 2]),
        ([1, 2, 3, 1, 2, 3], [1, 2, 3]),
        ([1, 2, 3, 1, 2, 3, 4], []),
        ([*range(12)] * 2, [*range(12)]),
        ([*range(13)] * 2, []),
    ],
)
def test_phrase_said_twice_counts_as_a_loop(
    tokens: list[int], phrase: list[int]
) -> None:
    guess = loop_continuation(tokens)
    assert guess[: len(phrase)] == phrase
    assert bool(guess) is bool(phrase)
    assert not guess or is_looping([*tokens, *guess])


def test_a_text_that_leaves_words_out_is_noticed() -> None:
    ctc_text = "please check the budget tell olivia that the report is ready"
    assert is_truncated("Please check the budget.", ctc_text)
    assert not is_truncated(ctc_text.capitalize() + ".", ctc_text)
    assert not is_truncated("", "")


def test_a_sound_is_cut_where_it_is_quietest() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, 80_000).astype(np.float32)
    noise[48_000:54_400] *= 0.001
    cut = offline.quietest_point(noise)
    assert cut is not None and 48_000 <= cut <= 54_400
    assert offline.quietest_point(noise[:40_000]) is None
