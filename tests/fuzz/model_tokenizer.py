"""Fuzzes a model's tokenizer.json."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from fuzz import model_files
from fuzz.model_files import LIMIT_S, MEMORY_BYTES
from fuzz.mutations import as_json, damaged, damaged_tree

__all__ = ["LIMIT_S", "MEMORY_BYTES", "check", "inputs", "prepare"]
NAME = "tokenizer.json"
#: Parts that a file may have; some make endless texts.
PARTS: dict[str, list[Any]] = {
    "normalizer": [
        {"type": "NFKC"},
        {"type": "Replace", "pattern": {"String": ""}, "content": "x" * 1000},
        {"type": "Prepend", "prepend": "x" * 10_000},
        {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]},
        {"type": "Precompiled", "precompiled_charsmap": "AAAA"},
    ],
    "pre_tokenizer": [
        {
            "type": "Split",
            "pattern": {"Regex": "(a|aa)+$"},
            "behavior": "Isolated",
            "invert": False,
        },
        {"type": "Sequence", "pretokenizers": []},
        {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always"},
    ],
    "decoder": [
        {"type": "Replace", "pattern": {"String": "e"}, "content": "x" * 1000},
        {"type": "Sequence", "decoders": [{"type": "Fuse"}]},
        {"type": "Strip", "content": "a", "start": 1 << 40, "stop": 0},
    ],
    "truncation": [
        {
            "direction": "Right",
            "max_length": 1,
            "strategy": "LongestFirst",
            "stride": 0,
        }
    ],
    "padding": [
        {
            "strategy": {"Fixed": 1 << 30},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "a",
        }
    ],
    "model": [{"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}],
}
_samples: list[bytes] = []


def prepare(folder: Path) -> None:
    _samples[:] = [model_files.sample(NAME, folder)]
    check(_samples[0], folder)  # imports MLX, too


def inputs() -> st.SearchStrategy[bytes]:
    tree = json.loads(_samples[0])
    trees = [{**tree, name: part} for name in PARTS for part in PARTS[name]]
    return damaged(_samples) | damaged_tree([tree, *trees], as_json, most=4)


def check(data: bytes, folder: Path) -> None:
    model_files.check_file(NAME, data, folder)
