import wave
from pathlib import Path

import numpy as np
import pytest

from mica import paths
from mica.bench import captions
from mica.bench.captions import figures, spoken, timed, word_ends
from mica.bench.metrics import SpokenWord
from mica.bench.speech import Clip, clips, read_clip, recording
from mica.bench.streaming import StreamResult, stream
from mica.events import Commit, SegmentText, Style, Tentative, Transcript
from mica.model.granite import Granite
from mica.model.load import load_model
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("captions") / "tiny"))


def noise(seconds: float) -> np.ndarray:
    random = np.random.default_rng(3)
    samples = random.standard_normal(round(seconds * RATE_HZ)) / 10
    return samples.astype(np.float32)


def write_clip(folder: Path, words: str, times: str) -> Path:
    file = folder / "00.wav"
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(RATE_HZ)
        opened.writeframes(bytes(2 * RATE_HZ))
    file.with_suffix(".txt").write_text(words)
    file.with_suffix(".times").write_text(times)
    return file


def test_word_ends_are_read_beside_a_clip(tmp_path: Path) -> None:
    clip = read_clip(write_clip(tmp_path, "One two.\n", "0.250\n0.900\n"))
    assert (clip.words, clip.ends_s) == ("One two.", (0.25, 0.9))


def test_word_ends_that_are_not_one_for_each_word_are_left_out(tmp_path: Path) -> None:
    assert read_clip(write_clip(tmp_path, "One two.\n", "0.250\n")).ends_s is None


def test_test_clips_have_word_ends() -> None:
    assert paths.resource("demo.wav").exists()
    assert all(clip.ends_s and max(clip.ends_s) < clip.seconds for clip in clips())


def test_word_ends_move_with_their_clip() -> None:
    parts = [Clip(noise(2), "a b", (0.5, 1.5)), Clip(noise(1), "c", (0.75,))]
    made = recording(parts, 4)
    # The last clip ends 40 ms after its word; the rest is split between both pauses.
    assert made.ends_s == pytest.approx((1.105, 2.105, 3.96))


def test_recording_with_a_clip_without_word_ends_has_none() -> None:
    parts = [Clip(noise(2), "a b", (0.5, 1.5)), Clip(noise(1), "c")]
    assert recording(parts, 4).ends_s is None


def test_both_parts_of_a_word_with_a_hyphen_end_with_it() -> None:
    clip = Clip(noise(1), "Twenty-five, please.", (0.5, float("nan")))
    assert spoken(clip) == [
        SpokenWord("twenty", 0.5),
        SpokenWord("five", 0.5),
        SpokenWord("please", None),
    ]


def test_word_ends_with_the_last_frame_of_its_last_letter() -> None:
    labels = [0, *map(ord, "hhi"), 0, 0, ord(" "), 0, *map(ord, "yoo"), 0, 0]
    assert word_ends(labels) == [
        ("hi", pytest.approx(0.08)),
        ("yo", pytest.approx(0.22)),
    ]


def test_words_missing_from_the_ctc_text_have_no_end(model: Granite) -> None:
    clip = timed(model, Clip(noise(1), "one two"))
    assert [word.end_s for word in spoken(clip)] == [None, None]


def test_the_figures_of_a_recording() -> None:
    segment = SegmentText(0.0, 2.0, "One two.")
    updates = [
        (0.75, [Tentative("won")]),
        (1.25, [Tentative("one to")]),
        (2.25, [Commit(segment, 1.0)]),
    ]
    result = StreamResult(updates, Transcript("One two.", "tiny", 2.0), 0.25, 0.1)
    clip = Clip(noise(2), "One two three.", (0.5, 1.0, 1.75))
    assert figures(clip, result) == {
        "delay_p50_s": 0.75,
        "delay_p95_s": 1.25,
        "upwr": 2 / 2,
        "normalized_erasure": 2 / 2,
        "committed_changed": 0,
        "never_shown_percent": pytest.approx(100 / 3),
    }
    assert set(figures(clip, result)) == set(captions.METRICS)


def test_live_text_events_have_their_time(model: Granite) -> None:
    result = stream(model, noise(2.3), Style.RAW)
    times_s = [at_s for at_s, _ in result.updates]
    assert times_s == sorted(times_s)
    assert times_s[0] >= 0.02
    assert times_s[-1] == pytest.approx(2.3 + result.release_to_text_s)
    assert any(
        isinstance(what, Tentative) for _, update in result.updates for what in update
    )


def test_no_live_text_gives_no_tentative_updates(model: Granite) -> None:
    result = stream(model, noise(1.2), Style.RAW, live=False)
    assert not any(
        isinstance(what, Tentative) for _, update in result.updates for what in update
    )


def test_child_process_names_the_source_of_its_word_ends(
    model: Granite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mica.model.load.load_model", lambda folder: model)
    monkeypatch.setattr(captions, "clips", lambda folder: [Clip(noise(1), "one two")])
    captions.main(
        {"model_folder": "", "clips": None, "cases_s": [2], "styles": ["raw"]}
    )
    assert '"case": "2s, ends by CTC", "style": "raw"' in capsys.readouterr().out
