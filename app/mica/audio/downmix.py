"""Mixes all channels of a file to mono at full scale ±1, without losing any voice.

Pure; float32 in and out.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

LOUDEST: Final = 16.0  # times full scale; a sample beyond it is not audio
SCALES: Final = tuple(2.0**bits for bits in (7, 15, 23, 31))  # of integers as floats
MOST: Final = 0.99  # the quantile that gives the level; the rest may be garbage

Floats = NDArray[np.float32]


class FullScale:
    """The full scale of one file: usually 1; an integer's if its floats are integers.

    It is determined by the first stretch that is too loud, and then kept. If all
    samples are whole numbers and some are ±1, as in quiet integer audio, a level of 2
    is already too loud.

    scale   the value that becomes ±1
    """

    def __init__(self) -> None:
        self.scale = 1.0

    def push(self, samples: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """The scaled samples, and a mask of those that are valid; others become 0."""
        sizes = np.abs(samples)
        if sizes.max(initial=0) <= self.scale:  # the usual case; false with any NaN
            return samples / np.float32(self.scale), np.ones(samples.shape, np.bool_)
        self._find(sizes[np.isfinite(sizes)])
        is_sound = sizes <= LOUDEST * self.scale
        sound: Floats = np.where(is_sound, samples, np.float32(0))
        return sound / np.float32(self.scale), is_sound

    def _find(self, sizes: Floats) -> None:
        if sizes.size == 0:
            return
        level = float(np.quantile(sizes, MOST, method="lower"))
        is_whole = bool((sizes == np.round(sizes)).all() and (sizes == 1).any())
        if self.scale == 1 and level >= 2 and is_whole:
            self.scale = SCALES[1]
        # a different scale affects most samples; otherwise a few are garbage
        if level > LOUDEST * self.scale and np.median(sizes) >= 1:
            fitting = (scale for scale in SCALES if scale >= level)
            self.scale = next(fitting, self.scale)


BLOCK_S: Final = 0.2  # the weights stay constant for this long
FADE_S: Final = 0.01  # crossfade between weights
SPEECH_HZ: Final = (100, 4000)  # the band that counts: no voice is louder outside it
EDGE: Final = 0.05  # of a block, tapered at either end so that no tone leaks in
FAINT: Final = 1e-3  # of the loudest channel's power: below it nothing is spoken


class Downmix:
    """The mean of the channels that reinforce each other.

    In each block, channels are added starting with the loudest. A channel that would
    make the sum quieter, such as an inverted copy, is left out, as is one 30 dB below
    the loudest, so that one voice among many channels keeps its level. Loudness is
    measured in the speech band on the differences between successive samples, in which
    speech outweighs hum and DC offsets, so inaudible tones cannot exclude a channel.
    How the samples were cut into pushes never shows.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._block = max(1, round(rate_hz * BLOCK_S))
        hertz = np.fft.rfftfreq(self._block, 1 / rate_hz)
        self._band = slice(*np.searchsorted(hertz, SPEECH_HZ))
        self._hertz = hertz[self._band]
        self._fade = max(1, round(rate_hz * FADE_S))
        self._waiting = np.zeros((0, channels), np.float32)
        self._weights: Floats | None = None
        self._first: int | None = None  # the channel added first in the last block

    def push(self, samples: Floats) -> Floats:
        """Mono samples completed by these, (n, channels); any n."""
        if samples.shape[1] == 1:
            return samples[:, 0]
        ready = np.concatenate([self._waiting, samples])
        whole = len(ready) // self._block * self._block
        self._waiting = ready[whole:]
        return self._mixed(ready[:whole])

    def finish(self) -> Floats:
        """The samples still inside. Call once, last."""
        return self._mixed(self._waiting)

    def _mixed(self, samples: Floats) -> Floats:
        mixed = np.zeros(len(samples), np.float32)
        for start in range(0, len(samples), self._block):
            block = samples[start : start + self._block]
            weights, self._first = _weights(self._in_speech(block), self._first)
            out = mixed[start : start + self._block]
            out[:] = block @ weights
            if self._weights is not None and (self._weights != weights).any():
                fade = np.linspace(0, 1, self._fade, dtype=np.float32)[: len(out)]
                head = slice(0, len(fade))
                out[head] = fade * out[head] + (1 - fade) * (
                    block[head] @ self._weights
                )
            self._weights = weights
        return mixed

    def _in_speech(self, block: Floats) -> NDArray[np.complex128]:
        """The spectrum of the sample differences, (channels, frequencies)."""
        tapered = (block * _taper(len(block))[:, None]).T
        spectrum = np.fft.rfft(tapered, self._block)[:, self._band]
        return spectrum * self._hertz


@lru_cache(2)
def _taper(length: int) -> NDArray[np.float64]:
    """A Tukey window: 1 except at the edges, which are tapered like a Hann window."""
    from_edge = np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5
    rising = np.minimum(1, from_edge / max(1, length * EDGE))
    return 0.5 - 0.5 * np.cos(np.pi * rising)


def _weights(spectrum: NDArray[np.complex128], first: int | None) -> tuple[Floats, int]:
    """The weight of each channel in the mix, and the channel that was added first.

    first   that of the previous block; kept until another has twice its power, since
            switching from a channel to its inverted copy is audible
    """
    parts = np.concatenate([spectrum.real, spectrum.imag], axis=1)
    products = np.einsum("in,jn->ij", parts, parts)  # BLAS threads stall one another
    power = products.diagonal()
    order = power.copy()
    if first is not None:
        order[first] *= 2
    added: list[int] = []
    for channel in np.argsort(-order, kind="stable"):
        with_sum = 2 * products[channel, added].sum()
        is_faint = power[channel] < FAINT * power.max()
        if not is_faint and with_sum + power[channel] >= 0:
            added.append(int(channel))
    weights = np.zeros(len(power), np.float32)
    weights[added] = 1 / len(added)
    return weights, added[0]
