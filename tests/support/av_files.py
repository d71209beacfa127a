"""Writes sound files in any container, with any timestamps and several tracks."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

RATE_HZ = 48_000
CODECS = {
    "ogg": "libopus",
    "opus": "libopus",
    "flac": "flac",
    "mka": "pcm_s16le",
    "mkv": "libopus",
    "webm": "libopus",
    "mp3": "libmp3lame",
    "avi": "pcm_s16le",
    "ts": "mp2",
}


@dataclass(frozen=True, slots=True)
class Track:
    """An audio track, made of parts with start times.

    parts   (start in s, samples (n,) or (n, channels) at rate_hz), in order
    """

    parts: Sequence[tuple[float, np.ndarray]]
    rate_hz: int = RATE_HZ
    layout: str = "mono"
    language: str | None = None
    default: bool = False


def write_tracks(
    path: Path,
    *tracks: Track,
    video: bool = False,
    codec: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a file in the container that its suffix names.

    video   also write a video track that starts at 0 s
    """
    codec = codec or CODECS.get(path.suffix[1:], "aac")
    with av.open(str(path), "w", options=options or {}) as container:
        picture = container.add_stream("mpeg4", 5) if video else None
        streams = [_stream(container, codec, track) for track in tracks]
        packets: list[Any] = []
        if picture is not None:
            picture.width = picture.height = 32
            length_s = max(start for track in tracks for start, _ in track.parts) + 1
            packets += _pictures(picture, length_s)
        for stream, track in zip(streams, tracks, strict=True):
            packets += _sound(stream, track)
        packets.sort(key=lambda p: p.dts * p.time_base if p.dts is not None else 0)
        for packet in packets:
            container.mux(packet)
    return path


def _stream(container: Any, codec: str, track: Track) -> Any:
    options = {"strict": "-2"} if codec == "vorbis" else {}
    stream = container.add_stream(
        codec, track.rate_hz, layout=track.layout, options=options
    )
    if codec.startswith("wma"):
        stream.bit_rate = 96_000
    if track.language:
        stream.metadata["language"] = track.language
    stream.disposition = Disposition.default if track.default else Disposition(0)
    return stream


def _pictures(stream: Any, length_s: float) -> list[Any]:
    packets: list[Any] = []
    for _ in range(round(5 * length_s)):
        image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        packets += stream.encode(image)
    return packets + stream.encode(None)


def _sound(stream: Any, track: Track) -> list[Any]:
    packets: list[Any] = []
    for start_s, samples in track.parts:
        packed = samples.astype(np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, "flt", track.layout)
        frame.sample_rate = track.rate_hz
        size = stream.frame_size or 1024
        cut = av.AudioResampler(stream.format.name, track.layout, track.rate_hz, size)
        at = round(start_s * track.rate_hz)
        for piece in [*cut.resample(frame), *cut.resample(None)]:
            piece.pts, piece.time_base = at, Fraction(1, track.rate_hz)
            at += piece.samples
            packets += stream.encode(piece)
    return packets + stream.encode(None)
