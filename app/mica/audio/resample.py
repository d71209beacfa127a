"""Streaming resampling. Float32 mono in and out, no I/O."""

import numpy as np
import soxr
from numpy.typing import NDArray

from mica.units import SAMPLE_RATE_HZ

Floats = NDArray[np.float32]


class Resampler:
    """A soxr stream, to 16 kHz by default; equal rates pass samples unchanged.

    How the audio was cut into pushes never shows in the samples.
    """

    def __init__(self, rate_hz: int, to_hz: int = SAMPLE_RATE_HZ) -> None:
        self._stream = (
            None
            if rate_hz == to_hz
            else soxr.ResampleStream(rate_hz, to_hz, 1, dtype="float32")
        )

    def push(self, samples: Floats) -> Floats:
        """Resampled samples completed by these; float32 (n,), any n, also 0."""
        return self._through(samples, last=False)

    def finish(self) -> Floats:
        """The samples still inside the filter. Call once, last."""
        return self._through(np.zeros(0, np.float32), last=True)

    def _through(self, samples: Floats, *, last: bool) -> Floats:
        if self._stream is None:
            return samples
        resampled: Floats = self._stream.resample_chunk(samples, last)
        return resampled
