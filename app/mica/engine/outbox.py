"""Requests on their way to the engine process, and what the client knows of them.

A bounded queue that never makes its caller wait, and the loop that empties it into the
child's pipe. Samples that found no room, or that an earlier child took with it, are
read back from the utterance's journal when their turn comes. It starts no thread and
decides nothing about restarts.
"""

import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import msgspec

from mica.engine.endpointing import warm_start
from mica.engine.messages import (
    MAX_PCM_BYTES,
    Begin,
    Committed,
    End,
    Request,
    Samples,
    pack,
)
from mica.events import ResumePoint
from mica.units import SAMPLE_RATE_HZ

MAX_QUEUED_BYTES: Final = 8 << 20  # 40 s at 48 kHz
SAMPLE_BYTES: Final = 4


@dataclass(slots=True)
class Job:
    """An utterance the engine has not answered yet.

    begin      with what is committed so far, for an engine that goes on
    pushed     samples handed to the client
    sent       samples the present child needs no more; the writer's alone
    last       key-up sample once ended
    deadline   when its answer is overdue; None while it is not first or not ended
    """

    begin: Begin
    journal: Path | None
    pushed: int = 0
    sent: int = 0
    last: int | None = None
    replayed: bool = False
    deadline: float | None = None

    @property
    def pushed_s(self) -> float:
        return self.pushed / self.begin.rate

    def survives(self, *, was_at: bool) -> bool:
        """Whether it can go on in the next engine."""
        can_replay = self.journal is not None or self.pushed == 0
        return can_replay and not (was_at and self.replayed)

    def commit(self, told: Committed) -> None:
        """The next engine need not hear that again."""
        start = warm_start(round(told.until_s * SAMPLE_RATE_HZ))
        segments = (*self.begin.earlier.segments, told.segment)
        earlier = ResumePoint(
            segments, told.until_s, start // SAMPLE_RATE_HZ, told.stats
        )
        self.begin = msgspec.structs.replace(self.begin, earlier=earlier)

    def replay(self) -> None:
        """A new child begins it, from its last commit."""
        self.sent, self.deadline = self.begin.earlier.start_s * self.begin.rate, None


class Outbox:
    """Requests in order; put() on any thread, drain() on one writer thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Request, bytes]] = deque()
        self._bytes = 0
        self._closed = False

    def put(self, request: Request, pcm: bytes = b"") -> bool:
        """Queue it; False when these samples found no room. Never waits."""
        with self._changed:
            if pcm and self._bytes + len(pcm) > MAX_QUEUED_BYTES:
                return False
            self._waiting.append((request, pcm))
            self._bytes += len(pcm)
            self._changed.notify_all()
        return True

    def close(self) -> None:
        """drain() ends after what it is writing now."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drain(self, pipe: IO[bytes], jobs: Mapping[int, Job]) -> None:
        """Write everything to the pipe until closed or the pipe breaks."""
        while (item := self._next()) is not None:
            try:
                for data in _messages(*item, jobs):
                    _write(pipe, data)
            except (OSError, ValueError):
                return  # the child is gone; the reader sees it too and restarts

    def _next(self) -> tuple[Request, bytes] | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            request, pcm = self._waiting.popleft()
            self._bytes -= len(pcm)
            return request, pcm


def _messages(request: Request, pcm: bytes, jobs: Mapping[int, Job]) -> Iterator[bytes]:
    """A request's bytes, and before it the samples that are missing."""
    if not isinstance(request, Samples | End):
        yield pack(request)
        return
    job = jobs.get(request.utterance)
    if job is None:
        return  # cancelled or failed meanwhile
    yield from _journalled(
        job, job.pushed if isinstance(request, End) else request.first
    )
    if isinstance(request, End):
        yield pack(request)
        return
    already = (job.sent - request.first) * SAMPLE_BYTES
    if already < 0:
        job.sent = request.first  # the engine sees the gap and says so
    yield from _samples(job, pcm[max(0, already) :])


def _samples(job: Job, pcm: bytes) -> Iterator[bytes]:
    """Messages that carry `pcm` from job.sent on."""
    for start in range(0, len(pcm), MAX_PCM_BYTES):
        part = pcm[start : start + MAX_PCM_BYTES]
        first = job.sent
        job.sent += len(part) // SAMPLE_BYTES
        yield pack(Samples(job.begin.utterance, first), part)


def _journalled(job: Job, upto: int) -> Iterator[bytes]:
    """Samples job.sent to `upto` as the journal has them; fewer where it has fewer."""
    if job.journal is None or upto <= job.sent:
        return
    try:
        file = job.journal.open("rb")
    except OSError:
        return
    with file:
        offset = _data_offset(file)
        while offset is not None and job.sent < upto:
            file.seek(offset + job.sent * SAMPLE_BYTES)
            wanted = min((upto - job.sent) * SAMPLE_BYTES, MAX_PCM_BYTES)
            pcm = file.read(wanted)
            if len(pcm) < SAMPLE_BYTES:
                return
            yield from _samples(job, pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES])


def _data_offset(file: IO[bytes]) -> int | None:
    """Where a WAV file's samples begin; its lengths may be a crashed writer's."""
    head = file.read(4096)
    at = 12
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        if name == b"data":
            return at + 8
        at += 8 + length + length % 2
    return None


def _write(pipe: IO[bytes], data: bytes) -> None:
    """All of it; an unbuffered pipe may take a part at a time."""
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]
