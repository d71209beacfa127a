"""`verify` reports what is wrong with a folder, without MLX."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mica.store.verify import verify
from support.tiny_model import (
    tiny_config,
    tiny_weights,
    write_safetensors,
    write_tiny_model,
)


@pytest.mark.parametrize("bits", [8, None])
def test_a_good_folder_has_no_problems(tmp_path: Path, bits: int | None) -> None:
    assert verify(write_tiny_model(tmp_path, bits=bits)) == []


def test_every_wrong_tensor_is_listed(tmp_path: Path) -> None:
    write_tiny_model(tmp_path, bits=None)
    weights = tiny_weights(tiny_config())
    del weights["encoder.out.bias"]
    weights["stray"] = np.zeros(1, np.float32)
    write_safetensors(tmp_path / "model.safetensors", weights, "BF16")
    assert verify(tmp_path) == [
        "The tensor encoder.out.bias is missing.",
        "The tensor stray is not part of this model.",
    ]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", ["BF16", "F32"])
def test_values_that_are_not_finite_are_found(
    tmp_path: Path, value: float, dtype: str
) -> None:
    write_tiny_model(tmp_path, bits=None)
    weights = tiny_weights(tiny_config())
    weights["projector.linear.bias"][5] = value
    write_safetensors(tmp_path / "model.safetensors", weights, dtype)
    assert verify(tmp_path) == [
        "The tensor projector.linear.bias contains values that aren’t usable numbers."
    ]


def test_a_bpe_head_of_another_model_is_found(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    head = {
        "weight": np.zeros((999, 32), np.float32),
        "bias": np.zeros(999, np.float32),
    }
    write_safetensors(tmp_path / "out_llm.safetensors", head, "BF16")
    assert verify(tmp_path) == [
        "out_llm.safetensors: The BPE head has another vocabulary than the decoder."
    ]


@pytest.mark.parametrize("part", ["tokenizer.json", "tokenizer_config.json"])
def test_a_damaged_tokenizer_is_found(tmp_path: Path, part: str) -> None:
    write_tiny_model(tmp_path)
    (tmp_path / part).write_text("{")
    assert verify(tmp_path) == [f"The model’s {part} can’t be read."]


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    assert verify(tmp_path / "nowhere") == ["The model folder has no config.json."]


def test_verifying_loads_no_mlx() -> None:
    code = "import sys, mica.store.verify; sys.exit('mlx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
