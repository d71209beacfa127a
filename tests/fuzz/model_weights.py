"""Fuzzes the header of a model's safetensors file."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from fuzz import model_files
from fuzz.model_files import LIMIT_S, MEMORY_BYTES
from fuzz.mutations import as_json, damaged, damaged_tree

__all__ = ["LIMIT_S", "MEMORY_BYTES", "check", "inputs", "prepare"]
NAME = "model.safetensors"
_header: list[bytes] = []  # and its length
_values: list[bytes] = []


def prepare(folder: Path) -> None:
    data = model_files.sample(NAME, folder)
    begin = 8 + int.from_bytes(data[:8], "little")
    _header[:], _values[:] = [data[:begin]], [data[begin:]]
    check(_header[0], folder)  # imports MLX, too


def inputs() -> st.SearchStrategy[bytes]:
    tree = json.loads(_header[0][8:])
    return damaged(_header) | damaged_tree([tree], _with_length, most=4)


def _with_length(tree: Any) -> bytes:
    text = as_json(tree)
    return len(text).to_bytes(8, "little") + text


def check(data: bytes, folder: Path) -> None:
    model_files.check_file(NAME, data + _values[0], folder)
