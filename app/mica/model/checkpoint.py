"""Lists the tensors in a model folder and checks that they are the right ones.

Reads safetensors headers only: no values, no MLX. No other format is opened, so no code
in a model folder can run.
"""

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mica.errors import ModelError
from mica.model.config import GraniteConfig, Quantization, read_json
from mica.model.regular_file import REMEDY, open_regular, shown
from mica.model.tensor_names import Entry, canonical, layout

BPE_HEAD_FILE: Final = "out_llm.safetensors"
INDEX_FILE: Final = "model.safetensors.index.json"
FLOAT_BYTES: Final = {"F32": 4, "F16": 2, "BF16": 2}
BYTES: Final = {**FLOAT_BYTES, "U32": 4, "I64": 8}
BEYOND: Final = 1e9  # no weight is that large
UNUSABLE: Final = "The tensor {} contains values that aren’t usable numbers."
_LENGTH_BYTES: Final = 8
_MAX_HEADER_BYTES: Final = 4 << 20  # the 2B model's has 0.2 MB
_MAX_TENSORS: Final = 20_000  # the 2B model has 2000
_MAX_DIMENSIONS: Final = 8
_LARGEST: Final = 1 << 62
_LAYER_TENSORS: Final = 9  # of the smallest kind of layer


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
                raise ModelError(f"The tensor {shown(name)} appears twice.", REMEDY)
            tensors[name] = stored
        if len(tensors) > _MAX_TENSORS:
            what = f"The model has over {_MAX_TENSORS:,} tensors."
            raise ModelError(what, REMEDY)
    return tensors


def read_header(file: Path) -> list[Stored]:
    """The tensors of one safetensors file; ModelError if it is damaged.

    Together they fill the file, without gaps and overlaps, as its format demands.
    """
    name = shown(file.name)
    try:
        with open_regular(file) as opened:
            size = os.fstat(opened.fileno()).st_size
            length = int.from_bytes(opened.read(_LENGTH_BYTES), "little")
            begin = _LENGTH_BYTES + length
            if begin > size or length > _MAX_HEADER_BYTES:
                raise ModelError(f"{name} isn’t a safetensors file.", REMEDY)
            header = json.loads(opened.read(length).decode("utf-8"))
        rows = [(name, row) for name, row in header.items() if name != "__metadata__"]
        tensors = [_stored(file, name, row, begin) for name, row in rows]
    except OSError as error:
        raise ModelError(f"{name} can’t be read.", REMEDY) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError(f"{name} isn’t a safetensors file.", REMEDY) from error
    _check_layout(tensors, name, begin, size)
    return tensors


def _check_layout(tensors: list[Stored], file: str, begin: int, size: int) -> None:
    """Raises ModelError unless the tensors fill bytes `begin` to `size`."""
    at = begin
    for tensor in sorted(tensors, key=lambda one: (one.start, one.stop)):
        if tensor.start != at:
            what = f"{file} is damaged: its tensors overlap or leave gaps."
            raise ModelError(what, REMEDY)
        at = tensor.stop
    if at > size:
        raise ModelError(f"{file} is cut off.", REMEDY)
    if at < size:
        what = f"{file} is damaged: it is longer than its tensors."
        raise ModelError(what, REMEDY)


def problems(config: GraniteConfig, tensors: Mapping[str, Stored]) -> list[str]:
    """Tensors that are missing, unexpected or wrongly shaped; one sentence each."""
    layers = config.encoder.layers + config.projector.layers + config.decoder.layers
    if layers * _LAYER_TENSORS > len(tensors):  # before that many are listed
        return [f"The model has only {len(tensors):,} tensors for {layers:,} layers."]
    expected = {entry.name: entry for entry in _expected(config, tensors)}
    found = [
        f"The tensor {name} is missing." for name in expected if name not in tensors
    ]
    found += [
        f"The tensor {shown(name)} is not part of this model."
        for name in tensors
        if name not in expected
    ]
    for name in expected.keys() & tensors.keys():
        found += _mismatch(name, tensors[name], expected[name])
    return sorted(found)


def head_problems(config: GraniteConfig, tensors: Mapping[str, Stored]) -> list[str]:
    """Problems of the BPE head's file. Its labels are blank and at most one for each
    token."""
    labels = tensors["bias"].shape[0] if _is_vector(tensors.get("bias")) else 0
    expected = {
        "weight": Entry("weight", "", (labels, config.encoder.hidden_size)),
        "bias": Entry("bias", "", (labels,)),
    }
    found = [
        f"The tensor {name} is missing." for name in expected if name not in tensors
    ]
    found += [
        f"The tensor {shown(name)} is not part of the BPE head."
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
        is_matrix = len(entry.shape) == 2
        if recipe and grouped and is_matrix and not entry.shape[1] % recipe.group_size:
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


def _is_vector(stored: Stored | None) -> bool:
    return stored is not None and len(stored.shape) == 1


def _stored(file: Path, name: str, row: Mapping[str, Any], begin: int) -> Stored:
    sizes, offsets = row["shape"], row["data_offsets"]
    if not _are_sizes(sizes, _MAX_DIMENSIONS) or not _are_sizes(offsets, 2):
        raise ValueError(name)
    shape, (start, stop) = tuple(sizes), offsets
    if stop - start != math.prod(shape) * BYTES[row["dtype"]]:
        raise ValueError(name)
    return Stored(file, name, row["dtype"], shape, begin + start, begin + stop)


def _are_sizes(values: object, most: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= most
        and all(type(one) is int and 0 <= one <= _LARGEST for one in values)
    )


def _weight_files(folder: Path) -> list[Path]:
    """The shards; every one that the index names must exist."""
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder.name}.", REMEDY)
    files = sorted(folder.glob("*.safetensors"))
    files = [file for file in files if file.name != BPE_HEAD_FILE]
    if os.path.lexists(folder / INDEX_FILE):
        for name in sorted(_listed(folder) - {file.name for file in files}):
            raise ModelError(f"The model folder has no {shown(name)}.", REMEDY)
    if not files:
        raise ModelError("The model folder has no safetensors weights.", REMEDY)
    return files


def _listed(folder: Path) -> set[str]:
    """The shards that the index names."""
    listed = read_json(folder / INDEX_FILE).get("weight_map")
    names = listed.values() if isinstance(listed, dict) else [None]
    if not all(isinstance(name, str) for name in names):
        raise ModelError(f"The model’s {INDEX_FILE} lists no files.", REMEDY)
    return set(names)
