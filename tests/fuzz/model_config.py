"""Fuzzes a model's config.json."""

import json
from pathlib import Path

from hypothesis import strategies as st

from fuzz import model_files
from fuzz.model_files import LIMIT_S, MEMORY_BYTES
from fuzz.mutations import as_json, damaged, damaged_tree
from support.tiny_model import tiny_config

__all__ = ["LIMIT_S", "MEMORY_BYTES", "check", "inputs", "prepare"]
NAME = "config.json"
TREE = {**tiny_config(layers=2), "quantization": {"group_size": 64, "bits": 8}}
PLAIN = tiny_config(layers=2)


def prepare(folder: Path) -> None:
    check(json.dumps(PLAIN).encode(), _with_model(folder))  # imports MLX, too


def _with_model(folder: Path) -> Path:
    model_files.whole(folder)
    return folder


def inputs() -> st.SearchStrategy[bytes]:
    trees = damaged_tree([PLAIN, TREE], as_json)
    return trees | damaged([json.dumps(PLAIN).encode()])


def check(data: bytes, folder: Path) -> None:
    model_files.check_file(NAME, data, folder)
