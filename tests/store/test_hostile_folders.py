"""Model folders that are damaged or made to do harm are refused by name, at once."""

import json
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mica.errors import ModelError
from mica.model.load import load_model
from mica.store.verify import verify
from support.tiny_model import (
    tiny_config,
    tiny_weights,
    write_safetensors,
    write_tiny_model,
)

WEIGHTS = "model.safetensors"
TENSOR = "projector.linear.weight"
FILES = ("config.json", WEIGHTS, "tokenizer.json", "tokenizer_config.json")
LIMIT_S = 1.0  # of CPU time


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "model", bits=None, layers=2)


@pytest.fixture(autouse=True)
def is_quick(model: Path) -> Iterator[None]:
    """What a test does with a model takes about a second of CPU time, on a busy machine
    up to three."""
    start_s = time.process_time()
    yield
    assert time.process_time() - start_s < 5 * LIMIT_S


def refused(model: Path, also_by: Callable[[Path], list[str]] = verify) -> str:
    """The problem that both the check and the engine find."""
    with pytest.raises(ModelError) as caught:
        load_model(model).warm_up()
    found = also_by(model)
    assert caught.value.what.startswith(found[0].rstrip("."))
    assert caught.value.remedy and caught.value.line().isprintable()
    return found[0]


def edit_config(model: Path, path: str, value: object) -> None:
    config = json.loads((model / "config.json").read_text())
    *sections, key = path.split(".")
    inside = config
    for section in sections:
        inside = inside[section]
    inside[key] = value
    (model / "config.json").write_text(json.dumps(config))


def edit_header(model: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Rewrite the header of the weights; the values stay."""
    data = (model / WEIGHTS).read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    change(header)
    text = json.dumps(header).encode()
    (model / WEIGHTS).write_bytes(struct.pack("<Q", len(text)) + text + data[begin:])


def edit_tokenizer(model: Path, change: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads((model / "tokenizer.json").read_text())
    change(values)
    (model / "tokenizer.json").write_text(json.dumps(values))


@pytest.mark.parametrize("count", [10**6, 10**9, 10**400])
@pytest.mark.parametrize(
    "layers",
    [
        "encoder_config.num_layers",
        "projector_config.num_hidden_layers",
        "text_config.num_hidden_layers",
    ],
)
def test_more_layers_than_tensors_are_refused(
    model: Path, layers: str, count: int
) -> None:
    edit_config(model, layers, count)
    assert "layers" in refused(model)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("window_size", 10**9),
        ("window_size", 3000),
        ("mica_refresh_frames", 10**9),
        ("text_config.max_position_embeddings", 10**12),
        ("text_config.rms_norm_eps", 1e308),
        ("text_config.rms_norm_eps", 1e-300),
        ("text_config.logits_scaling", 1e-300),
        ("text_config.embedding_multiplier", 1e30),
        ("text_config.attention_multiplier", 1e30),
        ("text_config.residual_multiplier", 1e-30),
        ("text_config.rope_parameters.rope_theta", 1e-5),
        ("projector_config.layer_norm_eps", 1e300),
        ("encoder_config.input_dim", 192),
        ("encoder_config.output_dim", 10**6),
        ("encoder_config.conv_kernel_size", 14),
        ("encoder_config.hidden_dim", 192.5),
        ("encoder_config.hidden_dim", "32"),
        ("encoder_config.hidden_dim", True),
    ],
)
def test_an_absurd_value_is_refused_by_its_name(
    model: Path, path: str, value: object
) -> None:
    edit_config(model, path, value)
    assert path in refused(model)


def overlap(header: dict[str, Any]) -> None:
    header["encoder.out.bias"]["data_offsets"] = [0, 2 * 348]


def shift(header: dict[str, Any]) -> None:
    for name, row in header.items():
        if name != "__metadata__":
            row["data_offsets"] = [2 + offset for offset in row["data_offsets"]]


def leave_gap(header: dict[str, Any]) -> None:
    del header[TENSOR]


def negate(header: dict[str, Any]) -> None:
    header[TENSOR]["data_offsets"] = [-4096, 0]


@pytest.mark.parametrize("change", [overlap, shift, leave_gap, negate])
def test_tensors_that_do_not_fill_the_file_are_refused(
    model: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    edit_header(model, change)
    assert WEIGHTS in refused(model)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shape", [64.0, 32]),
        ("shape", ["64", 32]),
        ("shape", [64, 32, *[1] * 20]),
        ("shape", [True, 64 * 32]),
        ("shape", "6432"),
        ("data_offsets", [0.0, 4096.0]),
        ("data_offsets", ["0", "4096"]),
        ("data_offsets", [0]),
        ("dtype", ["BF16"]),
        ("dtype", "F8"),
    ],
)
def test_a_header_of_other_types_is_refused(model: Path, key: str, value: Any) -> None:
    edit_header(model, lambda header: header[TENSOR].update({key: value}))
    assert refused(model) == f"{WEIGHTS} isn’t a safetensors file."


def test_a_file_longer_than_its_tensors_is_refused(model: Path) -> None:
    os.truncate(model / WEIGHTS, 5 << 30)  # sparse
    assert "longer than its tensors" in refused(model)


def test_a_header_of_many_tensors_is_refused(model: Path) -> None:
    rows = {
        f"a{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
        for n in range(100_000)
    }
    write_header(model / WEIGHTS, rows)
    assert refused(model) == f"{WEIGHTS} isn’t a safetensors file."
    write_header(model / WEIGHTS, dict(list(rows.items())[:30_000]))
    assert "over 20,000 tensors" in refused(model)


def write_header(file: Path, rows: dict[str, Any]) -> None:
    text = json.dumps(rows, separators=(",", ":")).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text)


@pytest.mark.parametrize("name", [*FILES, "out_llm.safetensors"])
def test_a_pipe_in_place_of_a_file_is_refused(model: Path, name: str) -> None:
    (model / name).unlink()
    os.mkfifo(model / name)
    assert refused(model) == f"{name} isn’t a file."


def test_a_pipe_in_place_of_the_index_is_refused(model: Path) -> None:
    os.mkfifo(model / "model.safetensors.index.json")
    assert "index.json isn’t a file" in refused(model)


@pytest.mark.parametrize("name", FILES)
def test_a_device_in_place_of_a_file_is_refused(model: Path, name: str) -> None:
    (model / name).unlink()
    (model / name).symlink_to("/dev/zero")
    assert refused(model) == f"{name} isn’t a file."


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_text_file_of_gigabytes_is_refused(model: Path, name: str) -> None:
    os.truncate(model / name, 3 << 30)  # sparse
    assert "too large" in refused(model)


def test_a_link_to_nothing_is_refused(model: Path) -> None:
    (model / "out_llm.safetensors").unlink()
    (model / "out_llm.safetensors").symlink_to("nowhere")
    assert "out_llm.safetensors" in refused(model)


@pytest.mark.parametrize("listed", [None, [], {"a": []}, {"a": {}}, {"a": 3}])
def test_an_index_without_names_is_refused(model: Path, listed: Any) -> None:
    index = model / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": listed}))
    assert "lists no files" in refused(model)


def test_a_scalar_as_bpe_head_is_refused(model: Path) -> None:
    head = {"weight": np.zeros((), np.float32), "bias": np.zeros((), np.float32)}
    write_safetensors(model / "out_llm.safetensors", head, "F32")
    assert "out_llm.safetensors" in refused(model)


@pytest.mark.parametrize("name", ["\x1b[2Jx", "x" * 5000, "a\nb"])
def test_a_name_of_any_kind_is_told_in_one_short_line(model: Path, name: str) -> None:
    edit_header(model, lambda header: header.update({name: header.pop(TENSOR)}))
    found = verify(model)
    assert len(found) == 2 and all(line.isprintable() for line in found)
    assert max(map(len, found)) < 200
    refused(model)


@pytest.mark.parametrize(
    "tensor", ["encoder.out.bias", "language_model.model.norm.weight"]
)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused_by_the_engine_too(
    model: Path, tensor: str, value: float
) -> None:
    weights = tiny_weights(tiny_config(layers=2))
    weights[tensor][3] = value
    write_safetensors(model / WEIGHTS, weights, "BF16")
    assert verify(model) == [
        f"The tensor {tensor} contains values that aren’t usable numbers."
    ]
    with pytest.raises(ModelError, match="contains values that aren’t usable numbers"):
        load_model(model)


@pytest.mark.parametrize("dtype", ["F32", "BF16"])
def test_values_that_no_weight_has_are_refused(model: Path, dtype: str) -> None:
    weights = tiny_weights(tiny_config(layers=2))
    weights["encoder.layers.0.ff1.up_proj.weight"] *= np.float32(1e30)
    write_safetensors(model / WEIGHTS, weights, dtype)
    assert "encoder.layers.0.ff1.up_proj.weight" in verify(model)[0]
    with pytest.raises(ModelError, match="aren’t usable numbers"):
        load_model(model)


def test_a_model_whose_results_overflow_is_refused(model: Path) -> None:
    weights = tiny_weights(tiny_config(layers=2))
    layer = "language_model.model.layers.0"
    for part in ("gate_proj", "up_proj", "down_proj"):
        weights[f"{layer}.mlp.{part}.weight"] *= np.float32(1e8)
    weights[f"{layer}.post_attention_layernorm.weight"] *= np.float32(1e8)
    write_safetensors(model / WEIGHTS, weights, "F32")
    assert verify(model) == []
    with pytest.raises(ModelError, match="results aren’t finite numbers"):
        load_model(model).warm_up()


def fill(text: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": "e"}, "content": text * 1000}


@pytest.mark.parametrize(
    ("part", "value", "name"),
    [
        ("normalizer", fill("e"), "Replace"),
        ("normalizer", {"type": "Sequence", "normalizers": [fill("e")]}, "Replace"),
        ("normalizer", {"type": "Prepend", "prepend": "e" * 9999}, "Prepend"),
        ("decoder", fill("e"), "Replace"),
        ("decoder", {"type": "Sequence", "decoders": [fill("e")]}, "Replace"),
        ("model", {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}, "Word"),
    ],
)
def test_a_tokenizer_with_parts_of_other_kinds_is_refused(
    model: Path, part: str, value: object, name: str
) -> None:
    edit_tokenizer(model, lambda values: values.update({part: value}))
    assert name in refused(model)


def test_a_token_beyond_the_decoders_is_refused(model: Path) -> None:
    def give_large_id(values: dict[str, Any]) -> None:
        values["model"]["vocab"]["<|unused_0|>"] = 4_000_000_000

    edit_tokenizer(model, give_large_id)
    assert refused(model) == "The tokenizer has more tokens than the decoder."


def test_an_endless_token_is_refused(model: Path) -> None:
    def give_long_token(values: dict[str, Any]) -> None:
        vocabulary = values["model"]["vocab"]
        vocabulary["x" * 100_000] = vocabulary.pop("<|unused_0|>")

    edit_tokenizer(model, give_long_token)
    assert "endless tokens" in refused(model)


def test_a_tokenizers_padding_and_truncation_are_not_used(model: Path) -> None:
    def bound(values: dict[str, Any]) -> None:
        values["truncation"] = {
            "direction": "Right",
            "max_length": 1,
            "strategy": "LongestFirst",
            "stride": 0,
        }
        values["padding"] = {
            "strategy": {"Fixed": 100_000},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "a",
        }

    text = "transcribe the speech"
    plain = load_model(model).tokenizer.encode(text)
    edit_tokenizer(model, bound)
    assert verify(model) == []
    assert load_model(model).tokenizer.encode(text) == plain


def test_control_characters_do_not_reach_the_text(model: Path) -> None:
    tokenizer = load_model(model).tokenizer
    ids = tokenizer.encode("a\x1b[2J\x00b\x7fc\x85d")
    assert tokenizer.decode(ids) == "a [2J b c d"
