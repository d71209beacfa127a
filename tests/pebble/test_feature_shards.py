"""Shards on disk, and the rows that the encoder is trained on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def speak(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("speak")


def write_set(speak: ModuleType, work: Path, name: str, lengths_s: list[float]) -> None:
    """Write a set with sounds of these lengths."""
    (work / "speech").mkdir(exist_ok=True)
    ids = [f"{name}-{number}" for number in range(len(lengths_s))]
    rows = [json.dumps({"id": i, "text": i, "raw": i, "cased": True}) for i in ids]
    (work / f"{name}.jsonl").write_text("\n".join(rows) + "\n")

    def utterances() -> Iterator[tuple[str, Any]]:
        rng = np.random.default_rng(1)
        for given, length_s in zip(ids, lengths_s, strict=True):
            sound = rng.normal(0, 0.1, int(length_s * 16_000)).astype(np.float32)
            times = [(0.1, "?"), (length_s - 0.1, "")]
            yield given, speak.Spoken(sound, times, 0.1, [])

    speak.write_shard(work / "speech" / f"{name}-000", utterances())


def test_written_shards_are_read_back(
    script: Callable[[str], ModuleType], speak: ModuleType, tmp_path: Path
) -> None:
    write_set(speak, tmp_path, "train", [1.0, 2.0])
    first, second = script("feature_shards").FeatureShards(tmp_path, "train").utterances
    assert (first.id, second.id) == ("train-0", "train-1")
    assert (len(first.rows), len(second.rows)) == (100, 200)
    assert first.phonemes[:5].tolist() == [0] * 5
    assert set(first.phonemes[5:45]) == {255}
    assert not first.phonemes[45:].any()


def test_set_may_be_repeated_and_shards_may_be_added_later(
    script: Callable[[str], ModuleType], speak: ModuleType, tmp_path: Path
) -> None:
    write_set(speak, tmp_path, "train", [1.0])
    write_set(speak, tmp_path, "people", [1.0, 1.0])
    FeatureShards = script("feature_shards").FeatureShards
    speech = FeatureShards(tmp_path, "train", "people", often={"people": 3})
    assert len(speech.utterances) == 1 + 6
    for ending in (".rows.npy", ".npz"):
        old = tmp_path / "speech" / f"train-000{ending}"
        (tmp_path / "speech" / f"train-001{ending}").write_bytes(old.read_bytes())
    speech.refresh()
    speech.refresh()
    assert len(speech.utterances) == 2 + 6


def test_row_has_the_requested_length_and_its_sentences(
    script: Callable[[str], ModuleType], speak: ModuleType, tmp_path: Path
) -> None:
    write_set(speak, tmp_path, "train", [1.0, 1.5, 2.0, 9.0])
    speech = script("feature_shards")
    joiner = speech.Joiner(speech.FeatureShards(tmp_path, "train"), seed=1)
    for _ in range(12):
        item = joiner.item(170)
        assert item.frames.shape == (170, 160)
        assert item.phonemes.shape == (170,)
        assert 1 <= len(item.ids) <= 3
        assert "train-3" not in item.ids, "9 s do not fit"
