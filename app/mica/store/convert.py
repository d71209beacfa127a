"""Converts an original (bf16, sharded) model folder to our quantized format.

Quantizes the decoder's matrices, its embedding and its head; copies everything else. It
reads and writes one tensor at a time, so memory holds only the largest. The new folder
appears whole or not at all. It downloads nothing.
"""

import json
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import mlx.core as mx
import numpy as np

from mica.errors import ModelError
from mica.model.checkpoint import BPE_HEAD_FILE, Stored, read_tensors
from mica.model.config import Quantization, read_config, read_json
from mica.model.quantize import groups
from mica.store.verify import structure_problems

GROUP_SIZE: Final = 64
COPIED: Final = (  # data only, no code that a repository may contain
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "preprocessor_config.json",
    "processor_config.json",
    "generation_config.json",
    "README.md",
    "LICENSE",
    BPE_HEAD_FILE,
)
_BYTES: Final = {"F32": 4, "F16": 2, "BF16": 2, "U32": 4}

Progress = Callable[[int, int], None]  # tensors done, tensors in all


def convert(
    src: Path, dst: Path, bits: int = 8, on_progress: Progress = lambda *_: None
) -> None:
    """Convert the original in `src` to the folder `dst`, which must not exist.

    on_progress   called after every tensor with the numbers done and in all
    """
    recipe = _recipe(src, dst, bits)
    dst.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{dst.name}-", dir=dst.parent))
    try:
        _write_weights(src, scratch / "model.safetensors", recipe, on_progress)
        _write_config(src, scratch, recipe)
        for name in COPIED:
            if (src / name).is_file():
                shutil.copyfile(src / name, scratch / name)
        scratch.chmod(0o755)
        scratch.rename(dst)
    except OSError as error:
        what = f"The model couldn’t be saved ({error.strerror})."
        raise ModelError(
            what, "Free some disk space or choose another folder."
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _recipe(src: Path, dst: Path, bits: int) -> Quantization:
    """How to quantize; ModelError if the model can't be converted."""
    if bits not in (4, 8):
        raise ModelError(f"Mica can’t use {bits}-bit weights.", "Choose 8 or 4 bits.")
    if dst.exists():
        raise ModelError(f"{dst} already exists.", "Choose another folder.")
    if read_config(src).quantization is not None:
        what = f"{src.name} is already quantized."
        raise ModelError(what, "Convert the original model.")
    problems = structure_problems(src)
    if problems:
        raise ModelError(problems[0], "Download the original model again.")
    return Quantization(bits, GROUP_SIZE)


@dataclass(frozen=True, slots=True)
class _PlannedTensor:
    """One tensor of the new file, planned before its values are read."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * _BYTES[self.dtype]


def _write_weights(
    src: Path, file: Path, recipe: Quantization, on_progress: Progress
) -> None:
    tensors = read_tensors(src)
    with file.open("wb") as out:
        out.write(
            _header([w for name in tensors for w in _plan(name, tensors, recipe)])
        )
        for done, (name, stored) in enumerate(tensors.items(), start=1):
            if _is_quantized(name, stored, recipe):
                for part in groups(_matrix(stored), recipe):
                    out.write(_blob(part))
            else:
                _copy(stored, out)
            on_progress(done, len(tensors))


def _is_quantized(name: str, stored: Stored, recipe: Quantization) -> bool:
    """Whether it is a decoder matrix; mlx_audio can load these quantized, too."""
    matrix = len(stored.shape) == 2 and stored.shape[1] % recipe.group_size == 0
    return matrix and name.startswith("language_model.")


def _plan(
    name: str, tensors: dict[str, Stored], recipe: Quantization
) -> Iterator[_PlannedTensor]:
    """The tensors that replace the tensor `name`."""
    stored = tensors[name]
    if not _is_quantized(name, stored, recipe):
        yield _PlannedTensor(name, stored.dtype, stored.shape)
        return
    rows, columns = stored.shape
    stem = name.removesuffix(".weight")
    yield _PlannedTensor(name, "U32", (rows, columns * recipe.bits // 32))
    for part in ("scales", "biases"):
        shape = (rows, columns // recipe.group_size)
        yield _PlannedTensor(f"{stem}.{part}", stored.dtype, shape)


def _header(planned: list[_PlannedTensor]) -> bytes:
    rows: dict[str, object] = {"__metadata__": {"format": "mlx"}}
    start = 0
    for tensor in planned:
        stop = start + tensor.size_bytes
        rows[tensor.name] = {
            "dtype": tensor.dtype,
            "shape": tensor.shape,
            "data_offsets": [start, stop],
        }
        start = stop
    text = json.dumps(rows).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def _matrix(stored: Stored) -> mx.array:
    """The values of a stored matrix, in its own type."""
    with stored.file.open("rb") as opened:
        opened.seek(stored.start)
        raw = opened.read(stored.stop - stored.start)
    if stored.dtype == "F32":
        return mx.array(np.frombuffer(raw, np.float32)).reshape(stored.shape)
    halves = mx.array(np.frombuffer(raw, np.uint16)).reshape(stored.shape)
    return halves.view(mx.bfloat16 if stored.dtype == "BF16" else mx.float16)


def _blob(array: mx.array) -> bytes:
    """The bytes of an array; bfloat16, which numpy lacks, is viewed as uint16."""
    if array.dtype == mx.bfloat16:
        array = array.view(mx.uint16)
    return np.array(array).tobytes()


def _copy(stored: Stored, out: BinaryIO) -> None:
    with stored.file.open("rb") as opened:
        opened.seek(stored.start)
        out.write(opened.read(stored.stop - stored.start))


def _write_config(src: Path, folder: Path, recipe: Quantization) -> None:
    values = read_json(src / "config.json")
    values["quantization"] = {"group_size": recipe.group_size, "bits": recipe.bits}
    (folder / "config.json").write_text(json.dumps(values, indent=2), encoding="utf-8")
