"""The messages of the decoding process about a sound file, and their wire format.

    u32 length of the header | u32 length of the PCM | header, JSON | PCM

Numbers are little endian. A damaged file may take over the decoders, so what they send
is checked. It opens nothing and decodes nothing.
"""

import json
import struct
from typing import IO, Annotated, Final, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from mica.events import Count, Seconds

REMEDY: Final = "Choose a sound or video file."
MAX_HEADER_BYTES: Final = 16 << 20
MAX_PCM_BYTES: Final = 256 << 20  # of a frame, which takes a few KB to a few MB
_LENGTHS: Final = struct.Struct("<II")
_KINDS: Final = {
    "u8": "u1", "s16": "i2", "s32": "i4", "s64": "i8", "flt": "f4", "dbl": "f8",
}  # fmt: skip
Positive = Annotated[int, Meta(ge=1, le=2**31)]
SampleKind = Literal["u8", "s16", "s32", "s64", "flt", "dbl"]


class _Record(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A message's header: a list of its class's name and its fields."""


class StreamOpened(_Record, frozen=True):
    """The file can be read; the first message.

    duration_s   its known or estimated duration
    claimed_s    its exact duration according to its header, if that gives one
    slack_s      how much shorter it may be without counting as cut off
    tracks       all audio tracks, for use in a message; empty if there is only one
    lacks_bytes  how much is missing at its end, if the header gives bytes, not seconds
    """

    duration_s: Seconds | None
    claimed_s: Seconds | None = None
    slack_s: Seconds = 0.0
    tracks: str = ""
    lacks_bytes: Count = 0


class DecodedSamples(_Record, frozen=True):
    """Interleaved samples of all channels, in the message's PCM.

    kind      FFmpeg's name of the sample format: u8, s16, s32, s64, flt or dbl
    start_s   the time of the first one according to the file; None if unknown
    """

    rate_hz: Positive
    channels: Positive
    kind: SampleKind
    start_s: Seconds | None

    @property
    def bytes_each(self) -> int:
        """The size of one sample of all channels."""
        size = {"u8": 1, "s16": 2, "s64": 8, "dbl": 8}.get(self.kind, 4)
        return size * self.channels

    @property
    def bytes_per_s(self) -> int:
        return self.bytes_each * self.rate_hz


class PacketsLost(_Record, frozen=True):
    """A packet that could not be decoded."""


class TimesReset(_Record, frozen=True):
    """Timestamps restart here: another recording is joined to the previous one."""


class EndMissing(_Record, frozen=True):
    """The end of the file, or of a joined recording, is missing.

    is_certain   False: it only lacks the end mark that such files usually have
    """

    is_certain: bool


class Unread(_Record, frozen=True):
    """Another recording, which cannot be read, follows here.

    size_bytes   of what follows if its kind is unknown; else 0
    """

    size_bytes: Count = 0


class Refused(_Record, frozen=True):
    """The file cannot be used; the last message. `detail` is for developers."""

    what: str
    remedy: str
    detail: str = ""


class StreamEnded(_Record, frozen=True):
    """Everything has been sent; the last message."""


Message = (
    StreamOpened
    | DecodedSamples
    | PacketsLost
    | TimesReset
    | EndMissing
    | Unread
    | Refused
    | StreamEnded
)


def pack(message: Message, pcm: bytes = b"") -> bytes:
    """Encode a message."""
    # json, because names of files need not be text
    header = json.dumps(msgspec.to_builtins(message)).encode()
    return _LENGTHS.pack(len(header), len(pcm)) + header + pcm


def unpack(pipe: IO[bytes]) -> tuple[Message, bytes] | None:
    """Read the next message and its PCM; None if the pipe ends, even within one, or
    carries anything else."""
    lengths = pipe.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_bytes, pcm_bytes = _LENGTHS.unpack(lengths)
    if header_bytes > MAX_HEADER_BYTES or pcm_bytes > MAX_PCM_BYTES:
        return None
    header, pcm = pipe.read(header_bytes), pipe.read(pcm_bytes)
    if len(header) < header_bytes or len(pcm) < pcm_bytes:
        return None
    try:
        message: Message = msgspec.convert(json.loads(header), Message)
    except (ValueError, RecursionError):
        return None
    if isinstance(message, DecodedSamples) and len(pcm) % message.bytes_each:
        return None
    return message, pcm


def floats(message: DecodedSamples, pcm: bytes) -> NDArray[np.float32]:
    """The samples, (n, channels); integers are scaled to full scale ±1."""
    raw = np.frombuffer(pcm, f"<{_KINDS[message.kind]}").reshape(-1, message.channels)
    with np.errstate(over="ignore"):  # a double may exceed float32; see downmix.py
        samples = raw.astype(np.float32)
    if message.kind == "u8":
        samples = (samples - 128) / np.float32(128)
    elif message.kind.startswith("s"):
        samples /= np.float32(2.0 ** (8 * raw.itemsize - 1))
    return samples
