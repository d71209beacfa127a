"""Loads a model folder as a Granite, strictly.

Reads safetensors, config.json and tokenizer files; executes nothing. Every tensor must
be present with the right shape, and there must be no others; a ModelError names what is
wrong. tensor_names.py maps checkpoint names to module names; all changes of layout are
made here.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import mlx.core as mx
from mlx.utils import tree_flatten, tree_unflatten

from mica.errors import ModelError
from mica.model import checkpoint
from mica.model.checkpoint import BEYOND, BPE_HEAD_FILE, UNUSABLE, Stored
from mica.model.config import (
    EncoderConfig,
    GraniteConfig,
    Quantization,
    read_config,
)
from mica.model.encoder import Encoder
from mica.model.granite import Granite
from mica.model.layers import Module, quantize
from mica.model.quantize import Rule, default_rule, dequantized
from mica.model.regular_file import REMEDY
from mica.model.tensor_names import encoder_layout, layout
from mica.model.tokenizer import Tokenizer, load_tokenizer

_NORM_EPS = 1e-5  # of the encoder's batch norms; the architecture fixes it

Arrays = dict[str, mx.array]


def load_model(folder: Path, rule: Rule | None = None) -> Granite:
    """Load the model in a folder, original or 8-bit, evaluated and ready.

    `rule` is the machine's own unless a test wants another's. Use the model only on the
    thread that calls this: MLX streams are thread-local.
    """
    rule = rule or default_rule()
    config = read_config(folder)
    tensors = checkpoint.read_tensors(folder)
    _refuse(checkpoint.problems(config, tensors))
    head = _read_head(folder, config)
    tokenizer = load_tokenizer(folder, config.audio_token, config.decoder.vocabulary)
    return build_model(config, _read(tensors), head, tokenizer, rule)


def build_model(
    config: GraniteConfig,
    arrays: Arrays,
    head: Arrays,
    tokenizer: Tokenizer,
    rule: Rule,
) -> Granite:
    """Build a model from tensors by checkpoint name; `head`: the BPE head's, or
    empty."""
    labels = head["bias"].shape[0] if head else None
    model = Granite(config, tokenizer, labels)
    if config.quantization and rule.is_quantized:
        _quantize_modules(model, config.quantization, arrays)
    named = _named_for_people(arrays, config, rule)
    named |= {f"bpe_head.{name}": array for name, array in head.items()}
    _fill(model, named, rule.dtype)
    return model


def build_encoder(arrays: Arrays, config: EncoderConfig) -> Encoder:
    """Build an fp32 encoder from tensors by checkpoint name, to measure it alone."""
    named = {entry.ours: arrays[entry.name] for entry in encoder_layout(config)}
    _reform(named, config)
    encoder = Encoder(config)
    parts = {name.removeprefix("encoder."): array for name, array in named.items()}
    _fill(encoder, parts, mx.float32)
    return encoder


def _read(tensors: Mapping[str, Stored]) -> Arrays:
    """The values, lazily, by their names in the table."""
    arrays: Arrays = {}
    for file in {stored.file for stored in tensors.values()}:
        ours = {name: one.name for name, one in tensors.items() if one.file == file}
        try:
            loaded = mx.load(str(file))
            assert isinstance(loaded, dict)
            arrays |= {name: loaded[theirs] for name, theirs in ours.items()}
        except (RuntimeError, ValueError, KeyError) as error:
            raise ModelError(f"{file.name} can’t be read.", REMEDY) from error
    return arrays


def _read_head(folder: Path, config: GraniteConfig) -> Arrays:
    """The BPE head's values; empty without one."""
    file = folder / BPE_HEAD_FILE
    if not os.path.lexists(file):
        return {}
    tensors = {stored.name: stored for stored in checkpoint.read_header(file)}
    _refuse(checkpoint.head_problems(config, tensors))
    return _read(tensors)


def _named_for_people(arrays: Arrays, config: GraniteConfig, rule: Rule) -> Arrays:
    """The arrays by module name, in the layout of the modules; dequantized if the rule
    requires it."""
    named: Arrays = {}
    for entry in layout(config):
        stem, ours = (x.removesuffix(".weight") for x in (entry.name, entry.ours))
        array = arrays[entry.name]
        if f"{stem}.scales" not in arrays:
            named[entry.ours] = array
            continue
        scales, biases = arrays[f"{stem}.scales"], arrays[f"{stem}.biases"]
        if rule.is_quantized:
            named |= {
                entry.ours: array,
                f"{ours}.scales": scales,
                f"{ours}.biases": biases,
            }
        else:
            assert config.quantization
            named[entry.ours] = dequantized(array, scales, biases, config.quantization)
    _reform(named, config.encoder)
    return named


def _reform(named: Arrays, config: EncoderConfig) -> None:
    """Convert the encoder's tensors to the layout that its modules use."""
    for index in range(config.layers):
        _reform_block(named, f"encoder.blocks.{index}", config)


def _reform_block(named: Arrays, block: str, config: EncoderConfig) -> None:
    conv, attention = f"{block}.convolution", f"{block}.attention"
    for part in ("up", "down"):
        named[f"{conv}.{part}.weight"] = named[f"{conv}.{part}.weight"].squeeze(-1)
    gain, shift, mean, var = (
        named.pop(f"{conv}.batch.{part}").astype(mx.float32)
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    gain = gain * mx.rsqrt(var + _NORM_EPS)
    kernel = named[f"{conv}.kernel"].astype(mx.float32) * gain[:, None, None]
    named[f"{conv}.kernel"] = kernel.swapaxes(1, 2)  # (K, 1, frames) -> (K, frames, 1)
    named[f"{conv}.bias"] = shift - mean * gain
    # The checkpoint's row d + max_distance is for query minus key = d; our rows are
    # ordered by key minus query and end at the block's edge.
    C, middle = config.context_frames, config.max_distance
    table = named.pop(f"{attention}.table")[middle - C + 1 : middle + C]
    named[f"{attention}.distances"] = table[::-1]


def _quantize_modules(
    model: Granite, recipe: Quantization, tensors: Mapping[str, object]
) -> None:
    """Quantize the modules whose weights are stored quantized."""
    paths = {
        entry.ours.removesuffix(".weight")
        for entry in layout(model.config)
        if checkpoint.quantized(entry.name, tensors)
    }
    quantize(
        model,
        group_size=recipe.group_size,
        bits=recipe.bits,
        class_predicate=lambda path, _: path in paths,
    )


def _fill(model: Module, arrays: Arrays, dtype: mx.Dtype) -> None:
    """Assign all values to the modules, converted to the computing dtype."""
    for name, array in arrays.items():
        if mx.issubdtype(array.dtype, mx.floating):
            arrays[name] = array.astype(dtype)
    rooms = dict(tree_flatten(model.parameters()))
    assert rooms.keys() == arrays.keys(), rooms.keys() ^ arrays.keys()
    assert all(rooms[name].shape == arrays[name].shape for name in rooms)
    model.update(tree_unflatten(list(arrays.items())))
    try:
        mx.eval(model.parameters())
    except RuntimeError as error:
        raise ModelError("The model’s weights can’t be read.", REMEDY) from error
    _check_values(arrays)


def _check_values(arrays: Arrays) -> None:
    """Raises ModelError, which names the tensor, if a value is NaN or far too large."""
    floats = [name for name in arrays if mx.issubdtype(arrays[name].dtype, mx.floating)]
    are_usable = {name: (mx.abs(arrays[name]) < BEYOND).all() for name in floats}
    mx.eval(are_usable)
    for name, is_usable in are_usable.items():
        if not is_usable.item():
            raise ModelError(UNUSABLE.format(name), REMEDY)


def _refuse(problems: list[str]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more.)" if len(problems) > 1 else ""
        raise ModelError(problems[0] + more, REMEDY)
