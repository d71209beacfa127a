"""Float samples at full scale ±1, whatever a file holds. Pure; float32 in and out."""

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
