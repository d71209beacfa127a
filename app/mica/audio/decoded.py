"""The messages of the decoding process about a sound file, and their wire format.

    u32 length of the header | u32 length of the PCM | header, JSON | PCM

Numbers are little endian. It opens nothing and decodes nothing.
"""

import json
import struct
from dataclasses import astuple, dataclass
from typing import IO, Final

REMEDY: Final = "Choose a sound or video file."
_LENGTHS: Final = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The file can be read; the first message.

    duration_s   its known or estimated duration
    claimed_s    its exact duration according to its header, if that gives one
    slack_s      how much shorter it may be without counting as cut off
    tracks       all audio tracks, for use in a message; empty if there is only one
    lacks_bytes  how much is missing at its end, if the header gives bytes, not seconds
    """

    duration_s: float | None
    claimed_s: float | None = None
    slack_s: float = 0.0
    tracks: str = ""
    lacks_bytes: int = 0


@dataclass(frozen=True, slots=True)
class DecodedSamples:
    """Interleaved samples of all channels, in the message's PCM.

    kind      FFmpeg's name of the sample format: u8, s16, s32, s64, flt or dbl
    start_s   the time of the first one according to the file; None if unknown
    """

    rate_hz: int
    channels: int
    kind: str
    start_s: float | None

    @property
    def bytes_per_s(self) -> int:
        size = {"u8": 1, "s16": 2, "s64": 8, "dbl": 8}.get(self.kind, 4)
        return size * self.channels * self.rate_hz


@dataclass(frozen=True, slots=True)
class PacketsLost:
    """A packet that could not be decoded."""


@dataclass(frozen=True, slots=True)
class TimesReset:
    """Timestamps restart here: another recording is joined to the previous one."""


@dataclass(frozen=True, slots=True)
class EndMissing:
    """The end of the file, or of a joined recording, is missing.

    is_certain   False: it only lacks the end mark that such files usually have
    """

    is_certain: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """Another recording, which cannot be read, follows here.

    size_bytes   of what follows if its kind is unknown; else 0
    """

    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """The file cannot be used; the last message. `detail` is for developers."""

    what: str
    remedy: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StreamEnded:
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
_KINDS: Final[dict[str, type[Message]]] = {
    kind.__name__: kind
    for kind in (
        StreamOpened,
        DecodedSamples,
        PacketsLost,
        TimesReset,
        EndMissing,
        Unread,
        Refused,
        StreamEnded,
    )
}


def pack(message: Message, pcm: bytes = b"") -> bytes:
    """Encode a message."""
    header = json.dumps([type(message).__name__, *astuple(message)]).encode()
    return _LENGTHS.pack(len(header), len(pcm)) + header + pcm


def unpack(pipe: IO[bytes]) -> tuple[Message, bytes] | None:
    """Read the next message and its PCM; None if the pipe ends, even within one."""
    lengths = pipe.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_bytes, pcm_bytes = _LENGTHS.unpack(lengths)
    header, pcm = pipe.read(header_bytes), pipe.read(pcm_bytes)
    if len(header) < header_bytes or len(pcm) < pcm_bytes:
        return None
    name, *values = json.loads(header)
    return _KINDS[name](*values), pcm
