import json

import numpy as np
import pytest

from mica.bench import effort
from mica.bench.effort import (
    SOON,
    duty_cycle,
    encode_prefill_cycle,
    end_in_silence,
    release_passes,
)
from mica.bench.effort import (
    silence_cost as hour,
)
from mica.bench.speech import Clip
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import RATE_HZ, silence, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("effort") / "tiny"))


@pytest.mark.parametrize("tail_s", [0.0, 1.0])
@pytest.mark.parametrize("quiet", [SOON, 4000])
def test_recording_ends_at_the_given_time_after_its_last_sound(
    tail_s: float, quiet: int
) -> None:
    samples = np.concatenate([silence(0.3), voice(1), silence(tail_s)])
    ended = end_in_silence(samples, quiet)
    assert len(ended) == round(1.3 * RATE_HZ) + quiet
    assert not ended[-quiet:].any()


def test_release_during_speech_leaves_passes_to_do(model: Granite) -> None:
    rows = release_passes(model, [Clip(voice(1), None)], Style.RAW)
    assert [(case, name) for case, name, _, _ in rows[::2]] == [
        ("no pause", "release_passes"),
        ("250ms pause", "release_passes"),
        ("400ms pause", "release_passes"),
    ]
    assert rows[0][3] >= 1


def test_live_text_takes_more_work_than_none(model: Granite) -> None:
    rows = duty_cycle(model, Clip(voice(3), None), Style.RAW)
    work = {name: value for _, name, _, value in rows}
    assert work["gflop_with_live_per_s"] > work["gflop_per_s"] > 0
    assert work["duty_percent"] > 0


def test_encoding_and_prefill_take_less_than_everything(model: Granite) -> None:
    clip = Clip(voice(9), None)
    (_, _, _, percent), (_, _, _, gflop) = encode_prefill_cycle(model, clip)
    whole = {name: value for _, name, _, value in duty_cycle(model, clip, Style.RAW)}
    assert percent > 0
    assert 0 < gflop < whole["gflop_per_s"]


def test_silence_takes_no_work(model: Granite) -> None:
    rows = hour(model, Clip(voice(1), None), quiet_s=20)
    costs = {name: value for _, name, _, value in rows}
    assert costs.pop("first_word_lost") in (0, 1)  # random weights have no words
    assert set(costs.values()) == {0} and len(costs) == 3


def test_the_child_measures_everything(
    model: Granite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mica.model.load.load_model", lambda folder: model)
    monkeypatch.setattr(effort, "clips", lambda folder: [Clip(voice(0.6), None)] * 2)
    request = {"model_folder": "", "clips": None, "styles": ["raw"]}
    effort.main(request | {"lengths_s": [2], "releases": 1, "quiet_s": 2})
    rows = json.loads(capsys.readouterr().out)
    assert {(case, style) for case, _, style, _ in rows} == {
        ("no pause", "raw"),
        ("250ms pause", "raw"),
        ("400ms pause", "raw"),
        ("2s", "raw"),
        ("2s", None),
        ("60s, 3% of the draft wrong", None),
        ("0.0333333min silence", None),
    }
