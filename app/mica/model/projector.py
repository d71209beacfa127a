"""The window Q-Former: hidden frames to audio embeddings for the decoder.

Three learned queries attend to each window of 15 frames and give 3 audio tokens (10 a
second). Windows are independent of each other, so a final window's tokens never change.
"""

import mlx.core as mx

from mica.model.config import ProjectorConfig
from mica.model.layers import LayerNorm, Linear, Module, gelu


class Projector(Module):
    """(T, encoder) -> (ceil(T / window) * queries, decoder hidden); any T from 1.

    The last window is padded with zeros, as in the reference.
    """

    def __init__(self, config: ProjectorConfig, decoder_size: int) -> None:
        super().__init__()
        self.window_frames = config.window_frames
        self.queries = mx.zeros((1, config.queries, config.hidden_size))
        self.norm = LayerNorm(config.hidden_size, eps=config.norm_eps)
        self.layers = [QFormer(config) for _ in range(config.layers)]
        self.out = Linear(config.hidden_size, decoder_size)

    def __call__(self, hidden: mx.array) -> mx.array:
        T, D = hidden.shape
        missing = -T % self.window_frames
        windows = mx.pad(hidden, [(0, missing), (0, 0)])
        windows = windows.reshape(-1, self.window_frames, D)  # (W, window, encoder)
        _, count, size = self.queries.shape
        queries = self.norm(self.queries)
        queries = mx.broadcast_to(queries, (windows.shape[0], count, size))
        for layer in self.layers:
            queries = layer(queries, windows)
        return self.out(queries.reshape(-1, size))


class QFormer(Module):
    """One layer: queries attend to each other, then to their window; feed-forward."""

    def __init__(self, config: ProjectorConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.own = QueryAttention(config, size)
        self.audio = QueryAttention(config, config.encoder_size)
        self.up = Linear(size, config.inner_size)
        self.down = Linear(config.inner_size, size)
        self.norm = LayerNorm(size, eps=config.norm_eps)

    def __call__(self, queries: mx.array, windows: mx.array) -> mx.array:
        queries = self.own(queries, queries)
        queries = self.audio(queries, windows)
        feed_forward = self.down(gelu(self.up(queries)))
        summed: mx.array = self.norm(feed_forward + queries)
        return summed


class QueryAttention(Module):
    """Attention of (W, queries, size) to (W, any, source), with post-norm."""

    def __init__(self, config: ProjectorConfig, source_size: int) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.heads
        self.query = Linear(size, size)
        self.key = Linear(source_size, size)
        self.value = Linear(source_size, size)
        self.out = Linear(size, size)
        self.norm = LayerNorm(size, eps=config.norm_eps)

    def __call__(self, queries: mx.array, source: mx.array) -> mx.array:
        W, Q, size = queries.shape
        head_size = size // self.heads
        q, k, v = (
            x.reshape(W, -1, self.heads, head_size).swapaxes(1, 2)
            for x in (self.query(queries), self.key(source), self.value(source))
        )  # (W, heads, any, head)
        mixed = mx.fast.scaled_dot_product_attention(q, k, v, scale=head_size**-0.5)
        mixed = self.out(mixed.swapaxes(1, 2).reshape(W, Q, size))
        summed: mx.array = self.norm(mixed + queries)
        return summed
