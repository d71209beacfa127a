"""`mica bench rooms`: right figures for a detector that is right, wrong for others."""

from pathlib import Path

import numpy as np
import pytest

from mica.bench import rooms
from mica.bench.report import Row, bar_of
from mica.bench.speech import read_clip
from mica.paths import resource
from support.detectors import Scripted
from support.sounds import RATE_HZ, Floats, voice


@pytest.fixture(scope="module")
def clean() -> Floats:
    return read_clip(resource("demo.wav")).samples[: 12 * RATE_HZ]


def values(rows: list[Row]) -> dict[str, float]:
    return {row.metric: row.ours for row in rows}


def measured(clean: Floats) -> dict[str, float]:
    truths = [rooms.true_speech(clean)]
    return values(rooms.measure("x", lambda samples, chance: samples, [clean], truths))


def test_speech_in_the_demo_is_detected_correctly(clean: Floats) -> None:
    found = measured(clean)
    assert found["pauses_found_percent"] == 100
    assert found["pause_known_in_250ms_percent"] == 100
    assert 0 <= found["pause_known_p50_ms"] <= found["pause_known_p90_ms"] <= 220
    assert found["speech_lost_percent"] < 0.3
    assert found["false_speech_percent"] == 0
    assert found["forced_cuts_percent"] == 0


def test_detector_without_speech_loses_all_words(
    clean: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.audio.vad.SileroVad", lambda: Scripted(0.0))
    found = measured(clean)
    assert found["speech_lost_percent"] == 100
    assert found["false_speech_percent"] == 0


def test_detector_that_reports_noise_as_speech_finds_no_pause(
    clean: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.audio.vad.SileroVad", lambda: Scripted(1.0))
    found = measured(clean + voice(12, 0.05))
    assert found["pauses_found_percent"] == 0
    assert found["false_speech_percent"] > 95
    assert found["speech_lost_percent"] == 0


def test_ground_truth_covers_the_speech_in_the_demo(clean: Floats) -> None:
    truth = rooms.true_speech(clean)
    level = np.abs(clean[: len(truth) * 160].reshape(-1, 160)).max(axis=1)
    assert not truth[:30].any() and 0.2 < truth.mean() < 0.95
    assert level[truth].mean() > 20 * level[~truth].mean()
    assert not rooms.true_speech(voice(3)).any()


def test_noise_without_speech_is_not_encoded_and_ends_a_dictation(
    clean: Floats,
) -> None:
    def make(count: int, chance: np.random.Generator, voices: object) -> Floats:
        return voice(count / RATE_HZ)

    found = values(rooms.alone("hiss", make, [clean[: 5 * RATE_HZ]], []))
    assert found["encoded_of_60s_noise_s"] == 0
    assert 14.5 < found["quiet_stop_earliest_s"] <= found["quiet_stop_latest_s"] < 17


def test_every_room_with_a_bar_is_measured() -> None:
    names = [*rooms.conditions(rooms.NOISES, []), *rooms.NOISES]
    for noise in ("fan", "keys", "street", "kitchen"):
        row = {"case": f"{noise} 10 dB", "metric": "pauses_found_percent"}
        assert row["case"] in names
        assert bar_of(row | {"style": None, "rival": None}) is not None


def test_given_clips_and_noises_are_used(
    clean: Floats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def counted(name: str, *_more: object) -> list[Row]:
        names.append(name)
        return []

    monkeypatch.setattr(rooms, "measure", counted)
    monkeypatch.setattr(rooms, "alone", counted)
    (tmp_path / "drill.wav").write_bytes(resource("demo.wav").read_bytes())
    rooms.run(folder=tmp_path, noises=tmp_path, recordings=1)
    assert {"clean", "drill 10 dB", "drill"} <= set(names)
