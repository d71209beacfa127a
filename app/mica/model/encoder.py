"""The Conformer encoder: 20 ms feature frames to hidden frames, whole or in pieces.

Attention is confined to blocks of `context_frames`; the convolutions cross their
boundaries. After half of the layers the character CTC's posteriors are fed back into
the hidden frames. One segment at a time, without a batch dimension; it knows nothing of
samples or text, keeps no state between pieces and does not decide when a frame is
final.
"""

from dataclasses import dataclass

import mlx.core as mx

from mica.model.config import EncoderConfig
from mica.model.layers import LayerNorm, Linear, Module, silu
from mica.model.quantize import on_metal


@dataclass(frozen=True, slots=True)
class Encoded:
    """The encoder's output for T frames.

    hidden       (T, hidden)
    mid_logits   (T, characters), the character CTC after half of the layers
    """

    hidden: mx.array
    mid_logits: mx.array

    @property
    def mid_posteriors(self) -> mx.array:
        """float32 (T, characters); column 0 is the blank."""
        return mx.softmax(self.mid_logits.astype(mx.float32), axis=-1)


class Encoder(Module):
    """Frames (T, input) -> hidden frames (T, hidden); any T from 1.

    `__call__` encodes a whole segment, `step` a piece of it that begins at a block
    boundary. A piece needs its left context and is exact except at its right edge,
    where it sees zeros: the error there spreads, through one layer's convolution and
    the next one's attention, over the whole last block. So a block is final only when
    it was encoded together with what follows it.

    left_context   (layers, kernel // 2, channels): for each layer, the convolution's
                   input frames before the first one; None = zeros, at the start
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.input = Linear(config.input_size, config.hidden_size)
        self.blocks = [Conformer(config) for _ in range(config.layers)]
        self.characters = Linear(config.hidden_size, config.characters)
        self.feedback = Linear(config.characters, config.hidden_size)

    def __call__(self, frames: mx.array) -> Encoded:
        encoded, _ = self.step(frames, None, 0)
        return encoded

    def step(
        self, frames: mx.array, left_context: mx.array | None, context_end: int
    ) -> tuple[Encoded, mx.array]:
        """Encode a piece; also returns the left context for one from `context_end`.

        frames        (T, input), from the start of a block
        context_end   0 to T; a multiple of `context_frames`, where the next piece
                      begins
        """
        hidden = self.input(frames)  # (T, hidden)
        states: list[mx.array] = []  # lazy: never computed unless they are used
        for index, block in enumerate(self.blocks):
            if index == len(self.blocks) // 2:
                mid_logits = self.characters(hidden)  # (T, characters)
                posteriors = mx.softmax(mid_logits, axis=-1, precise=True)
                hidden = hidden + self.feedback(posteriors)
            before = None if left_context is None else left_context[index]
            hidden, state = block(hidden, before, context_end)
            states.append(state)
        # Stacking copies: the small states must not keep their large base arrays alive.
        return Encoded(hidden, mid_logits), mx.stack(states)


class Conformer(Module):
    """One layer: half-step feed-forward, attention, convolution, half-step
    feed-forward."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.feed_in = FeedForward(config)
        self.attention = BlockAttention(config)
        self.convolution = Convolution(config)
        self.feed_out = FeedForward(config)
        self.norm = LayerNorm(config.hidden_size)

    def __call__(
        self, hidden: mx.array, left_context: mx.array | None, context_end: int
    ) -> tuple[mx.array, mx.array]:
        """The layer's output, and its convolution's left context for `context_end`."""
        hidden = hidden + 0.5 * self.feed_in(hidden)
        hidden = hidden + self.attention(hidden)
        mixed, state = self.convolution(hidden, left_context, context_end)
        hidden = hidden + mixed
        hidden = hidden + 0.5 * self.feed_out(hidden)
        return self.norm(hidden), state


class FeedForward(Module):
    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.norm = LayerNorm(config.hidden_size)
        self.up = Linear(config.hidden_size, config.inner_size)
        self.down = Linear(config.inner_size, config.hidden_size)

    def __call__(self, hidden: mx.array) -> mx.array:
        return self.down(silu(self.up(self.norm(hidden))))


class BlockAttention(Module):
    """Self-attention within each block, with relative positions (Shaw et al.).

    distances   (2C - 1, head): rows by key minus query, from -(C - 1) to C - 1
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        inner = config.heads * config.head_size
        self.context_frames = config.context_frames
        self.head_size = config.head_size
        self.norm = LayerNorm(config.hidden_size)
        self.query = Linear(config.hidden_size, inner, bias=False)
        self.key_value = Linear(config.hidden_size, 2 * inner, bias=False)
        self.out = Linear(inner, config.hidden_size)
        self.distances = mx.zeros((2 * config.context_frames - 1, config.head_size))

    def __call__(self, hidden: mx.array) -> mx.array:
        normed = self.norm(hidden)
        queries = self.query(normed)  # (T, heads * head)
        keys, values = mx.split(self.key_value(normed), 2, axis=-1)
        T = hidden.shape[0]
        whole = T - T % self.context_frames
        parts = [
            self._attend(
                queries[a:b], keys[a:b], values[a:b], min(self.context_frames, b - a)
            )
            for a, b in ((0, whole), (whole, T))
            if b > a
        ]
        return self.out(mx.concatenate(parts, axis=0))

    def _attend(
        self, queries: mx.array, keys: mx.array, values: mx.array, C: int
    ) -> mx.array:
        """Attention in blocks of C frames; (n * C, heads * head) in and out."""
        scale = self.head_size**-0.5
        q, k, v = (
            x.reshape(-1, C, x.shape[-1] // self.head_size, self.head_size).swapaxes(
                1, 2
            )
            for x in (queries, keys, values)
        )  # (n, heads, C, head)
        middle = (self.distances.shape[0] + 1) // 2
        rows = self.distances[middle - C : middle + C - 1]  # (2C - 1, head)
        bias = skew((q * scale) @ rows.T)
        mixed = mx.fast.scaled_dot_product_attention(q, k, v, scale=scale, mask=bias)
        return mixed.swapaxes(1, 2).reshape(queries.shape)


def skew(by_distance: mx.array) -> mx.array:
    """(n, heads, C, 2C - 1) by key minus query -> (n, heads, C, C) by key.

    Row c has key r at column r - c + C - 1, so every row starts one column earlier than
    the row above: a view with a shorter row stride does it, without any computation or
    a (heads, C, C, head) array.
    """
    n, heads, C, width = by_distance.shape
    flat = mx.contiguous(by_distance)
    strides = (heads * C * width, C * width, width - 1, 1)
    return mx.as_strided(flat, (n, heads, C, C), strides, offset=C - 1)


class Convolution(Module):
    """Gated depthwise convolution over time; reaches half a kernel to either side.

    load.py folds the batch norm that follows it in the checkpoint into the kernel and a
    bias.
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        K, frames = config.kernel_channels, config.kernel_frames
        self.norm = LayerNorm(config.hidden_size)
        self.up = Linear(config.hidden_size, 2 * K)
        self.kernel = mx.zeros((K, frames, 1))
        self.bias = mx.zeros((K,))
        self.down = Linear(K, config.hidden_size)

    def __call__(
        self, hidden: mx.array, left_context: mx.array | None, context_end: int
    ) -> tuple[mx.array, mx.array]:
        """(T, hidden), and the left context (kernel // 2, K) for `context_end`.

        left_context   gated frames before the first one; None = zeros
        """
        values, gates = mx.split(self.up(self.norm(hidden)), 2, axis=-1)
        padded = self._padded(values * mx.sigmoid(gates), left_context)
        mixed = (convolved if on_metal() else shifted)(padded, self.kernel)  # (T, K)
        state = padded[context_end : context_end + self.kernel.shape[1] // 2]
        return self.down(silu(mixed + self.bias)), state

    def _padded(self, gated: mx.array, left_context: mx.array | None) -> mx.array:
        """(T, K), padded by what the kernel reaches on either side."""
        frames = self.kernel.shape[1]
        before = frames // 2
        after = frames - 1 - before
        if left_context is None:
            return mx.pad(gated, [(before, after), (0, 0)])
        zeros = mx.zeros((after, gated.shape[1]), gated.dtype)
        return mx.concatenate([left_context, gated, zeros])


def convolved(padded: mx.array, kernel: mx.array) -> mx.array:
    """(T + frames - 1, K) and (K, frames, 1) -> (T, K), with MLX's convolution."""
    return mx.conv1d(padded[None], kernel, groups=kernel.shape[0])[0]


def shifted(padded: mx.array, kernel: mx.array) -> mx.array:
    """The same convolution, by shifting and adding.

    Five times as fast on the CPU, where MLX's convolution copies the frames 15 times.
    """
    taps = kernel[:, :, 0].T  # (frames, K)
    frames = taps.shape[0]
    T = padded.shape[0] - frames + 1
    mixed = padded[:T] * taps[0]
    for shift in range(1, frames):
        mixed = mixed + padded[shift : shift + T] * taps[shift]
    return mixed
