"""Parses a Granite Speech model's config.json: sizes, scales and switches.

Refuses values that this port does not implement, naming the key. It does not look at
tensors. An absent key has the default that transformers gives it, if there is a
sensible one; sizes have no default and are required. Over 300 lines: one value after
another.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from mica.errors import ModelError
from mica.model.regular_file import REMEDY, read_regular, shown

GRANITE_TOKENS: Final = 100_352  # of Granite's own language model
MAX_JSON_BYTES: Final = 4 << 20
_LARGEST: Final = 1 << 20  # of all sizes, most of which the tensors confirm
_FEATURES: Final = 160  # audio.features.FRAME_CELLS, without importing numpy
_CHARACTERS: Final = 348  # of the character CTC; see engine/ctc.py
_EPSILON: Final = (1e-15, 0.1)  # ranges in which float32 can compute
_FACTOR: Final = (1e-4, 1e4)
_ROPE_BASE: Final = (1.0, 1e12)
_ABSENT: Final = object()
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """The Conformer. `context_frames` is in frames of 20 ms."""

    input_size: int
    hidden_size: int
    layers: int
    heads: int
    head_size: int
    inner_size: int  # of the feed-forward parts
    characters: int  # outputs of the character CTC, 0 = blank
    context_frames: int  # the attention block
    max_distance: int  # the checkpoint's position table holds 2x + 1 rows
    kernel_frames: int
    kernel_channels: int


@dataclass(frozen=True, slots=True)
class ProjectorConfig:
    """The window Q-Former."""

    hidden_size: int
    encoder_size: int
    inner_size: int
    layers: int
    heads: int
    norm_eps: float
    window_frames: int
    queries: int  # audio tokens per window


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """The Granite language model."""

    vocabulary: int
    hidden_size: int
    inner_size: int
    layers: int
    heads: int
    kv_heads: int
    norm_eps: float
    rope_theta: float
    embedding_multiplier: float
    attention_multiplier: float
    residual_multiplier: float
    logits_scaling: float
    context_tokens: int
    tied: bool  # the output head shares the embedding matrix

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.heads


@dataclass(frozen=True, slots=True)
class Quantization:
    """Affine quantization in groups along the last dimension of a matrix."""

    bits: int
    group_size: int


@dataclass(frozen=True, slots=True)
class GraniteConfig:
    """A whole model. `quantization` is None for an original folder.

    refresh_frames   right context that makes a block final; a whole block unless
                     `mica_refresh_frames` says that less was measured to suffice
    """

    encoder: EncoderConfig
    projector: ProjectorConfig
    decoder: DecoderConfig
    audio_token: int
    refresh_frames: int
    quantization: Quantization | None

    @property
    def translates(self) -> bool:
        """Whether it was trained to translate: its decoder has Granite's own
        vocabulary. Models with a smaller one, such as pebble, know one language."""
        return self.decoder.vocabulary >= GRANITE_TOKENS


def read_config(folder: Path) -> GraniteConfig:
    """The configuration of a model folder."""
    return parse_config(read_json(folder / "config.json"))


def read_json(file: Path) -> dict[str, Any]:
    """A JSON file's object; ModelError for anything else."""
    data = read_regular(file, MAX_JSON_BYTES)
    try:
        values = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"The model’s {file.name} can’t be read.", REMEDY) from error
    if not isinstance(values, dict):
        raise ModelError(f"The model’s {file.name} isn’t a JSON object.", REMEDY)
    return values


def parse_config(values: Mapping[str, Any]) -> GraniteConfig:
    """The configuration in a decoded config.json."""
    root = _Section("", values)
    root.only("model_type", ["granite_speech"])
    root.only("has_lora_adapter", [False], True)
    projector = _projector(root)
    encoder = _encoder(root.section("encoder_config"))
    if projector.encoder_size != encoder.hidden_size:
        root.section("projector_config").refuse("encoder_hidden_size")
    decoder = _decoder(root)
    audio_token = root.size("audio_token_index")
    if audio_token >= decoder.vocabulary:
        root.refuse("audio_token_index")
    refresh_frames = root.size("mica_refresh_frames", encoder.context_frames)
    if refresh_frames > encoder.context_frames:
        root.refuse("mica_refresh_frames")
    if projector.window_frames > encoder.context_frames:
        root.refuse("window_size")
    return GraniteConfig(
        encoder, projector, decoder, audio_token, refresh_frames, _quantization(root)
    )


def _encoder(section: "_Section") -> EncoderConfig:
    section.only("model_type", ["granite_speech_encoder"], "granite_speech_encoder")
    section.only("cat_hidden_layers", [None, []], None)
    section.only("input_dim", [_FEATURES])
    hidden, heads = section.size("hidden_dim"), section.size("num_heads")
    head_size = section.size("dim_head", hidden // heads)
    config = EncoderConfig(
        input_size=section.size("input_dim"),
        hidden_size=hidden,
        layers=section.size("num_layers"),
        heads=heads,
        head_size=head_size,
        inner_size=hidden * section.size("feedforward_mult"),
        characters=section.size("output_dim"),
        context_frames=section.size("context_size"),
        max_distance=section.size("max_pos_emb"),
        kernel_frames=section.size("conv_kernel_size"),
        kernel_channels=hidden * section.size("conv_expansion_factor"),
    )
    if config.layers < 2:  # the character CTC feeds back after half of the layers
        section.refuse("num_layers")
    if config.characters > _CHARACTERS:
        section.refuse("output_dim")
    if config.context_frames > config.max_distance:
        section.refuse("context_size")
    if config.kernel_frames % 2 == 0:  # a frame has as many before it as after it
        section.refuse("conv_kernel_size")
    return config


def _projector(root: "_Section") -> ProjectorConfig:
    section = root.section("projector_config")
    section.only("model_type", ["blip_2_qformer"], "blip_2_qformer")
    section.only("hidden_act", ["gelu"], "gelu")
    section.only("cross_attention_frequency", [1], 2)
    section.only("position_embedding_type", ["absolute"], "absolute")
    section.only("use_qformer_text_input", [False], False)
    window, rate = root.size("window_size"), root.size("downsample_rate")
    if window % rate:
        root.refuse("downsample_rate")
    config = ProjectorConfig(
        hidden_size=section.size("hidden_size"),
        encoder_size=section.size("encoder_hidden_size"),
        inner_size=section.size("intermediate_size"),
        layers=section.size("num_hidden_layers"),
        heads=section.size("num_attention_heads"),
        norm_eps=section.number("layer_norm_eps", 1e-12, _EPSILON),
        window_frames=window,
        queries=window // rate,
    )
    if config.hidden_size % config.heads:
        section.refuse("num_attention_heads")
    return config


def _decoder(root: "_Section") -> DecoderConfig:
    section = root.section("text_config")
    section.only("model_type", ["granite"])
    section.only("hidden_act", ["silu"], "silu")
    section.only("attention_bias", [False], False)
    section.only("mlp_bias", [False], False)
    config = DecoderConfig(
        vocabulary=section.size("vocab_size"),
        hidden_size=section.size("hidden_size"),
        inner_size=section.size("intermediate_size"),
        layers=section.size("num_hidden_layers"),
        heads=section.size("num_attention_heads"),
        kv_heads=section.size("num_key_value_heads"),
        norm_eps=section.number("rms_norm_eps", 1e-6, _EPSILON),
        rope_theta=_rope_theta(section),
        embedding_multiplier=section.number("embedding_multiplier", 1.0, _FACTOR),
        attention_multiplier=section.number("attention_multiplier", 1.0, _FACTOR),
        residual_multiplier=section.number("residual_multiplier", 1.0, _FACTOR),
        logits_scaling=section.number("logits_scaling", 1.0, _FACTOR),
        context_tokens=section.size("max_position_embeddings"),
        tied=section.flag("tie_word_embeddings", root.get("tie_word_embeddings")),
    )
    if config.hidden_size % config.heads or config.heads % config.kv_heads:
        section.refuse("num_attention_heads")
    section.only("head_dim", [None, config.head_size], None)
    return config


def _rope_theta(section: "_Section") -> float:
    """The base of the rotary positions; scaled variants are refused."""
    section.only("rope_scaling", [None], None)
    if section.get("rope_parameters") is None:
        return section.number("rope_theta", 10_000.0, _ROPE_BASE)
    rope = section.section("rope_parameters")
    rope.only("rope_type", ["default"], "default")
    for key in rope.values.keys() - {"rope_type", "rope_theta"}:
        rope.only(key, [None])
    return rope.number("rope_theta", 10_000.0, _ROPE_BASE)


def _quantization(root: "_Section") -> Quantization | None:
    if root.get("quantization") is None:
        return None
    section = root.section("quantization")
    section.only("mode", ["affine"], "affine")
    section.only("bits", [4, 8])
    section.only("group_size", [32, 64, 128])
    for key, value in section.values.items():
        if isinstance(value, Mapping):  # a layer with its own parameters
            section.refuse(key)
    return Quantization(section.size("bits"), section.size("group_size"))


@dataclass(frozen=True, slots=True)
class _Section:
    """One object of config.json; reads its keys and names them in errors."""

    name: str
    values: Mapping[str, Any]

    def section(self, key: str) -> "_Section":
        value = self.get(key)
        if not isinstance(value, Mapping):
            self.refuse(key)
        return _Section(f"{self.name}{key}.", value)

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def only(self, key: str, known: list[Any], default: Any = _ABSENT) -> None:
        """Refuse a value that this port does not implement."""
        value = self.values.get(key, default)
        if not any(type(value) is type(k) and value == k for k in known):
            self.refuse(key)

    def size(self, key: str, default: int | None = None) -> int:
        value = self.get(key)
        value = default if value is None else value
        if type(value) is not int or not 1 <= value <= _LARGEST:
            self.refuse(key)
        return value

    def number(self, key: str, default: float, allowed: Range) -> float:
        """A number in a range, bounds included."""
        value = self.values.get(key, default)
        low, high = allowed
        if type(value) not in (int, float) or not low <= value <= high:
            self.refuse(key)
        return float(value)

    def flag(self, key: str, default: object) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key)
        return value

    def refuse(self, key: str) -> NoReturn:
        value = json.dumps(self.values.get(key, "missing"), default=str)[:60]
        name = shown(f"{self.name}{key}")
        raise ModelError(
            f"The model’s architecture isn’t supported: {name} is {value}.",
            "Choose another model.",
        )
