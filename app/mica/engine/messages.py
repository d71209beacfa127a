"""The protocol between the app and the engine process, and its wire format.

    u32 length of the rest | u32 length of the header | header, msgpack | raw PCM

The header is a version and one message; only Samples carries PCM. Numbers are little
endian. This module packs and parses; it opens no pipe and starts no thread. Invalid
input raises EngineError, never another exception. Over 300 lines: every message, one
after another.
"""

import os
import struct
import typing
from pathlib import Path

import msgspec
from msgspec import Meta

from mica import errors
from mica.errors import EngineError, MicaError
from mica.events import (
    Commit,
    Count,
    ResumePoint,
    Seconds,
    SegmentText,
    TranscribeOptions,
    Transcript,
    UtteranceStats,
    Word,
)

VERSION: typing.Final = 1
MAX_MESSAGE_BYTES: typing.Final = 64 << 20  # an hour's transcript is 0.8 MB
MAX_PCM_BYTES: typing.Final = 1 << 16  # longer pushes are split into several messages
SAMPLE_BYTES: typing.Final = 4
WINDOW_BYTES: typing.Final = 1 << 20  # of an utterance sent but not yet consumed
_LENGTH: typing.Final = struct.Struct("<I")
Number = typing.Annotated[int, Meta(ge=0, le=2**62)]  # of an utterance
Rate = typing.Annotated[int, Meta(ge=1, le=1_000_000)]  # in Hz
RETRY: typing.Final = "Try again."
_REMEDY: typing.Final = "Start Mica again; if it happens again, reinstall it."


class Message(msgspec.Struct, frozen=True, tag=True):
    """One unit on the engine's pipe."""


class Load(Message, frozen=True, tag=True):
    """Load this model folder; answered by Ready or Failed."""

    model_folder: Path  # as bytes on the pipe, since its name need not be text


class Begin(Message, frozen=True, tag=True):
    """Begin an utterance; its samples follow. Several may be open. `rate` in Hz.

    resume_from   what is already committed, for a replay
    """

    utterance: Number
    rate: Rate
    options: TranscribeOptions
    resume_from: ResumePoint = ResumePoint()


class Samples(Message, frozen=True, tag=True):
    """Samples from index `first` on, float32 mono, in the message's PCM."""

    utterance: Number
    first: Count


class Release(Message, frozen=True, tag=True):
    """The user ended it and is waiting; its remaining samples and End follow."""

    utterance: Number


class End(Message, frozen=True, tag=True):
    """All samples have been sent; `last` is the sample index of the key-up."""

    utterance: Number
    last: Count


class Cancel(Message, frozen=True, tag=True):
    """Forget the utterance; no reply about it follows."""

    utterance: Number


class Quit(Message, frozen=True, tag=True):
    """End the engine process."""


class Ready(Message, frozen=True, tag=True):
    """The model is loaded.

    translates   whether it was trained to translate
    mlx          version and build of MLX; "" if unknown
    """

    model: str
    load_s: Seconds
    translates: bool = False
    mlx: str = ""


class Heartbeat(Message, frozen=True, tag=True):
    """Sent regularly. `age_s`: time since inference last finished a unit, 0 if idle."""

    age_s: Seconds


class Working(Message, frozen=True, tag=True):
    """The engine works on this utterance until it names another."""

    utterance: Number


class Consumed(Message, frozen=True, tag=True):
    """Samples up to index `until` have left the engine's queue, which makes room for
    as many new ones."""

    utterance: Number
    until: Count


class Hypothesis(Message, frozen=True, tag=True):
    """The best text so far of what is not committed yet; may still change."""

    utterance: Number
    text: str


class Committed(Message, frozen=True, tag=True):
    """Final words of an utterance; never revised, never sent twice.

    start_s, end_s   of the segment, in seconds since the utterance's first sample
    until_s, stats   as in ResumePoint, for an engine that resumes after these words
    """

    utterance: Number
    start_s: Seconds
    end_s: Seconds
    text: str
    words: tuple[Word, ...] = ()
    until_s: Seconds = 0.0
    stats: UtteranceStats = UtteranceStats()

    @property
    def segment(self) -> SegmentText:
        """The same words as a part of a transcript."""
        return SegmentText(self.start_s, self.end_s, self.text, words=self.words)


def committed(utterance: int, commit: Commit, stats: UtteranceStats) -> Committed:
    """The message for a commit; `stats`: the cost up to it."""
    segment = commit.segment
    place = segment.start_s, segment.end_s
    return Committed(
        utterance, *place, segment.text, segment.words, commit.until_s, stats
    )


class Finished(Message, frozen=True, tag=True):
    """An utterance is done: the answer to End, and the last message about it."""

    utterance: Number
    transcript: Transcript


class Failed(Message, frozen=True, tag=True):
    """An utterance failed; the last message about it. None: the engine or its model
    failed.

    error   on the pipe: its class name, what happened and the remedy
    """

    utterance: Number | None
    error: MicaError


Request = Load | Begin | Samples | Release | End | Cancel | Quit
Reply = (
    Ready | Heartbeat | Working | Consumed | Hypothesis | Committed | Finished | Failed
)


class _Header(msgspec.Struct, frozen=True, array_like=True):
    version: int
    message: msgspec.Raw


def _fields(value: object) -> object:
    """A path's or error's form on the pipe."""
    if isinstance(value, Path):
        return os.fsencode(value)
    if isinstance(value, MicaError):
        return type(value).__name__, value.what, value.remedy
    raise NotImplementedError


def _parsed(wanted: type, fields: typing.Any) -> object:
    """The path or error of that form."""
    if wanted is Path:
        if not isinstance(fields, bytes | str):
            raise ValueError("a path must be bytes")
        return Path(os.fsdecode(fields))
    return _error_of(fields)


def _error_of(fields: object) -> MicaError:
    """The errors.py error that was sent; always with a remedy."""
    name, what, remedy = msgspec.convert(fields, tuple[str, str, str])
    kind = getattr(errors, name, EngineError)
    known = isinstance(kind, type) and issubclass(kind, MicaError)
    return (kind if known else EngineError)(what, remedy or RETRY)


#: ValueError: a text isn't UTF-8
_INVALID: typing.Final = (msgspec.MsgspecError, ValueError, RecursionError)
_ENCODER = msgspec.msgpack.Encoder(enc_hook=_fields)
_HEADERS = msgspec.msgpack.Decoder(_Header)
_REQUESTS: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(
    Request, dec_hook=_parsed
)
_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(
    Reply, dec_hook=_parsed
)


def pack(message: Request | Reply, pcm: bytes = b"") -> bytes:
    """The bytes of one message."""
    header = _ENCODER.encode(_Header(VERSION, msgspec.Raw(_encoded(message))))
    length = _LENGTH.size + len(header) + len(pcm)
    if length > MAX_MESSAGE_BYTES:
        raise EngineError("A message to or from the engine is too long.", _REMEDY)
    return _LENGTH.pack(length) + _LENGTH.pack(len(header)) + header + pcm


def _encoded(message: Request | Reply) -> bytes:
    try:
        return _ENCODER.encode(message)
    except UnicodeEncodeError:  # names of files need not be text
        plain = msgspec.to_builtins(message, builtin_types=(bytes,), enc_hook=_fields)
        return _ENCODER.encode(_as_text(plain))


def _as_text(value: typing.Any) -> typing.Any:
    """The same value, with a question mark for each byte that isn't text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _as_text(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_text(one) for one in value]
    return value


class Unpacker:
    """Splits a byte stream into messages, however its bytes arrive.

    Call push() on one thread; an incomplete message waits inside.
    """

    def __init__(self) -> None:
        self._waiting = bytearray()

    def push(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """(header, PCM) of every message completed by `data`."""
        self._waiting += data
        whole: list[tuple[bytes, bytes]] = []
        while (body := self._next()) is not None:
            whole.append(_cut(body))
        return whole

    def _next(self) -> bytes | None:
        if len(self._waiting) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._waiting)
        if not _LENGTH.size <= length <= MAX_MESSAGE_BYTES:
            raise EngineError("The engine’s pipe carries invalid data.", _REMEDY)
        stop = _LENGTH.size + length
        if len(self._waiting) < stop:
            return None
        body = bytes(self._waiting[_LENGTH.size : stop])
        del self._waiting[:stop]
        return body


def request(header: bytes) -> Request:
    """Parse a request from the app."""
    try:
        return _REQUESTS.decode(_message(header))
    except _INVALID as why:
        raise EngineError(
            f"The engine received an invalid request ({why}).", _REMEDY
        ) from why


def reply(header: bytes) -> Reply:
    """Parse a reply from the engine."""
    try:
        return _REPLIES.decode(_message(header))
    except _INVALID as why:
        raise EngineError(
            f"The engine sent an invalid message ({why}).", _REMEDY
        ) from why


def _message(header: bytes) -> msgspec.Raw:
    read = _HEADERS.decode(header)
    if read.version != VERSION:
        raise EngineError(
            f"The engine speaks version {read.version}, Mica version {VERSION}.",
            _REMEDY,
        )
    return read.message


def _cut(body: bytes) -> tuple[bytes, bytes]:
    (length,) = _LENGTH.unpack_from(body)
    stop = _LENGTH.size + length
    if stop > len(body):
        raise EngineError("The engine’s pipe carries invalid data.", _REMEDY)
    return body[_LENGTH.size : stop], body[stop:]
