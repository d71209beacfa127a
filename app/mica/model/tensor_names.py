"""The table of tensor names: each tensor's name in checkpoints, in our modules, and its
shape.

Describes what transformers writes for Granite Speech; nothing here reads a file or
needs MLX. A folder whose tensors differ from the table is unusable (checkpoint.py
reports that).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mica.model.config import (
    DecoderConfig,
    EncoderConfig,
    GraniteConfig,
    ProjectorConfig,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor: its name in the checkpoint, in our modules, and its shape.

    packed   holds quantized values packed in 32-bit words, not floats
    """

    name: str
    ours: str
    shape: tuple[int, ...]
    packed: bool = False


def layout(config: GraniteConfig) -> list[Entry]:
    """All tensors of an unquantized model with this configuration."""
    return [
        *encoder_layout(config.encoder),
        *_under("projector", "projector", _projector(config)),
        *_under("language_model", "decoder", _decoder(config.decoder)),
    ]


def encoder_layout(config: EncoderConfig) -> list[Entry]:
    """The encoder's part of the table."""
    return list(_under("encoder", "encoder", _encoder(config)))


def canonical(name: str) -> str | None:
    """The table's name for a checkpoint's name; None for one that is not used.

    transformers >= 5.19 may nest the decoder one level deeper; num_batches_tracked is
    used only in training.
    """
    if name.endswith(".num_batches_tracked"):
        return None
    deeper = "language_model.model.model."
    if name.startswith(deeper):
        return "language_model.model." + name.removeprefix(deeper)
    return name


def _under(theirs: str, ours: str, entries: Iterator[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield Entry(f"{theirs}.{entry.name}", f"{ours}.{entry.ours}", entry.shape)


def _linear(theirs: str, ours: str, rows: int, columns: int) -> Iterator[Entry]:
    yield from _matrix(theirs, ours, rows, columns)
    yield Entry(f"{theirs}.bias", f"{ours}.bias", (rows,))


def _matrix(theirs: str, ours: str, rows: int, columns: int) -> Iterator[Entry]:
    yield Entry(f"{theirs}.weight", f"{ours}.weight", (rows, columns))


def _norm(theirs: str, ours: str, size: int) -> Iterator[Entry]:
    yield Entry(f"{theirs}.weight", f"{ours}.weight", (size,))
    yield Entry(f"{theirs}.bias", f"{ours}.bias", (size,))


def _pointwise(theirs: str, ours: str, rows: int, columns: int) -> Iterator[Entry]:
    """A pointwise convolution: a Linear stored in three dimensions."""
    yield Entry(f"{theirs}.weight", f"{ours}.weight", (rows, columns, 1))
    yield Entry(f"{theirs}.bias", f"{ours}.bias", (rows,))


def _encoder(c: EncoderConfig) -> Iterator[Entry]:
    yield from _linear("input_linear", "input", c.hidden_size, c.input_size)
    for index in range(c.layers):
        yield from _under(f"layers.{index}", f"blocks.{index}", _conformer(c))
    yield from _linear("out", "characters", c.characters, c.hidden_size)
    yield from _linear("out_mid", "feedback", c.hidden_size, c.characters)


def _conformer(c: EncoderConfig) -> Iterator[Entry]:
    H, I, K = c.hidden_size, c.inner_size, c.kernel_channels  # noqa: E741
    A = c.heads * c.head_size
    for theirs, ours in (("ff1", "feed_in"), ("ff2", "feed_out")):
        yield from _norm(f"{theirs}.pre_norm", f"{ours}.norm", H)
        yield from _linear(f"{theirs}.up_proj", f"{ours}.up", I, H)
        yield from _linear(f"{theirs}.down_proj", f"{ours}.down", H, I)
    yield from _norm("attn.pre_norm", "attention.norm", H)
    yield from _matrix("attn.to_q", "attention.query", A, H)
    yield from _matrix("attn.to_kv", "attention.key_value", 2 * A, H)
    yield from _linear("attn.to_out", "attention.out", H, A)
    rows = 2 * c.max_distance + 1
    yield Entry("attn.rel_pos_emb.weight", "attention.table", (rows, c.head_size))
    yield from _norm("conv.norm", "convolution.norm", H)
    yield from _pointwise("conv.up_conv", "convolution.up", 2 * K, H)
    kernel = (K, 1, c.kernel_frames)
    yield Entry("conv.depth_conv.conv.weight", "convolution.kernel", kernel)
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield Entry(f"conv.batch_norm.{part}", f"convolution.batch.{part}", (K,))
    yield from _pointwise("conv.down_conv", "convolution.down", H, K)
    yield from _norm("post_norm", "norm", H)


def _projector(config: GraniteConfig) -> Iterator[Entry]:
    c = config.projector
    yield Entry("query", "queries", (1, c.queries, c.hidden_size))
    yield from _norm("qformer.layernorm", "norm", c.hidden_size)
    for index in range(c.layers):
        theirs = f"qformer.encoder.layer.{index}"
        yield from _under(theirs, f"layers.{index}", _qformer(c))
    yield from _linear("linear", "out", config.decoder.hidden_size, c.hidden_size)


def _qformer(c: ProjectorConfig) -> Iterator[Entry]:
    H, I = c.hidden_size, c.inner_size  # noqa: E741
    for theirs, ours, source in (
        ("attention", "own", H),
        ("crossattention", "audio", c.encoder_size),
    ):
        yield from _linear(f"{theirs}.attention.query", f"{ours}.query", H, H)
        yield from _linear(f"{theirs}.attention.key", f"{ours}.key", H, source)
        yield from _linear(f"{theirs}.attention.value", f"{ours}.value", H, source)
        yield from _linear(f"{theirs}.output.dense", f"{ours}.out", H, H)
        yield from _norm(f"{theirs}.output.LayerNorm", f"{ours}.norm", H)
    yield from _linear("intermediate_query.dense", "up", I, H)
    yield from _linear("output_query.dense", "down", H, I)
    yield from _norm("output_query.LayerNorm", "norm", H)


def _decoder(c: DecoderConfig) -> Iterator[Entry]:
    H, V = c.hidden_size, c.vocabulary
    yield from _matrix("model.embed_tokens", "embedding", V, H)
    for index in range(c.layers):
        yield from _under(f"model.layers.{index}", f"layers.{index}", _granite(c))
    yield Entry("model.norm.weight", "norm.weight", (H,))
    if not c.tied:
        yield from _matrix("lm_head", "head", V, H)


def _granite(c: DecoderConfig) -> Iterator[Entry]:
    H, I, K = c.hidden_size, c.inner_size, c.kv_heads * c.head_size  # noqa: E741
    yield Entry("input_layernorm.weight", "attention.norm.weight", (H,))
    yield from _matrix("self_attn.q_proj", "attention.query", H, H)
    yield from _matrix("self_attn.k_proj", "attention.key", K, H)
    yield from _matrix("self_attn.v_proj", "attention.value", K, H)
    yield from _matrix("self_attn.o_proj", "attention.out", H, H)
    yield Entry("post_attention_layernorm.weight", "feed.norm.weight", (H,))
    yield from _matrix("mlp.gate_proj", "feed.gate", I, H)
    yield from _matrix("mlp.up_proj", "feed.up", I, H)
    yield from _matrix("mlp.down_proj", "feed.down", H, I)
