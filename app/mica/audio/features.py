"""Log-mel features, from a whole utterance or from a stream.

The front end of Granite Speech: 25 ms Hann windows every 10 ms, 80 HTK mel bands,
log10, two rows stacked to one 20 ms frame. Numpy only; it does not resample, keeps no
more samples than one window, and knows nothing of blocks or speech.

Rows are clipped at 8 (log10) below the loudest cell of the whole utterance, which a
stream cannot know before its end. So the stream gives unclipped rows and the loudest
cell so far (`peak`), and `clipped` turns rows into encoder frames.
"""

import numpy as np
from numpy.typing import NDArray

from mica.units import HOP_SAMPLES, SAMPLE_RATE_HZ, WINDOW_SAMPLES

FFT_SAMPLES = 512
MEL_BANDS = 80
FRAME_CELLS = 2 * MEL_BANDS
RANGE_LOG10 = 8.0  # cells lie at most 80 dB below the loudest one
POWER_FLOOR = 1e-10
EDGE = FFT_SAMPLES // 2  # samples mirrored before the first and after the last one

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def log_mel(samples: Floats) -> Floats:
    """All frames of an utterance, ready for the encoder.

    samples  float32 (n,), 16 kHz mono, full scale ±1
    returns  float32 (frames, 160); zero frames for fewer than 257 samples
    """
    stream = FeatureStream()
    rows = np.concatenate([stream.push(samples), stream.finish()])
    return clipped(rows, stream.peak)


def floor(peak: float) -> np.float32:
    """The value that cells are clipped at if the loudest one is `peak`."""
    return np.float32(peak) - np.float32(RANGE_LOG10)


def clipped(rows: Floats, peak: float) -> Floats:
    """A stream's rows as encoder frames, clipped at `peak` - 8 and scaled."""
    return (np.maximum(rows, floor(peak)) / 4 + 1).astype(np.float32)


class FeatureStream:
    """Unclipped log10 mel frames from samples as they arrive.

    peak   the loudest log10 cell of the rows so far; after finish() that of the whole
           utterance, including an odd last row that is in no frame

    Rows are bit-identical however the audio was cut into pushes: every step below works
    cell by cell in a fixed order (a BLAS product would not).
    """

    def __init__(self) -> None:
        self.peak = float("-inf")
        self._waiting: Doubles = np.zeros(0)  # mirrored start, then pending samples
        self._started = False
        self._odd: Floats = np.zeros((0, MEL_BANDS), np.float32)

    def push(self, samples: Floats) -> Floats:
        """Frames completed by these samples.

        samples  float32 (n,), 16 kHz mono, full scale ±1; any n, also 0
        returns  float32 (frames, 160), log10 power, unclipped; may be empty
        """
        self._waiting = np.concatenate([self._waiting, samples.astype(np.float64)])
        if not self._started:
            if len(self._waiting) <= EDGE:
                return np.zeros((0, FRAME_CELLS), np.float32)
            mirrored = self._waiting[EDGE:0:-1]
            self._waiting = np.concatenate([mirrored, self._waiting])
            self._started = True
        return self._stack(self._rows())

    def finish(self) -> Floats:
        """The remaining frames; mirrors the end of the audio. Call once, last."""
        if not self._started:
            return np.zeros((0, FRAME_CELLS), np.float32)
        mirrored = self._waiting[-2 : -2 - EDGE : -1]
        self._waiting = np.concatenate([self._waiting, mirrored])
        return self._stack(self._rows())

    def _rows(self) -> Floats:
        """Mel rows of all complete windows; keeps the samples that later ones need."""
        count = max(0, (len(self._waiting) - FFT_SAMPLES) // HOP_SAMPLES + 1)
        if count == 0:
            return np.zeros((0, MEL_BANDS), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._waiting, FFT_SAMPLES)
        rows = _mel_rows(windows[: count * HOP_SAMPLES : HOP_SAMPLES])
        self._waiting = self._waiting[count * HOP_SAMPLES :]
        self.peak = max(self.peak, float(rows.max()))
        return rows

    def _stack(self, rows: Floats) -> Floats:
        """Stack pairs of rows into frames; an odd row waits."""
        rows = np.concatenate([self._odd, rows])
        frames = len(rows) // 2
        self._odd = rows[2 * frames :]
        return rows[: 2 * frames].reshape(frames, FRAME_CELLS)


def _mel_rows(windows: Doubles) -> Floats:
    """log10 mel power of windows (rows, 512) -> (rows, 80)."""
    spectrum = np.fft.rfft(windows * _WINDOW, axis=-1)  # (rows, 257)
    power = spectrum.real**2 + spectrum.imag**2
    mel = np.zeros((len(windows), MEL_BANDS))
    for bins, weights in zip(_BAND_BINS.T, _BAND_WEIGHTS.T, strict=True):
        mel += power[:, bins] * weights
    return np.log10(np.maximum(mel, POWER_FLOOR)).astype(np.float32)


def _hann() -> Doubles:
    """Periodic Hann window of 400 samples, centered in 512."""
    turn = 2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES
    edge = (FFT_SAMPLES - WINDOW_SAMPLES) // 2
    return np.pad(0.5 - 0.5 * np.cos(turn), edge)


def _mel_bands() -> tuple[NDArray[np.intp], Doubles]:
    """The bins under each HTK triangle and their weights, (80, widest) each.

    Narrower triangles are padded with zero weights.
    """
    top_mel = 2595 * np.log10(1 + SAMPLE_RATE_HZ / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, top_mel, MEL_BANDS + 2) / 2595) - 1)
    bins_hz = np.linspace(0, SAMPLE_RATE_HZ / 2, FFT_SAMPLES // 2 + 1)
    slopes = corners[:, None] - bins_hz  # (82, 257)
    steps = np.diff(corners)[:, None]
    rising, falling = -slopes[:-2] / steps[:-1], slopes[2:] / steps[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))  # (80, 257)
    widest = int((triangles > 0).sum(axis=1).max())
    starts = np.minimum((triangles > 0).argmax(axis=1), len(bins_hz) - widest)
    bins = starts[:, None] + np.arange(widest)
    return bins, np.take_along_axis(triangles, bins, axis=1)


_WINDOW = _hann()
_BAND_BINS, _BAND_WEIGHTS = _mel_bands()
