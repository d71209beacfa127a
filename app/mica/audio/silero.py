"""The Silero VAD network in numpy: the probability of speech for each 32 ms.

Silero 6.2 for 16 kHz (resources/silero, MIT license). A window of 512 samples passes
through a short-time Fourier transform, four convolutions, an LSTM cell and a linear
layer.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica import paths

WINDOW: Final = 512  # samples at 16 kHz
_CONTEXT: Final = 64  # samples of the previous window
_FRAME: Final = 256
_HOP: Final = 128
_FRAMES: Final = 4
_HIDDEN: Final = 128

Floats = NDArray[np.float32]


class SileroVad:
    """One stream of windows; a result depends on all windows since the last reset."""

    def __init__(self) -> None:
        self._net = _network()
        self.reset()

    def reset(self) -> None:
        """Forget the windows so far."""
        self._context = np.zeros(_CONTEXT, np.float32)
        self._hidden = np.zeros(_HIDDEN, np.float32)
        self._cell = np.zeros(_HIDDEN, np.float32)

    def probability(self, window: Floats) -> float:
        """The probability of speech in these 512 samples, 0 to 1."""
        with_context = np.concatenate([self._context, window])
        self._context = window[-_CONTEXT:]
        features = self._net.encode(with_context)
        self._hidden, self._cell = self._net.step(features, self._hidden, self._cell)
        return self._net.speech(self._hidden)


class _Network:
    """The weights as matrices for windows of 512 samples.

    A window is 4 frames. The convolutions have three taps and strides of 1, 2, 2 and 1,
    which leave 4, 2, 1 and 1 frames; taps that see only zero padding are omitted.
    """

    def __init__(self, weights: dict[str, Floats]) -> None:
        count = _CONTEXT + WINDOW
        mirrored = np.arange(count - 2, count - 2 - _CONTEXT, -1)
        order = np.concatenate([np.arange(count), mirrored])
        frames = np.arange(_FRAMES)[:, None] * _HOP + np.arange(_FRAME)
        self._order = order[frames]  # (4, 256): indices of the frames' samples
        self._hann = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
        taps, self._biases = [], []
        for layer in range(4):
            name = f"encoder.{layer}.reparam_conv"
            taps.append(weights[f"{name}.weight"].transpose(2, 1, 0))  # (3, in, out)
            self._biases.append(weights[f"{name}.bias"])
        self._first, self._third = _rows(taps[0]), _rows(taps[2][1:])
        self._second = _rows(taps[1]), _rows(taps[1][1:])  # all taps; at the edge
        self._fourth = taps[3][1].copy()
        cell = "decoder.rnn"
        both = [weights[f"{cell}.weight_ih"], weights[f"{cell}.weight_hh"]]
        self._cell = np.concatenate(both, axis=1)  # (4 * 128, 128 + 128)
        self._cell_bias = weights[f"{cell}.bias_ih"] + weights[f"{cell}.bias_hh"]
        self._last = weights["decoder.decoder.2.weight"]
        self._last_bias = weights["decoder.decoder.2.bias"]

    def encode(self, samples: Floats) -> Floats:
        """Features (128,) of a window and the 64 samples before it."""
        bins = np.abs(np.fft.rfft(samples[self._order] * self._hann))
        around = np.zeros((_FRAMES + 2, bins.shape[1]), np.float32)
        around[1:-1] = bins
        rows = np.concatenate([around[:4], around[1:5], around[2:]], axis=1)
        hidden = _relu(rows @ self._first + self._biases[0]).reshape(-1)  # 4 * 128
        whole, edge = self._second
        early, late = hidden[: len(edge)] @ edge, hidden[-len(whole) :] @ whole
        bias = self._biases[1]
        hidden = _relu(np.concatenate([early + bias, late + bias]))
        hidden = _relu(hidden @ self._third + self._biases[2])
        return _relu(hidden @ self._fourth + self._biases[3])

    def step(
        self, features: Floats, hidden: Floats, cell: Floats
    ) -> tuple[Floats, Floats]:
        """The LSTM's next state."""
        both = np.concatenate([features, hidden])
        gates = self._cell @ both + self._cell_bias
        value = np.tanh(gates[2 * _HIDDEN : 3 * _HIDDEN])
        enter, forget, _, out = _sigmoid(gates).reshape(4, _HIDDEN)
        cell = forget * cell + enter * value
        return out * np.tanh(cell), cell

    def speech(self, hidden: Floats) -> float:
        return float(_sigmoid(_relu(hidden) @ self._last + self._last_bias))


def _rows(taps: Floats) -> Floats:
    """Taps (n, in, out) as a matrix for concatenated frames: (n * in, out)."""
    return np.ascontiguousarray(taps.reshape(-1, taps.shape[-1]))


def _relu(values: Floats) -> Floats:
    return np.maximum(values, np.float32(0))


def _sigmoid(values: Floats) -> Floats:
    half = np.float32(0.5)
    return np.asarray(half * np.tanh(half * values) + half, np.float32)


@cache
def _network() -> _Network:
    with np.load(paths.resource("silero/silero-vad-6.2.npz")) as file:
        return _Network({name: file[name].astype(np.float32) for name in file.files})
