"""Writes WAV and CAF files in every variant that tests need."""

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
    """Write a WAV file; kind: u8, s16, s24 or f32."""
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


def write_caf(path: Path, samples: NDArray[np.float64], labels: list[int]) -> Path:
    """Write a CAF file, 16 kHz, 16-bit, whose channels have Core Audio's labels, in any
    order."""
    rate_hz, channels = 16_000, samples.shape[1]
    chunks = {
        b"desc": struct.pack(
            ">d4sIIIII", rate_hz, b"lpcm", 0, 2 * channels, 1, channels, 16
        ),
        b"chan": struct.pack(">III", 0, 0, channels)
        + b"".join(struct.pack(">II12x", label, 0) for label in labels),
        b"data": bytes(4) + (samples * 32_767).astype(">i2").tobytes(),
    }
    body = [name + struct.pack(">q", len(data)) + data for name, data in chunks.items()]
    path.write_bytes(b"caff" + struct.pack(">HH", 1, 0) + b"".join(body))
    return path
