"""The Granite language model: embeddings in, next-token logits out, with a KV cache.

It handles embeddings and token ids, not text or audio: audio embeddings are input just
like those of tokens. One sequence at a time, without a batch dimension. A cache is one
sequence: it grows or is rewound, but is never copied. Rewinding is exact, since
positions are applied when a key is written.
"""

import mlx.core as mx

from mica.model.config import DecoderConfig
from mica.model.layers import Embedding, Linear, Module, RMSNorm, silu

_STEP_TOKENS = 256  # capacity grows in steps, so that most writes are in place


class KvCache:
    """Keys and values of `offset` tokens.

    A pass writes each layer once with `extend`, then counts its tokens with `advance`.
    Used on the inference thread only.
    """

    def __init__(self, layers: int) -> None:
        self.offset = 0
        self._keys: list[mx.array | None] = [None] * layers
        self._values: list[mx.array | None] = [None] * layers

    def extend(
        self, layer: int, keys: mx.array, values: mx.array
    ) -> tuple[mx.array, mx.array]:
        """Write (1, heads, n, head) at the offset; returns all keys and values so
        far."""
        stop = self.offset + keys.shape[2]
        grown = _with_room(self._keys[layer], keys, self.offset, stop)
        grown_values = _with_room(self._values[layer], values, self.offset, stop)
        grown[:, :, self.offset : stop] = keys
        grown_values[:, :, self.offset : stop] = values
        self._keys[layer], self._values[layer] = grown, grown_values
        return grown[:, :, :stop], grown_values[:, :, :stop]

    def advance(self, tokens: int) -> None:
        """End a pass: count its `tokens` as cached."""
        self.offset += tokens

    def rewind(self, offset: int) -> None:
        """Drop all but the first `offset` tokens."""
        if not 0 <= offset <= self.offset:
            raise ValueError(f"cannot rewind from {self.offset} to {offset}")
        self.offset = offset

    @property
    def state(self) -> list[mx.array]:
        """The arrays to evaluate after a pass whose logits are not used."""
        held = [*self._keys, *self._values]
        return [array for array in held if array is not None]


def _with_room(
    held: mx.array | None, new: mx.array, offset: int, stop: int
) -> mx.array:
    """`held`, grown if necessary to hold `stop` tokens."""
    if held is not None and held.shape[2] >= stop:
        return held
    B, heads, _, size = new.shape
    room = -(-stop // _STEP_TOKENS) * _STEP_TOKENS
    if held is None:
        return mx.zeros((B, heads, room, size), new.dtype)
    more = mx.zeros((B, heads, room - offset, size), new.dtype)
    return mx.concatenate([held[:, :, :offset], more], axis=2)


class Decoder(Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.embedding_multiplier = config.embedding_multiplier
        self.logits_scaling = config.logits_scaling
        self.embedding = Embedding(config.vocabulary, config.hidden_size)
        self.layers = [Layer(config) for _ in range(config.layers)]
        self.norm = RMSNorm(config.hidden_size, eps=config.norm_eps)
        if not config.tied:
            self.head = Linear(config.hidden_size, config.vocabulary, bias=False)

    def __call__(self, embeddings: mx.array, cache: KvCache, last: int = 1) -> mx.array:
        """One pass over n more positions; returns logits of the `last` ones.

        embeddings  (n, hidden) of audio or tokens, n >= 1, not yet scaled
        cache       what precedes them; n tokens longer afterwards
        last        how many positions at the end need logits, 0 to n
        returns     (last, vocabulary)
        """
        hidden = embeddings[None] * self.embedding_multiplier  # (1, n, hidden)
        for index, layer in enumerate(self.layers):
            hidden = layer(hidden, cache, index)
        n = embeddings.shape[0]
        cache.advance(n)
        wanted = self.norm(hidden[0, n - last :])  # (last, hidden)
        logits: mx.array = self._logits(wanted) / self.logits_scaling
        return logits

    def embed(self, ids: mx.array) -> mx.array:
        """Embeddings (n, hidden) of token ids (n,)."""
        embeddings: mx.array = self.embedding(ids)
        return embeddings

    def _logits(self, hidden: mx.array) -> mx.array:
        tied = "head" not in self
        logits: mx.array = (self.embedding.as_linear if tied else self.head)(hidden)
        return logits


class Layer(Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.residual_multiplier = config.residual_multiplier
        self.attention = Attention(config)
        self.feed = MLP(config)

    def __call__(self, hidden: mx.array, cache: KvCache, index: int) -> mx.array:
        attended = self.attention(hidden, cache, index)
        hidden = hidden + attended * self.residual_multiplier
        return hidden + self.feed(hidden) * self.residual_multiplier


class Attention(Module):
    """Causal grouped-query attention with rotary positions."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        size, kv_size = config.hidden_size, config.kv_heads * config.head_size
        self.head_size = config.head_size
        self.rope_theta = config.rope_theta
        self.scale = config.attention_multiplier  # not 1 / sqrt(head_size)
        self.norm = RMSNorm(size, eps=config.norm_eps)
        self.query = Linear(size, size, bias=False)
        self.key = Linear(size, kv_size, bias=False)
        self.value = Linear(size, kv_size, bias=False)
        self.out = Linear(size, size, bias=False)

    def __call__(self, hidden: mx.array, cache: KvCache, index: int) -> mx.array:
        B, n, D = hidden.shape
        normed = self.norm(hidden)
        q, k, v = (
            x.reshape(B, n, -1, self.head_size).swapaxes(1, 2)
            for x in (self.query(normed), self.key(normed), self.value(normed))
        )  # (B, heads, n, head)
        k, v = cache.extend(index, self._turn(k, cache.offset), v)
        mixed = mx.fast.scaled_dot_product_attention(
            self._turn(q, cache.offset), k, v, scale=self.scale, mask="causal"
        )
        return self.out(mixed.swapaxes(1, 2).reshape(B, n, D))

    def _turn(self, x: mx.array, offset: int) -> mx.array:
        """Apply rotary positions starting at `offset`, halves paired (NeoX style)."""
        return mx.fast.rope(
            x,
            self.head_size,
            traditional=False,
            base=self.rope_theta,
            scale=1.0,
            offset=offset,
        )


class MLP(Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.norm = RMSNorm(config.hidden_size, eps=config.norm_eps)
        self.gate = Linear(config.hidden_size, config.inner_size, bias=False)
        self.up = Linear(config.hidden_size, config.inner_size, bias=False)
        self.down = Linear(config.inner_size, config.hidden_size, bias=False)

    def __call__(self, hidden: mx.array) -> mx.array:
        normed = self.norm(hidden)
        return self.down(silu(self.gate(normed)) * self.up(normed))
