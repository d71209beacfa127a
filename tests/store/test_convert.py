"""Conversion preserves the model: the same names and text at half the size."""

from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mica.errors import ModelError
from mica.model.checkpoint import read_tensors
from mica.model.load import load_model
from mica.store.convert import convert
from mica.store.verify import verify
from support.tiny_model import write_tiny_model


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "original", bits=None, shards=3)


@pytest.mark.parametrize("tied", [False, True])
def test_a_converted_folder_has_no_problems(tmp_path: Path, tied: bool) -> None:
    source = tmp_path / "original"
    write_tiny_model(source, bits=None, shards=3, tied=tied)
    convert(source, tmp_path / "small")
    assert verify(tmp_path / "small") == []


def test_convert_quantizes_only_the_decoder(original: Path, tmp_path: Path) -> None:
    convert(original, tmp_path / "small")
    before, after = read_tensors(original), read_tensors(tmp_path / "small")
    packed = {name for name, stored in after.items() if stored.dtype == "U32"}
    assert len(packed) == 2 * 7 + 2
    assert all(name.startswith("language_model.") for name in packed)
    for name in before.keys() - packed:
        assert raw(before[name]) == raw(after[name])


def raw(stored) -> bytes:
    with stored.file.open("rb") as opened:
        opened.seek(stored.start)
        return opened.read(stored.stop - stored.start)


@pytest.mark.parametrize(("bits", "bound"), [(8, 0.01), (4, 0.2)])
def test_converted_logits_stay_close(
    original: Path, tmp_path: Path, bits: int, bound: float
) -> None:
    convert(original, tmp_path / "small", bits)
    ids = list(range(40))
    original_output, small = (
        model.decoder(model.embed(ids), model.new_cache(), last=40)
        for model in (load_model(original), load_model(tmp_path / "small"))
    )
    assert 0 < float(mx.abs(original_output - small).max()) < bound


def test_a_converted_encoder_is_unchanged(original: Path, tmp_path: Path) -> None:
    convert(original, tmp_path / "small")
    features = np.ones((30, 160), np.float32)
    original_output, small = (
        model.encode(features).hidden
        for model in (load_model(original), load_model(tmp_path / "small"))
    )
    assert mx.array_equal(original_output, small)


def test_progress_counts_every_tensor(original: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    convert(original, tmp_path / "small", 8, lambda *counts: seen.append(counts))
    count = len(read_tensors(original))
    assert seen == [(done, count) for done in range(1, count + 1)]


def test_convert_copies_data_and_no_code(original: Path, tmp_path: Path) -> None:
    (original / "modeling_granite.py").write_text("raise SystemExit")
    convert(original, tmp_path / "small")
    names = {file.name for file in (tmp_path / "small").iterdir()}
    assert "modeling_granite.py" not in names
    assert {"out_llm.safetensors", "tokenizer.json", "chat_template.jinja"} <= names


@pytest.mark.parametrize("bits", [3, 16])
def test_convert_refuses_other_numbers_of_bits(
    original: Path, tmp_path: Path, bits: int
) -> None:
    with pytest.raises(ModelError, match=f"{bits}-bit"):
        convert(original, tmp_path / "small", bits)


def test_convert_refuses_an_existing_folder(original: Path, tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    with pytest.raises(ModelError, match="already exists"):
        convert(original, tmp_path / "small")
    assert list((tmp_path / "small").iterdir()) == []


def test_convert_refuses_a_quantized_folder(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "small")
    with pytest.raises(ModelError, match="already quantized"):
        convert(tmp_path / "small", tmp_path / "smaller")


def test_a_damaged_original_leaves_no_folder(original: Path, tmp_path: Path) -> None:
    shard = original / "model-00002-of-00003.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(ModelError, match="model-00002-of-00003"):
        convert(original, tmp_path / "small")
    assert [file.name for file in tmp_path.iterdir()] == ["original"]


def test_an_interrupted_conversion_leaves_no_folder(
    original: Path, tmp_path: Path
) -> None:
    def disk_full(done: int, _: int) -> None:
        if done == 9:
            raise OSError(28, "No space left on device")

    with pytest.raises(ModelError, match="No space left"):
        convert(original, tmp_path / "small", 8, disk_full)
    assert [file.name for file in tmp_path.iterdir()] == ["original"]
