"""Queues messages for the engine process and tracks the state of open utterances.

Each utterance is a stream: Begin, samples, End. The Scheduler picks the stream that
sends the next message. None gets further ahead of the engine than
messages.WINDOW_BYTES, so an hour-long recording does not block the others. Samples that
did not fit in memory, or that were lost with an earlier child, are read back from the
utterance's journal. Starts no thread and decides no restart.
"""

import os
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import msgspec

from mica.engine.endpointing import warm_start
from mica.engine.messages import (
    MAX_PCM_BYTES,
    SAMPLE_BYTES,
    WINDOW_BYTES,
    Begin,
    Cancel,
    Committed,
    End,
    Load,
    Release,
    Request,
    Samples,
    pack,
)
from mica.engine.schedule import Scheduler
from mica.events import Priority, ResumePoint
from mica.units import SAMPLE_RATE_HZ

MAX_QUEUED_BYTES: Final = 8 << 20  # of an utterance: 40 s at 48 kHz


@dataclass(slots=True)
class Job:
    """An utterance the engine has not answered yet. Guarded by the outbox's lock.

    begin      the Begin message, with what is committed so far, for a replay
    pushed     samples handed to the client
    queued     of these, those in memory and not yet sent to the child: (first, PCM)
    sent       samples that need not be sent to the current child any more
    consumed   of these, those that have left its queue
    is_…       whether the current child was sent that message
    last       key-up sample, once ended
    ended_s    when the watchdog saw that it had ended
    deadline   when its answer becomes overdue
    """

    begin: Begin
    journal: Path | None
    pushed: int = 0
    queued: deque[tuple[int, bytes]] = field(default_factory=deque)
    queued_bytes: int = 0
    sent: int = 0
    consumed: int = 0
    is_begun: bool = False
    is_released: bool = False
    is_ended: bool = False
    last: int | None = None
    replayed: bool = False
    ended_s: float | None = None
    deadline: float | None = None

    @property
    def priority(self) -> Priority:
        return self.begin.options.priority

    @property
    def pushed_s(self) -> float:
        return self.pushed / self.begin.rate

    def survives(self, *, was_at: bool) -> bool:
        """Whether it can continue in the next engine."""
        can_replay = self.journal is not None or self.pushed == 0
        return can_replay and not (was_at and self.replayed)

    def commit(self, committed: Committed) -> None:
        """Record a commit, so that a replay starts after it."""
        start = warm_start(round(committed.until_s * SAMPLE_RATE_HZ))
        segments = (*self.begin.resume_from.segments, committed.segment)
        resume_from = ResumePoint(
            segments, committed.until_s, start // SAMPLE_RATE_HZ, committed.stats
        )
        self.begin = msgspec.structs.replace(self.begin, resume_from=resume_from)

    def push(self, first: int, pcm: bytes) -> bool:
        """Queue samples from index `first`; False if they do not fit in memory."""
        self.pushed = first + len(pcm) // SAMPLE_BYTES
        if self.queued_bytes + len(pcm) > MAX_QUEUED_BYTES:
            return False
        if pcm:
            self.queued.append((first, pcm))
            self.queued_bytes += len(pcm)
        return True

    def replay(self) -> None:
        """Reset for a new child, which resumes after the last commit."""
        self.sent = self.consumed = self.begin.resume_from.start_s * self.begin.rate
        self.queued.clear()  # the journal has it
        self.queued_bytes = 0
        self.is_begun = self.is_released = self.is_ended = False
        self.ended_s = self.deadline = None

    @property
    def can_send(self) -> bool:
        """Whether its next message may be sent now."""
        if self.sent < self.pushed:
            room = (self.sent - self.consumed) * SAMPLE_BYTES < WINDOW_BYTES
            return room or not self.is_begun or self._releases
        return not self.is_begun or (self.last is not None and not self.is_ended)

    @property
    def _releases(self) -> bool:
        return self.last is not None and not self.is_released

    def next_request(self) -> Request | None:
        """The next message without samples; None if samples are next. Call only if
        can_send."""
        utterance = self.begin.utterance
        if not self.is_begun:
            self.is_begun = True
            return self.begin
        if self._releases:
            self.is_released = True
            return Release(utterance)
        if self.sent < self.pushed:
            return None
        assert self.last is not None
        self.is_ended = True
        return End(utterance, self.last)

    def next_queued(self) -> tuple[int, bytes]:
        """The next unsent samples in memory, as (first, PCM); empty PCM if samples
        before `first` must come from the journal."""
        while self.queued:
            first, pcm = self.queued[0]
            if first > self.sent:
                return first, b""
            self.queued.popleft()
            self.queued_bytes -= len(pcm)
            rest = pcm[(self.sent - first) * SAMPLE_BYTES :]
            if len(rest) > MAX_PCM_BYTES:
                at = self.sent + MAX_PCM_BYTES // SAMPLE_BYTES
                self.queued.appendleft((at, rest[MAX_PCM_BYTES:]))
                self.queued_bytes += len(rest) - MAX_PCM_BYTES
            if rest:
                return self.sent, rest[:MAX_PCM_BYTES]
        return self.pushed, b""


class Outbox:
    """Queues the messages for one engine process; drain() runs on one writer thread.

    changed   guards the outbox and the jobs; hold it for every other call
    jobs      in order of begin; a restarted child gets all of them again
    """

    def __init__(
        self, changed: threading.Condition, jobs: Mapping[int, Job], load: Load
    ) -> None:
        self._changed, self._jobs = changed, jobs
        self._control: deque[Request] = deque([load])
        self._scheduler = Scheduler()
        self._is_closed = False
        for utterance, job in jobs.items():
            job.replay()
            self.open(utterance, job)
            if job.last is not None:
                self._scheduler.release(utterance)

    def open(self, utterance: int, job: Job) -> None:
        """Begin sending an utterance; its job is already among the jobs."""
        self._scheduler.open(utterance, job.priority)
        self._changed.notify_all()

    def release(self, utterance: int) -> None:
        """Note that the user has ended the utterance, which makes it urgent."""
        self._scheduler.release(utterance)
        self._changed.notify_all()

    def forget(self, utterance: int, job: Job) -> None:
        """Drop the job; send Cancel if the engine has begun it."""
        self._scheduler.close(utterance)
        if job.is_begun:
            self._control.append(Cancel(utterance))
        self._changed.notify_all()

    def close_job(self, utterance: int) -> None:
        """Drop a job that the engine has answered."""
        self._scheduler.close(utterance)

    def close(self) -> None:
        """End drain() once its current write is done."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def drain(self, pipe: IO[bytes]) -> None:
        """Write messages to the pipe until closed or until the pipe breaks."""
        while (messages := self._next()) is not None:
            try:
                for data in messages:
                    _write(pipe, data)
            except (OSError, ValueError):
                return  # the child is gone; the reader sees it too and restarts

    def _next(self) -> Iterator[bytes] | None:
        """Wait for the next messages; None once closed."""
        with self._changed:
            while not self._is_closed:
                if self._control:
                    return iter([pack(self._control.popleft())])
                ready = [one for one, job in self._jobs.items() if job.can_send]
                chosen = self._scheduler.choose(ready)
                if chosen is not None:
                    return _message(self._jobs[chosen])
                self._changed.wait()
            return None


def _message(job: Job) -> Iterator[bytes]:
    """The next message of a job that can_send, or samples from its journal."""
    request = job.next_request()
    if request is not None:
        return iter([pack(request)])
    begin = job.sent
    first, pcm = job.next_queued()
    if pcm:
        job.sent = first + len(pcm) // SAMPLE_BYTES
        return iter([pack(Samples(job.begin.utterance, first), pcm)])
    job.sent = min(first, begin + MAX_PCM_BYTES // SAMPLE_BYTES)
    return _journalled(job, begin, job.sent)


def _journalled(job: Job, first: int, stop: int) -> Iterator[bytes]:
    """Samples `first` to `stop` from the journal; if it has fewer, the engine sees a
    gap."""
    if job.journal is None:
        return
    try:
        file = job.journal.open("rb", buffering=0)
    except OSError:
        return
    with file:  # read by pread: see audio/journal.py about private journals
        offset = _data_offset(os.pread(file.fileno(), 4096, 0))
        if offset is None:
            return
        size = (stop - first) * SAMPLE_BYTES
        pcm = os.pread(file.fileno(), size, offset + first * SAMPLE_BYTES)
        whole = len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES
        if whole:
            yield pack(Samples(job.begin.utterance, first), pcm[:whole])


def _data_offset(head: bytes) -> int | None:
    """Where a WAV file's samples begin; ignores its data length, which a crash may
    have left wrong."""
    at = 12
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        if name == b"data":
            return at + 8
        at += 8 + length + length % 2
    return None


def _write(pipe: IO[bytes], data: bytes) -> None:
    """Write all of it; an unbuffered pipe may accept only part per call."""
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]
