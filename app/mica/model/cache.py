"""The decoder's memory of what it has read: keys and values of every layer.

One cache is one view: it only grows or is rewound, it is never copied. Rewinding is
exact, since positions are applied when a key is written.
"""

import mlx.core as mx

_STEP_TOKENS = 256  # room is added in steps, so that writing is in place


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
        """Write (1, heads, n, head) behind the offset; all keys and values so far."""
        stop = self.offset + keys.shape[2]
        grown = _with_room(self._keys[layer], keys, self.offset, stop)
        grown_values = _with_room(self._values[layer], values, self.offset, stop)
        grown[:, :, self.offset : stop] = keys
        grown_values[:, :, self.offset : stop] = values
        self._keys[layer], self._values[layer] = grown, grown_values
        return grown[:, :, :stop], grown_values[:, :, :stop]

    def advance(self, tokens: int) -> None:
        """The pass is over: `tokens` more are remembered."""
        self.offset += tokens

    def rewind(self, offset: int) -> None:
        """Forget all but the first `offset` tokens."""
        if not 0 <= offset <= self.offset:
            raise ValueError(f"cannot rewind from {self.offset} to {offset}")
        self.offset = offset

    @property
    def state(self) -> list[mx.array]:
        """The arrays to evaluate after a pass whose logits nobody asked for."""
        held = [*self._keys, *self._values]
        return [array for array in held if array is not None]


def _with_room(
    held: mx.array | None, new: mx.array, offset: int, stop: int
) -> mx.array:
    """`held` with room for `stop` tokens."""
    if held is not None and held.shape[2] >= stop:
        return held
    B, heads, _, size = new.shape
    room = -(-stop // _STEP_TOKENS) * _STEP_TOKENS
    if held is None:
        return mx.zeros((B, heads, room, size), new.dtype)
    more = mx.zeros((B, heads, room - offset, size), new.dtype)
    return mx.concatenate([held[:, :, :offset], more], axis=2)
