import json
from pathlib import Path

import numpy as np
import pytest

from mica.bench import latency
from mica.bench.latency import LatencyCases, measure_case, spread_recordings
from mica.bench.metrics import quality
from mica.bench.report import Row
from mica.bench.rival import Rival, fp32_copy
from mica.bench.speech import SOON_S, Clip, recording
from mica.bench.streaming import stream
from mica.events import Style
from mica.model.granite import Granite
from mica.model.load import load_model
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("bench") / "tiny")


@pytest.fixture(scope="module")
def model(folder: Path) -> Granite:
    return load_model(folder)


def clip(
    seconds: float, words: str | None = "one two", end_s: float | None = None
) -> Clip:
    random = np.random.default_rng(3)
    samples = random.standard_normal(round(seconds * RATE_HZ)) / 10
    ends_s = None if end_s is None else (end_s,)
    return Clip(samples.astype(np.float32), words, ends_s)


def test_recording_has_the_requested_length_and_ends_in_speech() -> None:
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
    found = quality([("one two three", text)])
    assert found.wer_percent == pytest.approx(percent)


def test_work_that_lags_behind_the_speaker_counts_at_the_end(model: Granite) -> None:
    result = stream(model, clip(1.5).samples, Style.RAW)
    assert result.release_to_text_s > 0
    assert result.transcript.timing.llm_passes > 0
    assert result.transcript.duration_s == 1.5


def test_both_sides_of_a_case_are_measured(
    model: Granite, folder: Path, tmp_path: Path
) -> None:
    rival = Rival(fp32_copy(folder, tmp_path), model.tokenizer)
    rivals = dict.fromkeys(latency.RIVALS, rival)
    sides = measure_case(model, rivals, [clip(1.0), clip(1.2)], Style.RAW)
    assert list(sides) == ["ours", *latency.RIVALS]
    for side in sides.values():
        assert side["release_to_text_p95_ms"] >= side["release_to_text_ms"] > 0
        assert side["llm_passes"] > 0
        assert side["wer_percent"] > 0  # random weights


def test_lengths_are_spread_around_the_case() -> None:
    found = spread_recordings([clip(0.5, "one", 0.4)], 10, 5)
    assert [one.seconds for one in found] == [8, 9, 10, 11, 12]
    assert [one.seconds for one in spread_recordings([clip(1.0)], 10, 1)] == [10]


def test_a_recording_ends_soon_after_its_last_word() -> None:
    made = recording([clip(1.0, "one", 0.5)], 4)
    quiet = made.seconds - made.ends_s[-1] if made.ends_s else None
    assert quiet == pytest.approx(SOON_S)


def test_recordings_begin_with_the_requested_clip() -> None:
    found = [clip(1.0, "a"), clip(1.0, "b"), clip(1.0, "c")]
    assert recording(found, 3, first=5).words == "c a"


def test_samples_pushed_at_once_leave_no_work_at_the_release(model: Granite) -> None:
    samples = clip(24).samples
    fast, slow = (stream(model, samples, Style.RAW, fast_s=n) for n in (20, 0))
    assert fast.transcript.text == slow.transcript.text
    assert fast.transcript.duration_s == 24


def test_the_fp32_copy_holds_no_groups_and_the_same_text(
    folder: Path, model: Granite, tmp_path: Path
) -> None:
    copy = fp32_copy(folder, tmp_path)
    assert "quantization" not in json.loads((copy / "config.json").read_text())
    ids = model.tokenizer.encode("hello")
    theirs = load_model(copy).embed(ids)
    assert np.array_equal(np.array(theirs), np.array(model.embed(ids)))


SIDE = {"release_to_text_ms": 10.0, "llm_passes": 4.0, "wer_percent": 10.0}


def test_rival_with_far_more_errors_is_void() -> None:
    case = {
        "case": "3s",
        "style": "raw",
        "ours": SIDE,
        "mlx-audio": SIDE | {"release_to_text_ms": 20.0, "wer_percent": 15.0},
        "mlx-audio-speculative": SIDE | {"wer_percent": 15.1},
    }
    rows = [row.as_dict() for row in latency._rows(case, latency.RIVALS)]
    theirs = [(row["rival"], row["metric"], row["theirs"]) for row in rows]
    assert theirs == [
        ("mlx-audio", "release_to_text_ms", 20.0),
        ("mlx-audio", "llm_passes", 4.0),
        ("mlx-audio", "wer_percent", 15.0),
        ("mlx-audio-speculative", "release_to_text_ms", None),
        ("mlx-audio-speculative", "llm_passes", None),
        ("mlx-audio-speculative", "wer_percent", 15.1),
    ]


def test_without_a_rival_the_rows_have_none() -> None:
    case = {"case": "3s", "style": "raw", "ours": SIDE}
    rows = latency._rows(case, ())
    assert [(row.metric, row.rival, row.theirs, row.ours) for row in rows] == [
        ("release_to_text_ms", None, None, 10.0),
        ("llm_passes", None, None, 4.0),
        ("wer_percent", None, None, 10.0),
    ]


def test_longer_cases_are_beside_ten_seconds() -> None:
    rows = [
        Row(case, "release_to_text_ms", "raw", rival, ours, None)
        for case, ours in (("3s", 5.0), ("10s", 10.0), ("60s", 12.0))
        for rival in latency.RIVALS
    ]
    (grown,) = latency._growth(rows)
    assert (grown.case, grown.metric, grown.style) == ("60s", latency.GROWTH, "raw")
    assert grown.ours == pytest.approx(1.2)


def test_a_case_that_takes_minutes_is_measured_in_one_style(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request: dict[str, object] = {}
    monkeypatch.setattr(
        latency, "measure_in_child", lambda _, what: request.update(what) or []
    )
    styles = (Style.RAW, Style.PUNCTUATED)
    cases = LatencyCases((3, 600), styles, once_s=(600,))
    latency.run(Path("x"), cases=cases)
    assert request["cases"] == [
        ("raw", 3, latency.FEWER),
        ("punctuated", 3, latency.FEWER),
        ("punctuated", 600, latency.RECORDINGS),
    ]
