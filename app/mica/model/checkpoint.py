"""Lists the tensors in a model folder and checks that they are the right ones.

Reads safetensors headers only: no values, no MLX. No other format is opened, so no code
in a model folder can run.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mica.errors import ModelError
from mica.model.config import REMEDY, GraniteConfig, Quantization, read_json
from mica.model.tensor_names import Entry, canonical, layout

BPE_HEAD_FILE: Final = "out_llm.safetensors"
INDEX_FILE: Final = "model.safetensors.index.json"
FLOAT_BYTES: Final = {"F32": 4, "F16": 2, "BF16": 2}
BYTES: Final = {**FLOAT_BYTES, "U32": 4, "I64": 8}
_LENGTH_BYTES: Final = 8
_LONGEST_HEADER: Final = 100_000_000  # the format's own limit


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor's location: bytes `start` to `stop` of `file`, as `dtype`.

    name   as in the file; the table's name may differ (tensor_names.canonical)
    """

    file: Path
    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def read_tensors(folder: Path) -> dict[str, Stored]:
    """The model's tensors by their names in the table, without the BPE head's."""
    tensors: dict[str, Stored] = {}
    for file in _weight_files(folder):
        for stored in read_header(file):
            name = canonical(stored.name)
            if name is None:
                continue
            if name in tensors:
                raise ModelError(f"The tensor {name} appears twice.", REMEDY)
            tensors[name] = stored
    return tensors


def read_header(file: Path) -> list[Stored]:
    """The tensors of one safetensors file; ModelError if it is damaged."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(_LENGTH_BYTES), "little")
            if size < _LENGTH_BYTES or length > min(size, _LONGEST_HEADER):
                raise ModelError(f"{file.name} is not a safetensors file.", REMEDY)
            header = json.loads(opened.read(length))
        begin = _LENGTH_BYTES + length
        rows = [(name, row) for name, row in header.items() if name != "__metadata__"]
        tensors = [_stored(file, name, row, begin) for name, row in rows]
    except OSError as error:
        raise ModelError(f"{file.name} cannot be read.", REMEDY) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError(f"{file.name} is not a safetensors file.", REMEDY) from error
    if max((tensor.stop for tensor in tensors), default=begin) > size:
        raise ModelError(f"{file.name} is cut off.", REMEDY)
    return tensors


def problems(config: GraniteConfig, tensors: Mapping[str, Stored]) -> list[str]:
    """Tensors that are missing, unexpected or wrongly shaped; one sentence each."""
    expected = {entry.name: entry for entry in _expected(config, tensors)}
    found = [
        f"The tensor {name} is missing." for name in expected if name not in tensors
    ]
    found += [
        f"The tensor {name} is not part of this model."
        for name in tensors
        if name not in expected
    ]
    for name in expected.keys() & tensors.keys():
        found += _mismatch(name, tensors[name], expected[name])
    return sorted(found)


def head_problems(config: GraniteConfig, tensors: Mapping[str, Stored]) -> list[str]:
    """Problems of the BPE head's file. Its labels are blank and at most one for each
    token."""
    labels = tensors["weight"].shape[0] if "weight" in tensors else 0
    expected = {
        "weight": Entry("weight", "", (labels, config.encoder.hidden_size)),
        "bias": Entry("bias", "", (labels,)),
    }
    found = [
        f"The tensor {name} is missing." for name in expected if name not in tensors
    ]
    found += [
        f"The tensor {name} is not part of the BPE head."
        for name in tensors
        if name not in expected
    ]
    for name in expected.keys() & tensors.keys():
        found += _mismatch(name, tensors[name], expected[name])
    if not found and not 1 < labels <= config.decoder.vocabulary + 1:
        found.append("The BPE head has another vocabulary than the decoder.")
    return [f"{BPE_HEAD_FILE}: {problem}" for problem in sorted(found)]


def quantized(name: str, tensors: Mapping[str, object]) -> bool:
    """Whether the matrix `name` (ending in .weight) is quantized, in groups with
    scales."""
    return name.endswith(".weight") and f"{_stem(name)}.scales" in tensors


def _expected(config: GraniteConfig, tensors: Mapping[str, Stored]) -> Iterator[Entry]:
    for entry in layout(config):
        recipe = config.quantization
        grouped = quantized(entry.name, tensors) and entry.ours.endswith(".weight")
        if recipe and grouped and len(entry.shape) == 2:
            yield from _groups(entry, recipe)
        else:
            yield entry


def _groups(entry: Entry, recipe: Quantization) -> Iterator[Entry]:
    rows, columns = entry.shape
    groups = (rows, columns // recipe.group_size)
    words = (rows, columns * recipe.bits // 32)
    yield Entry(entry.name, entry.ours, words, packed=True)
    for part in ("scales", "biases"):
        yield Entry(
            f"{_stem(entry.name)}.{part}", f"{_stem(entry.ours)}.{part}", groups
        )


def _mismatch(name: str, stored: Stored, entry: Entry) -> list[str]:
    if stored.shape != entry.shape:
        return [f"The tensor {name} has the shape {stored.shape}, not {entry.shape}."]
    known = {"U32"} if entry.packed else FLOAT_BYTES.keys()
    if stored.dtype not in known:
        return [f"The tensor {name} holds {stored.dtype} values."]
    return []


def _stem(name: str) -> str:
    return name.removesuffix(".weight")


def _stored(file: Path, name: str, row: Mapping[str, Any], begin: int) -> Stored:
    start, stop = row["data_offsets"]
    shape = tuple(int(size) for size in row["shape"])
    size = math.prod(shape) * BYTES[row["dtype"]]
    if stop - start != size or start < 0 or min(shape, default=0) < 0:
        raise ValueError(name)
    return Stored(file, name, row["dtype"], shape, begin + start, begin + stop)


def _weight_files(folder: Path) -> list[Path]:
    """The shards; every one that the index names must exist."""
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder.name}.", REMEDY)
    files = sorted(folder.glob("*.safetensors"))
    files = [file for file in files if file.name != BPE_HEAD_FILE]
    if (folder / INDEX_FILE).exists():
        listed = read_json(folder / INDEX_FILE).get("weight_map")
        names = set(listed.values()) if isinstance(listed, dict) else set()
        for name in sorted(names - {file.name for file in files}, key=str):
            raise ModelError(f"The model folder has no {name}.", REMEDY)
    if not files:
        raise ModelError("The model folder has no safetensors weights.", REMEDY)
    return files
