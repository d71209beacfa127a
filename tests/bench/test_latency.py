import json
from pathlib import Path

import numpy as np
import pytest

from mica.bench import latency
from mica.bench.feed import fed
from mica.bench.latency_child import _case
from mica.bench.rival import Rival, fp32_copy
from mica.bench.speech import Clip, recording
from mica.bench.wer import wer_percent
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model
from tiny_model import write_tiny_model

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("bench") / "tiny")


@pytest.fixture(scope="module")
def model(folder: Path) -> Granite:
    return load_model(folder)


def clip(seconds: float, words: str | None = "one two") -> Clip:
    random = np.random.default_rng(3)
    samples = random.standard_normal(round(seconds * RATE_HZ)) / 10
    return Clip(samples.astype(np.float32), words)


def test_a_recording_is_as_long_as_asked_and_ends_in_speech() -> None:
    made = recording([clip(2.0, "a b"), clip(1.0, "c")], 10)
    assert len(made.samples) == 10 * RATE_HZ
    assert made.words == "a b c a b c a b"
    assert made.samples[-1] != 0


def test_a_recording_shorter_than_every_clip_is_cut_off_and_has_no_words() -> None:
    made = recording([clip(5.0)], 3)
    assert len(made.samples) == 3 * RATE_HZ
    assert made.words is None


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("One, two three.", 0.0),
        ("one too three", 100 / 3),
        ("one three", 100 / 3),
        ("", 100.0),
        ("one two three four five six", 100.0),
    ],
)
def test_word_errors_count_changes_per_word_of_the_reference(
    text: str, percent: float
) -> None:
    assert wer_percent("one two three", text) == pytest.approx(percent)


def test_work_that_falls_behind_the_speaker_counts_at_the_end(model: Granite) -> None:
    heard = fed(model, clip(1.5).samples, Style.RAW)
    assert heard.release_to_text_s > 0
    assert heard.transcript.timing.llm_passes > 0
    assert heard.transcript.duration_s == 1.5


def test_both_sides_of_a_case_are_measured(
    model: Granite, folder: Path, tmp_path: Path
) -> None:
    rival = Rival(fp32_copy(folder, tmp_path), model.tokenizer)
    rivals = dict.fromkeys(latency.RIVALS, rival)
    case = _case(model, rivals, clip(1.0), Style.RAW, repeats=1)
    assert (case["case"], case["style"]) == ("1s", "raw")
    for side in ("ours", *latency.RIVALS):
        assert case[side]["release_to_text_ms"] > 0
        assert case[side]["llm_passes"] > 0


def test_the_fp32_copy_holds_no_groups_and_the_same_text(
    folder: Path, model: Granite, tmp_path: Path
) -> None:
    copy = fp32_copy(folder, tmp_path)
    assert "quantization" not in json.loads((copy / "config.json").read_text())
    ids = model.tokenizer.encode("hello")
    theirs = load_model(copy).embed(ids)
    assert np.array_equal(np.array(theirs), np.array(model.embed(ids)))


def test_a_rival_that_errs_much_more_than_we_is_void() -> None:
    side = {"release_to_text_ms": 10.0, "llm_passes": 4.0, "wer": 10.0}
    case = {
        "case": "3s",
        "style": "raw",
        "ours": side,
        "mlx-audio": side | {"release_to_text_ms": 20.0, "wer": 15.0},
        "mlx-audio-speculative": side | {"wer": 15.1},
    }
    rows = [row.as_dict() for row in latency._rows(case, against=True)]
    ratios = [(row["rival"], row["metric"], row["ratio"]) for row in rows]
    assert ratios == [
        ("mlx-audio", "release_to_text_ms", 2.0),
        ("mlx-audio", "llm_passes", 1.0),
        ("mlx-audio-speculative", "release_to_text_ms", None),
        ("mlx-audio-speculative", "llm_passes", None),
    ]


def test_without_a_rival_the_rows_have_none() -> None:
    side = {"release_to_text_ms": 10.0, "llm_passes": 4.0, "wer": 10.0}
    case = {"case": "3s", "style": "raw", "ours": side}
    rows = [row.as_dict() for row in latency._rows(case, against=False)]
    assert [(row["rival"], row["ours"]) for row in rows] == [(None, 10.0), (None, 4.0)]
