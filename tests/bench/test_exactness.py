import json
from random import Random

import numpy as np
import pytest

from mica.bench import exactness
from mica.bench.exactness import (
    events_changed_by_cuts,
    joining_cost,
    refresh_error,
    segmentation_cost,
    token_equality,
)
from mica.bench.speech import Clip
from mica.bench.streaming import pieces, transcribe_in_pieces
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import RATE_HZ, silence, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("exactness") / "tiny"))


def test_pieces_are_the_samples_in_order() -> None:
    samples = voice(5)
    cut = list(pieces(samples, Random(1)))
    assert np.array_equal(np.concatenate(cut), samples)
    assert len({len(piece) for piece in cut}) > 3


def test_every_segments_samples_and_result_are_kept(model: Granite) -> None:
    samples = np.concatenate([voice(1), silence(0.5)])
    transcription = transcribe_in_pieces(model, samples, Style.RAW, Random(1))
    ((segment, result),) = transcription.segments
    assert np.array_equal(segment, samples[: len(segment)])
    assert RATE_HZ < len(segment) < len(samples)  # the silence is left out
    assert result.text == transcription.transcript.text


def test_tokens_of_up_to_two_blocks_equal_the_offline_reader(model: Granite) -> None:
    results = transcribe_in_pieces(model, voice(1), Style.RAW, Random(1)).segments
    rows = token_equality(model, Style.RAW, results)
    assert [name for name, _, _ in rows] == [
        "tokens_equal_percent",
        "near_ties_per_1000_tokens",
        "draft_accepted_percent",
    ]
    assert rows[0][2] == 100


def test_joining_loss_is_compared_with_single_sentences() -> None:
    one, two = Clip(voice(1), "One two."), Clip(voice(2), "One two. Three four.")
    rows = joining_cost(
        Style.PUNCTUATED, [one], ["One two."], [two], ["One two three four."]
    )
    found = {(case, name): value for case, name, _, value in rows}
    assert found["alone", "marks_f1_percent"] == 100
    assert found["in a row", "marks_f1_lost_points"] == pytest.approx(100 / 3)
    assert found["in a row", "capitals_f1_lost_points"] == pytest.approx(100 / 3)
    assert found["in a row", "wer_percent"] == 0


def test_cutting_loss_is_compared_with_the_whole(model: Granite) -> None:
    clip = Clip(voice(1), "one two")
    rows = {
        name: value
        for _, name, _, value in segmentation_cost(model, Style.RAW, [clip], [""])
    }
    assert rows["wer_segments_percent"] == 100
    assert rows["wer_added_points"] == 100 - rows["wer_whole_percent"]


def test_no_cut_changes_an_event(model: Granite) -> None:
    ((case, _, _, changed),) = events_changed_by_cuts(
        model, Style.RAW, Clip(voice(2), None), 3
    )
    assert (case, changed) == ("2s cut in 3 ways", 0)


def test_refreshed_blocks_nearly_equal_the_offline_reader(model: Granite) -> None:
    error = refresh_error(model, voice(13))
    assert error is not None and 0 < error < 0.1


def test_no_early_final_block_means_no_error(model: Granite) -> None:
    assert refresh_error(model, voice(2)) is None


def test_the_child_measures_a_style(
    model: Granite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mica.model.load.load_model", lambda folder: model)
    monkeypatch.setattr(
        exactness, "clips", lambda folder: [Clip(voice(0.6), "one")] * 2
    )
    amount = {"utterances": 2, "long_s": [9], "short_s": [2], "cut_s": 1, "cuts": 2}
    request = {"model_folder": "", "clips": None, "style": "raw", "amount": amount}
    exactness.main(request)
    rows = json.loads(capsys.readouterr().out)
    assert {(case, style) for case, _, style, _ in rows} == {
        ("2 utterances, 1 recordings", "raw"),
        ("alone", "raw"),
        ("in a row", "raw"),
        ("up to 24s", "raw"),
        ("1s cut in 2 ways", "raw"),
        ("1 segments", None),
    }
