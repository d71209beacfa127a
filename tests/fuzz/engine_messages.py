"""Fuzzes the engine's pipe in both directions, and what each end does with messages
that are well formed but absurd."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st

from fuzz.mutations import DEEP, LEVELS, damaged, damaged_tree
from mica.engine import messages as m
from mica.engine.client_events import refused
from mica.engine.outbox import Job
from mica.engine.worker import Worker
from mica.errors import EngineError, ModelError
from mica.events import (
    Language,
    ResumePoint,
    SegmentText,
    Style,
    TranscribeOptions,
    Transcript,
    UtteranceStats,
    Word,
)
from mica.text.format import FORMATS

LIMIT_S = 2.0
MEMORY_BYTES = 1 << 30
WORDS = (Word("Hello", 0.1, 0.6, 0.9), Word("there."))
SEGMENT = SegmentText(0.0, 1.5, "Hello there.", None, WORDS)
RESUME = ResumePoint((SEGMENT,), 1.5, 1, UtteranceStats(("Jon",), ("A note.",)))
OPTIONS = TranscribeOptions(
    Style.RAW, ("Jon",), target_language=Language.GERMAN, live=False
)
REQUESTS = (
    m.Load(Path("/models/a\udcff")),
    m.Begin(1, 48_000, TranscribeOptions()),
    m.Begin(2, 16_000, OPTIONS, RESUME),
    m.Samples(1, 0),
    m.Samples(1, 480),
    m.Release(1),
    m.End(1, 960),
    m.Cancel(2),
    m.Quit(),
)
REPLIES = (
    m.Ready("a", 0.5, True, "0.32"),
    m.Heartbeat(0.1),
    m.Working(1),
    m.Consumed(1, 480),
    m.Hypothesis(1, "hel"),
    m.Committed(1, 0.0, 1.5, "Hello there.", WORDS, 1.3, RESUME.stats),
    m.Finished(1, Transcript("Hello there.", "a", 1.5, (SEGMENT,), "en")),
    m.Failed(None, ModelError("No.", "Do.")),
    m.Failed(1, EngineError("No.")),
)
PCM = np.zeros(120, "<f4").tobytes()
ALL = (*REQUESTS, *REPLIES)
STREAMS = (
    b"".join(m.pack(one, PCM if isinstance(one, m.Samples) else b"") for one in ALL),
    *(m.pack(one) for one in ALL),
)
TREES = [
    msgspec.to_builtins(one, builtin_types=(bytes,), enc_hook=m._fields) for one in ALL
]


def inputs() -> st.SearchStrategy[bytes]:
    return damaged(STREAMS) | damaged_tree([TREES], _stream, most=6)


def _stream(trees: Any) -> bytes:
    return b"".join(map(_packed, trees if isinstance(trees, list) else [trees]))


def _packed(tree: Any) -> bytes:
    message = msgspec.msgpack.encode([m.VERSION, _in_range(tree)])
    deep = msgspec.msgpack.encode(DEEP)
    message = message.replace(deep, b"\x91" * LEVELS + b"\xc0")
    body = len(message).to_bytes(4, "little") + message + PCM
    return len(body).to_bytes(4, "little") + body


def _in_range(tree: Any) -> Any:
    """The tree with the integers that MessagePack can hold."""
    if isinstance(tree, dict):
        return {name: _in_range(one) for name, one in tree.items()}
    if isinstance(tree, list | tuple):
        return [_in_range(one) for one in tree]
    return max(-(1 << 63), min(tree, (1 << 64) - 1)) if type(tree) is int else tree


def check(data: bytes, folder: Path) -> None:
    """Both ends read the stream until one refuses it."""
    requests = list(_parsed(data, m.request))
    for reply, _ in _parsed(data, m.reply):
        _receive(reply)
        _check_round_trip(reply, m.reply)
    for request, _ in requests:
        _check_round_trip(request, m.request)
    worker = Worker(_Pipe(requests))
    worker._transcriber = lambda should_yield: _Transcriber()
    worker._load = lambda request: None
    worker.run()


def _parsed(data: bytes, parse: Any) -> Iterator[tuple[Any, bytes]]:
    with suppress(EngineError):
        for header, pcm in m.Unpacker().push(data):
            yield parse(header), pcm


def _check_round_trip(message: Any, parse: Any) -> None:
    [(header, _)] = m.Unpacker().push(m.pack(message))
    again = parse(header)
    if not isinstance(message, m.Failed):  # errors are compared by identity
        assert again == message


def _receive(reply: m.Reply) -> None:
    """What the app does with a reply."""
    match reply:
        case m.Committed():
            job = Job(m.Begin(1, 16_000, TranscribeOptions()), None)
            with suppress(EngineError):
                job.commit(reply)
            job.replay()
            m.pack(job.begin)
        case m.Finished(transcript=transcript):
            for form in FORMATS.values():
                form(transcript)
        case m.Failed(error=error):
            assert error.remedy
            refused(error, Path("model"))


class _Pipe:
    """The worker's pipe, with requests that have arrived; then it is told to quit."""

    def __init__(self, requests: list[tuple[m.Request, bytes]]) -> None:
        self._requests = deque([*requests, (m.Quit(), b"")])

    def next(self, *, wait: bool) -> tuple[m.Request, bytes] | None:
        return self._requests.popleft() if self._requests else None

    def send(self, reply: m.Reply) -> None:
        m.pack(reply)

    def unit(self) -> None:
        pass


class _Transcriber:
    """A transcriber that hears nothing."""

    def begin(self, *options: object) -> None:
        pass

    def prefetch_weights(self) -> None:
        pass

    def push_in_units(self, samples: Any) -> Any:
        yield
        return []

    def finish_in_units(self) -> Any:
        yield
        return [], Transcript("", "a", 0.0)

    def stats(self) -> UtteranceStats:
        return UtteranceStats()

    def cancel(self) -> None:
        pass
