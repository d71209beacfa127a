"""Writes complete, tiny Granite Speech model folders with random weights.

Their output is nonsense; everything else is as in a real folder. The weights come from
numpy's frozen legacy generator, so that recorded reference tensors stay valid.
"""

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mica.model.config import parse_config
from mica.model.tensor_names import layout

EOS, AUDIO = "<|end_of_text|>", "<|audio|>"
TOKENS = 320  # 256 bytes, some merges, two special tokens
CHAT_TEMPLATE = "USER: {{ messages[0]['content'] }}\n ASSISTANT:"
Floats = NDArray[np.float32]


def tiny_config(tied: bool = False, layers: int = 4) -> dict[str, Any]:
    """A config.json with the smallest sizes that 8-bit groups allow."""
    return {
        "model_type": "granite_speech",
        "architectures": ["GraniteSpeechForConditionalGeneration"],
        "audio_token_index": TOKENS - 1,
        "downsample_rate": 5,
        "window_size": 15,
        "has_lora_adapter": False,
        "tie_word_embeddings": tied,
        "encoder_config": {
            "model_type": "granite_speech_encoder",
            "input_dim": 160,
            "num_layers": layers,
            "hidden_dim": 32,
            "feedforward_mult": 4,
            "num_heads": 2,
            "dim_head": 16,
            "output_dim": 348,
            "context_size": 200,
            "max_pos_emb": 512,
            "dropout": 0.1,
            "conv_kernel_size": 15,
            "conv_expansion_factor": 2,
        },
        "projector_config": {
            "model_type": "blip_2_qformer",
            "hidden_size": 32,
            "encoder_hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "hidden_act": "gelu",
            "layer_norm_eps": 1e-12,
            "cross_attention_frequency": 1,
            "max_position_embeddings": 64,
            "vocab_size": 32,
        },
        "text_config": {
            "model_type": "granite",
            "vocab_size": TOKENS,
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 4096,
            "rms_norm_eps": 1e-5,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            "attention_multiplier": 0.0625,
            "embedding_multiplier": 12.0,
            "residual_multiplier": 0.22,
            "logits_scaling": 8.0,
            "tie_word_embeddings": tied,
            "bos_token_id": TOKENS - 2,
            "eos_token_id": TOKENS - 2,
            "pad_token_id": 0,
        },
    }


def tiny_weights(config: Mapping[str, Any], seed: int = 0) -> dict[str, Floats]:
    """Random tensors for a configuration, by checkpoint name; not close to zero."""
    random = np.random.RandomState(seed)
    entries = layout(parse_config({**config, "quantization": None}))
    return {entry.name: _lively(entry.name, entry.shape, random) for entry in entries}


def tiny_bpe_head(config: Mapping[str, Any], seed: int = 0) -> dict[str, Floats]:
    """The tensors of out_llm.safetensors: the blank and one label per token."""
    random = np.random.RandomState(seed + 1)
    labels = config["text_config"]["vocab_size"] + 1
    shape = (labels, config["encoder_config"]["hidden_dim"])
    return {
        "weight": _lively("out_llm.weight", shape, random),
        "bias": _lively("out_llm.bias", (labels,), random),
    }


def _lively(name: str, shape: tuple[int, ...], random: np.random.RandomState) -> Floats:
    values = random.standard_normal(shape)
    if name.endswith("running_var"):
        values = 0.5 + np.abs(values)
    elif len(shape) >= 2:
        values = values / math.sqrt(math.prod(shape[1:]))
        if "embed_tokens" in name or "lm_head" in name:
            values = values * 0.3
    elif "norm" in name.lower() and name.endswith("weight"):
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return values.astype(np.float32)


def write_tiny_model(
    folder: Path,
    seed: int = 0,
    *,
    bits: int | None = 8,
    tied: bool = False,
    layers: int = 4,
    bpe_head: bool = True,
    shards: int = 1,
    dtype: str = "BF16",
) -> Path:
    """Write a complete model folder and return its path.

    bits     8: our 8-bit format; None: the original layout, unquantized
    shards   number of files for the weights in the original layout
    dtype    of unquantized values: "BF16", or "F32" for exact comparisons
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = tiny_config(tied, layers)
    weights: dict[str, Any] = dict(tiny_weights(config, seed))
    if bits is not None:
        config["quantization"] = {"group_size": 64, "bits": bits}
        weights = _quantized(weights, bits)
    _write_shards(folder, weights, shards, dtype)
    if bpe_head:
        head = tiny_bpe_head(config, seed)
        write_safetensors(folder / "out_llm.safetensors", head, dtype)
    write_tokenizer(folder)
    _write_json(folder / "config.json", config)
    return folder


def write_safetensors(file: Path, tensors: Mapping[str, Any], dtype: str) -> None:
    """Write arrays; float32 arrays as `dtype`, others unchanged."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    blobs: list[bytes] = []
    position = 0
    for name, array in tensors.items():
        kind, blob = _blob(array, dtype)
        offsets = [position, position + len(blob)]
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": offsets,
        }
        position += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def _blob(array: NDArray[Any], dtype: str) -> tuple[str, bytes]:
    if array.dtype == np.uint32:
        return "U32", array.tobytes()
    if array.dtype == np.int64:
        return "I64", array.tobytes()
    if dtype == "F32":
        return "F32", array.tobytes()
    bits = array.view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16  # round to nearest even
    return "BF16", rounded.astype(np.uint16).tobytes()


def _write_shards(
    folder: Path, weights: Mapping[str, Any], shards: int, dtype: str
) -> None:
    if shards == 1:
        write_safetensors(folder / "model.safetensors", weights, dtype)
        return
    names, where = list(weights), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = {name: weights[name] for name in names[shard::shards]}
        write_safetensors(folder / file, part, dtype)
        where |= dict.fromkeys(part, file)
    _write_json(folder / "model.safetensors.index.json", {"weight_map": where})


def _quantized(weights: Mapping[str, Floats], bits: int) -> dict[str, Any]:
    """Quantize the decoder's matrices in groups of 64, as mlx_audio stores them."""
    import mlx.core as mx  # not at the top: packaging/reference/record.py lacks MLX

    stored: dict[str, Any] = {}
    for name, array in weights.items():
        if not name.startswith("language_model.") or array.ndim != 2:
            stored[name] = array
            continue
        stem = name.removesuffix(".weight")
        packed = mx.quantize(mx.array(array), group_size=64, bits=bits)
        for part, value in zip(("weight", "scales", "biases"), packed, strict=True):
            stored[f"{stem}.{part}"] = np.array(value)
    return stored


def write_tokenizer(folder: Path) -> None:
    """Write a byte-level BPE tokenizer with 320 tokens that can encode any text."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = "th he in er an re on at en nd is or es ed to it ou ar as al"
    merges = [(piece[0], piece[1]) for piece in pieces.split()]
    merges += [("Ġ", letter) for letter in "abcdefghilmnoprstuw"]
    tokens = alphabet + [a + b for a, b in merges]
    tokens += [f"<|unused_{n}|>" for n in range(TOKENS - 2 - len(tokens))]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(EOS, special=True), AddedToken(AUDIO, special=True)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"eos_token": EOS, "bos_token": EOS, "tokenizer_class": "GPT2Tokenizer"}
    _write_json(folder / "tokenizer_config.json", names)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    melspec = {"hop_length": 160, "n_fft": 512, "n_mels": 80, "sample_rate": 16000}
    _write_json(
        folder / "preprocessor_config.json",
        {
            "feature_extractor_type": "GraniteSpeechFeatureExtractor",
            "melspec_kwargs": {**melspec, "win_length": 400},
            "projector_window_size": 15,
            "projector_downsample_rate": 5,
        },
    )


def _write_json(file: Path, values: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(values, indent=2))
