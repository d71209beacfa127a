"""Loading is strict, names what is wrong, and executes no code from the folder."""

import json
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mica.errors import ModelError
from mica.model.load import load_model
from mica.model.quantize import Rule
from support.tiny_model import (
    tiny_config,
    tiny_weights,
    write_safetensors,
    write_tiny_model,
)

MISSING = "encoder.layers.2.conv.depth_conv.conv.weight"


def original(folder: Path, **changes: Any) -> Path:
    """An unquantized folder with some tensors replaced, or removed with None."""
    write_tiny_model(folder, bits=None)
    weights = {**tiny_weights(tiny_config()), **changes}
    loaded = {name: array for name, array in weights.items() if array is not None}
    write_safetensors(folder / "model.safetensors", loaded, "BF16")
    return folder


def change_config(folder: Path, path: str, value: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    *sections, key = path.split(".")
    target = config
    for section in sections:
        target = target[section]
    target[key] = value
    (folder / "config.json").write_text(json.dumps(config))


def message(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(folder)
    line = caught.value.line()
    assert "\n" not in line and caught.value.remedy
    return line


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    assert f"{MISSING} is missing" in message(original(tmp_path, **{MISSING: None}))


def test_a_left_over_tensor_is_named(tmp_path: Path) -> None:
    extra = {"encoder.layers.9.extra": np.zeros(3, np.float32)}
    assert "encoder.layers.9.extra is not part" in message(original(tmp_path, **extra))


def test_a_misshaped_tensor_is_named_with_both_shapes(tmp_path: Path) -> None:
    wrong = {"projector.linear.weight": np.zeros((64, 31), np.float32)}
    line = message(original(tmp_path, **wrong))
    assert "projector.linear.weight has the shape (64, 31), not (64, 32)" in line


def test_whole_numbers_where_weights_belong_are_refused(tmp_path: Path) -> None:
    wrong = {"projector.linear.weight": np.zeros((64, 32), np.int64)}
    assert "projector.linear.weight" in message(original(tmp_path, **wrong))


def test_training_counters_and_deeper_nesting_are_taken(tmp_path: Path) -> None:
    write_tiny_model(tmp_path, bits=None)
    weights: dict[str, Any] = {
        name.replace("language_model.model.", "language_model.model.model."): array
        for name, array in tiny_weights(tiny_config()).items()
    }
    counter = "encoder.layers.0.conv.batch_norm.num_batches_tracked"
    weights[counter] = np.zeros((), np.int64)
    write_safetensors(tmp_path / "model.safetensors", weights, "BF16")
    assert load_model(tmp_path).decoder.layers


def test_shards_load_like_one_file(tmp_path: Path) -> None:
    one = load_model(write_tiny_model(tmp_path / "one", bits=None))
    three = load_model(write_tiny_model(tmp_path / "three", bits=None, shards=3))
    features = np.ones((20, 160), np.float32)
    assert mx.array_equal(one.encode(features).hidden, three.encode(features).hidden)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    write_tiny_model(tmp_path, bits=None, shards=3)
    (tmp_path / "model-00002-of-00003.safetensors").unlink()
    assert "no model-00002-of-00003.safetensors" in message(tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model_type", "granite_speech_plus"),
        ("has_lora_adapter", True),
        ("audio_token_index", 10**6),
        ("downsample_rate", 4),
        ("encoder_config.num_layers", 1),
        ("encoder_config.num_layers", "4"),
        ("encoder_config.context_size", 600),
        ("encoder_config.cat_hidden_layers", [3]),
        ("projector_config.model_type", "linear"),
        ("projector_config.hidden_act", "relu"),
        ("projector_config.cross_attention_frequency", 2),
        ("projector_config.encoder_hidden_size", 64),
        ("text_config.model_type", "llama"),
        ("text_config.hidden_act", "gelu"),
        ("text_config.attention_bias", True),
        ("text_config.logits_scaling", 0),
        ("text_config.rope_scaling", {"rope_type": "yarn", "factor": 4.0}),
        ("text_config.rope_parameters.rope_type", "yarn"),
        ("text_config.rope_parameters.factor", 4.0),
        ("quantization.bits", 3),
        ("quantization.mode", "mxfp4"),
    ],
)
def test_an_unknown_architecture_value_is_named(
    tmp_path: Path, path: str, value: object
) -> None:
    write_tiny_model(tmp_path)
    change_config(tmp_path, path, value)
    line = message(tmp_path)
    assert path in line and json.dumps(value)[:10] in line


def test_a_missing_size_is_named(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    change_config(tmp_path, "encoder_config.hidden_dim", None)
    assert "encoder_config.hidden_dim" in message(tmp_path)


def test_missing_folder_or_part_is_reported(tmp_path: Path) -> None:
    assert "config.json" in message(tmp_path / "nowhere")
    for part in ("config.json", "tokenizer.json", "model.safetensors"):
        folder = write_tiny_model(tmp_path / f"without {part}")
        (folder / part).unlink()
        assert part.rsplit(".", maxsplit=1)[-1] in message(folder)


@pytest.mark.parametrize("file", ["model.safetensors", "out_llm.safetensors"])
@pytest.mark.parametrize("size", [0, 4, 5000, -1])
def test_a_truncated_file_is_named(tmp_path: Path, file: str, size: int) -> None:
    write_tiny_model(tmp_path)
    whole = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(whole[:size])
    assert file in message(tmp_path)


class Trap:
    """An object that creates a file when unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_pickled_weights_are_refused_and_never_opened(
    tmp_path: Path, name: str
) -> None:
    folder, sprung = tmp_path / "model", tmp_path / "sprung"
    write_tiny_model(folder)
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Trap(sprung)))
    assert "safetensors" in message(folder)
    assert not sprung.exists()


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b'{"a": 1}',
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "PYOBJ", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [4, 0]}}',
        b"{" * 20_000,
    ],
)
def test_a_forged_header_is_refused(tmp_path: Path, header: bytes) -> None:
    write_tiny_model(tmp_path)
    forged = struct.pack("<Q", len(header)) + header + bytes(64)
    (tmp_path / "model.safetensors").write_bytes(forged)
    assert "model.safetensors isn’t a safetensors file" in message(tmp_path)


@pytest.mark.parametrize("tied", [False, True])
def test_the_rule_of_metal_gives_the_same_model(tmp_path: Path, tied: bool) -> None:
    write_tiny_model(tmp_path, tied=tied)
    reference = load_model(tmp_path)
    loaded = load_model(tmp_path, Rule(mx.bfloat16, is_quantized=True))
    assert loaded.decoder.layers[0].feed.up.weight.dtype == mx.uint32
    features = np.random.RandomState(0).standard_normal((220, 160)).astype(np.float32)
    hidden = [model.encode(features).hidden for model in (reference, loaded)]
    assert alike(*hidden)
    ids = list(range(30))
    assert alike(
        *(
            model.decoder(
                mx.concatenate([model.embed(ids), model.project(one)]),
                model.new_cache(),
                last=40,
            )
            for model, one in zip((reference, loaded), hidden, strict=True)
        )
    )


def alike(reference: mx.array, loaded: mx.array) -> bool:
    """Cosine similarity is near 1; bfloat16 keeps 8 bits, so the last digits differ."""
    assert loaded.dtype == mx.bfloat16
    a, b = (np.array(x.astype(mx.float32)).ravel() for x in (reference, loaded))
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) > 0.999


def test_an_encoder_in_groups_loads_by_either_rule(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    weights: dict[str, Any] = dict(tiny_weights(tiny_config()))
    change_config(tmp_path, "quantization.group_size", 32)
    for stem in ("encoder.input_linear", "encoder.layers.1.attn.to_q"):
        packed = mx.quantize(mx.array(weights.pop(f"{stem}.weight")), 32, 8)
        for part, value in zip(("weight", "scales", "biases"), packed, strict=True):
            weights[f"{stem}.{part}"] = np.array(value)
    write_safetensors(tmp_path / "model.safetensors", weights, "F32")
    features = np.random.RandomState(0).standard_normal((60, 160)).astype(np.float32)
    reference, loaded = (
        load_model(tmp_path, rule).encode(features).hidden
        for rule in (None, Rule(mx.bfloat16, is_quantized=True))
    )
    assert alike(reference, loaded)


def test_loading_imports_no_framework_but_mlx() -> None:
    code = (
        "import sys, mica.model.load;"
        "sys.exit(any(x in sys.modules for x in ('torch','transformers','mlx_audio')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_template_of_the_folder_is_never_rendered(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    (tmp_path / "chat_template.jinja").write_text("{{ 1 / 0 }}")
    prefix, _ = load_model(tmp_path).render_prompt("hello", 3)
    assert prefix
