"""All channels of a file to one, at full scale ±1, so that no voice is lost.

Pure; float32 in and out.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

LOUDEST: Final = 16.0  # of full scale; beyond it a sample is no sound
SCALES: Final = tuple(2.0**bits for bits in (7, 15, 23, 31))  # of integers as floats
MOST: Final = 0.99  # of a stretch's samples tell how loud it is; the rest may be wild

Floats = NDArray[np.float32]


class FullScale:
    """The scale of one file: usually 1, that of integers where it holds those.

    It is found by the first stretch that is too loud, and held from there on. Where all
    samples are whole numbers, 1 among them, as in integers' silence, 2 is too loud.

    scale   what is ±1
    """

    def __init__(self) -> None:
        self.scale = 1.0

    def push(self, samples: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """The samples scaled, and which are sound; the others are 0."""
        sizes = np.abs(samples)
        if sizes.max(initial=0) <= self.scale:  # the usual; false with any nan
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
        # a scale is seen in most samples; else some are wild
        if level > LOUDEST * self.scale and np.median(sizes) >= 1:
            fitting = (scale for scale in SCALES if scale >= level)
            self.scale = next(fitting, self.scale)


BLOCK_S: Final = 0.2  # for so long it is decided alike
FADE_S: Final = 0.01  # from one decision to the next
SPEECH_HZ: Final = (100, 4000)  # only there it is judged: no voice is louder elsewhere
EDGE: Final = 0.05  # of a block, tapered on either side so that no tone leaks into it
FAINT: Final = 1e-3  # of the loudest channel's power: nothing is said there


class Downmix:
    """The mean of those channels that add to each other.

    In each block channels are added, the loudest first; one that would make the sum
    quieter, as an inverted copy does, is left out, as is one 30 dB below the loudest,
    so that one voice among many channels stays as loud as it was. How loud is judged in
    the band of speech and by differences from sample to sample, in which speech
    outweighs hum and offsets; a tone that nobody hears silences nobody. How the samples
    were cut into pushes never shows.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._block = max(1, round(rate_hz * BLOCK_S))
        hertz = np.fft.rfftfreq(self._block, 1 / rate_hz)
        self._band = slice(*np.searchsorted(hertz, SPEECH_HZ))
        self._hertz = hertz[self._band]
        self._fade = max(1, round(rate_hz * FADE_S))
        self._waiting = np.zeros((0, channels), np.float32)
        self._weights: Floats | None = None
        self._first: int | None = None  # the loudest channel so far

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
        """The spectrum of the differences, (channels, frequencies)."""
        tapered = (block * _taper(len(block))[:, None]).T
        spectrum = np.fft.rfft(tapered, self._block)[:, self._band]
        return spectrum * self._hertz


@lru_cache(2)
def _taper(length: int) -> NDArray[np.float64]:
    """1, but at the edges, where it rises from 0 and falls as a Hann window does."""
    from_edge = np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5
    rising = np.minimum(1, from_edge / max(1, length * EDGE))
    return 0.5 - 0.5 * np.cos(np.pi * rising)


def _weights(spectrum: NDArray[np.complex128], first: int | None) -> tuple[Floats, int]:
    """How much of each channel goes into the sum, and the one that was added first.

    first   the one before this block; it stays until another is twice as loud, since
            to go from a channel to its inverted copy is heard
    """
    parts = np.concatenate([spectrum.real, spectrum.imag], axis=1)
    products = np.einsum("in,jn->ij", parts, parts)  # BLAS' threads wait for each other
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
