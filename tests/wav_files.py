"""Writes WAV files of every kind a test needs."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def tone(seconds: float, rate_hz: int, channels: int = 1) -> NDArray[np.float64]:
    """A 440 Hz tone at half scale; (n, channels)."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.repeat(np.sin(2 * np.pi * 440 * at)[:, None] / 2, channels, axis=1)


def write_wav(
    path: Path, samples: NDArray[np.float64], rate_hz: int, kind: str = "s16"
) -> Path:
    """kind: u8, s16, s24 or f32."""
    size = {"u8": 1, "s16": 2, "s24": 3, "f32": 4}[kind]
    if kind == "f32":
        data = samples.astype("<f4").tobytes()
    elif kind == "u8":
        data = (samples * 127 + 128).astype(np.uint8).tobytes()
    else:
        whole = (samples * (2 ** (8 * size - 1) - 1)).astype("<i4")
        data = whole.reshape(-1, 1).view(np.uint8)[:, :size].tobytes()
    channels = samples.shape[1]
    layout = struct.pack(
        "<HHIIHH", 3 if kind == "f32" else 1, channels, rate_hz,
        rate_hz * channels * size, channels * size, 8 * size,
    )  # fmt: skip
    body = b"WAVEfmt " + struct.pack("<I", 16) + layout
    body += b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path
