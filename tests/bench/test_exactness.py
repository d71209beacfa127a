import json

import numpy as np
import pytest

from engine.sounds import RATE_HZ, silence, voice
from mica.bench import exactness_child
from mica.bench.exactness_child import (
    SOON,
    encoding,
    ending,
    equality,
    keeping,
    refresh_error,
    releases,
)
from mica.bench.feed import fed
from mica.bench.speech import Clip
from mica.engine.answer import SegmentResult
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model
from tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("exactness") / "tiny"))


@pytest.mark.parametrize("tail_s", [0.0, 1.0])
@pytest.mark.parametrize("quiet", [SOON, 4000])
def test_a_recording_ends_so_long_after_its_last_sound(
    tail_s: float, quiet: int
) -> None:
    samples = np.concatenate([silence(0.3), voice(1), silence(tail_s)])
    ended = ending(samples, quiet)
    assert len(ended) == round(1.3 * RATE_HZ) + quiet
    assert not ended[-quiet:].any()


def test_every_segments_samples_and_result_are_kept(model: Granite) -> None:
    kept: list[tuple[np.ndarray, SegmentResult]] = []
    samples = np.concatenate([voice(1), silence(0.5)])
    heard = fed(model, samples, Style.RAW, live=False, reader=keeping(kept))
    ((segment, result),) = kept
    assert len(segment) == round(1.2 * RATE_HZ)
    assert result.text == heard.transcript.text


def test_up_to_two_blocks_tokens_equal_the_plain_paths(model: Granite) -> None:
    rows = equality(model, [Clip(voice(1), None)], Style.RAW)
    assert [name for _, name, _, _ in rows] == [
        "tokens_equal_percent",
        "near_ties_per_1000_tokens",
        "draft_accepted_percent",
    ]
    assert rows[0][3] == 100


def test_a_release_amid_speech_leaves_passes_to_do(model: Granite) -> None:
    rows = releases(model, [Clip(voice(1), None)], Style.RAW)
    assert [(case, name) for case, name, _, _ in rows[::2]] == [
        ("clips", "release_passes"),
        ("clips, 250ms pause", "release_passes"),
        ("clips, 400ms pause", "release_passes"),
    ]
    assert rows[0][3] >= 1


def test_refreshed_blocks_are_nearly_the_plain_paths(model: Granite) -> None:
    error = refresh_error(model, voice(13))
    assert error is not None and 0 < error < 0.1


def test_without_a_block_that_is_final_early_there_is_no_error(model: Granite) -> None:
    assert refresh_error(model, voice(2)) is None
    rows = encoding(model, Clip(voice(2), None))
    assert [name for _, name, _, _ in rows] == ["duty_encode_prefill_percent"]


def test_the_child_measures_every_style(
    model: Granite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(exactness_child, "load_model", lambda folder: model)
    monkeypatch.setattr(exactness_child, "clips", lambda: [Clip(voice(0.6), None)] * 2)
    exactness_child.main(
        {"model_folder": "", "styles": ["raw"], "lengths_s": [2], "clips": 1}
    )
    rows = json.loads(capsys.readouterr().out)
    assert {(case, style) for case, _, style, _ in rows} == {
        ("all", "raw"),
        ("clips", "raw"),
        ("clips, 250ms pause", "raw"),
        ("clips, 400ms pause", "raw"),
        ("2s", "raw"),
        ("2s", None),
    }
