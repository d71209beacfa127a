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
from typing import IO, Final

from mica.engine.job import Job
from mica.engine.messages import (
    MAX_PCM_BYTES,
    SAMPLE_BYTES,
    Cancel,
    Load,
    Request,
    Samples,
    pack,
)
from mica.engine.schedule import Scheduler

SUSPECT: Final = 2  # failures from which on others are served first


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
        """Drop a job that the engine has answered; another may have waited for it."""
        self._scheduler.close(utterance)
        self._changed.notify_all()

    def close(self) -> None:
        """End drain() once its current write is done."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _ready(self) -> list[int]:
        """Utterances that can be sent. One at which the engine fails again and again
        waits for others of its priority, which may work."""
        jobs = self._jobs.values()
        return [
            number
            for number, job in self._jobs.items()
            if job.can_send
            and (
                job.failures < SUSPECT
                or all(
                    job.failures <= other.failures
                    for other in jobs
                    if other.priority <= job.priority
                )
            )
        ]

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
                chosen = self._scheduler.choose(self._ready())
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
