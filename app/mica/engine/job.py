"""One utterance that the engine has not answered yet: what was sent of it, what can be
sent again, and how often the engine has failed at it. Starts no thread.
"""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from mica.engine.endpointing import warm_start
from mica.engine.messages import (
    MAX_PCM_BYTES,
    SAMPLE_BYTES,
    WINDOW_BYTES,
    Begin,
    Committed,
    End,
    Release,
    Request,
)
from mica.errors import EngineError
from mica.events import Priority, ResumePoint
from mica.units import SAMPLE_RATE_HZ

MAX_QUEUED_BYTES: Final = 8 << 20  # of an utterance: 40 s at 48 kHz
MAX_KEPT_BYTES: Final = 64 << 20  # without a journal: 5.8 min at 48 kHz
MAX_FAILURES: Final = 10  # in a row, without a commit in between


@dataclass(slots=True)
class Job:
    """An utterance the engine has not answered yet. Guarded by the outbox's lock.

    begin      the Begin message, with what is committed so far, for a replay
    pushed     samples handed to the client
    queued     of these, those in memory and not yet sent to the child: (first, PCM)
    kept       those that are in no journal and not committed, for a replay; the oldest
               are dropped beyond MAX_KEPT_BYTES
    is_saved   whether those that follow are in the journal
    sent       samples that need not be sent to the current child any more
    consumed   of these, those that have left its queue
    is_…       whether the current child was sent that message
    last       key-up sample, once ended
    failures   of the engine at this utterance since its last commit
    progress_s when the watchdog saw that it had ended, or its last commit after that
    deadline   when its next commit or its answer becomes overdue
    """

    begin: Begin
    journal: Path | None
    pushed: int = 0
    queued: deque[tuple[int, bytes]] = field(default_factory=deque)
    queued_bytes: int = 0
    kept: deque[tuple[int, bytes]] = field(default_factory=deque)
    kept_bytes: int = 0
    is_saved: bool = True
    sent: int = 0
    consumed: int = 0
    is_begun: bool = False
    is_released: bool = False
    is_ended: bool = False
    last: int | None = None
    failures: int = 0
    progress_s: float | None = None
    deadline: float | None = None

    @property
    def priority(self) -> Priority:
        return self.begin.options.priority

    @property
    def pushed_s(self) -> float:
        return self.pushed / self.begin.rate

    @property
    def uncommitted_s(self) -> float:
        return max(0.0, self.pushed_s - self.begin.resume_from.until_s)

    @property
    def is_hopeless(self) -> bool:
        """Whether to give it up: the engine has failed at all of it, again and again.
        Never while it is spoken."""
        return self.last is not None and self.failures >= MAX_FAILURES

    def commit(self, committed: Committed) -> None:
        """Record a commit, so that a replay starts after it. EngineError if it cannot
        be one."""
        before_s, until_s = self.begin.resume_from.until_s, committed.until_s
        if not before_s <= until_s <= self.pushed_s + 1.0:  # NaN is neither
            raise EngineError("The engine committed what was never said.")
        if until_s > before_s:
            self.failures = 0
        start = warm_start(round(committed.until_s * SAMPLE_RATE_HZ))
        segments = (*self.begin.resume_from.segments, committed.segment)
        resume_from = ResumePoint(
            segments, committed.until_s, start // SAMPLE_RATE_HZ, committed.stats
        )
        self.begin = msgspec.structs.replace(self.begin, resume_from=resume_from)
        resumed = resume_from.start_s * self.begin.rate
        while self.kept and _end(*self.kept[0]) <= resumed:
            self._drop_kept()

    def consume(self, until: int) -> None:
        """Note what has left the engine's queue. EngineError if it cannot have."""
        if not self.consumed <= until <= self.sent:
            raise EngineError("The engine consumed what it was never sent.")
        self.consumed = until

    def push(self, first: int, pcm: bytes) -> bool:
        """Queue samples from index `first`; False if they do not fit in memory, so that
        they are sent from the journal."""
        self.pushed = first + len(pcm) // SAMPLE_BYTES
        if not pcm:
            return True
        if not self.is_saved:
            self._keep(first, pcm)
        elif self.queued_bytes + len(pcm) > MAX_QUEUED_BYTES:
            return False
        self.queued.append((first, pcm))
        self.queued_bytes += len(pcm)
        return True

    def _keep(self, first: int, pcm: bytes) -> None:
        self.kept.append((first, pcm))
        self.kept_bytes += len(pcm)
        while self.kept_bytes > MAX_KEPT_BYTES:
            dropped = self._drop_kept()
            while self.queued and self.queued[0][0] < dropped:
                _, oldest = self.queued.popleft()
                self.queued_bytes -= len(oldest)

    def _drop_kept(self) -> int:
        """Drop the oldest kept samples; returns the index of the sample after them."""
        first, pcm = self.kept.popleft()
        self.kept_bytes -= len(pcm)
        return _end(first, pcm)

    def replay(self) -> None:
        """Reset for a new child, which resumes after the last commit."""
        self.sent = self.consumed = self.begin.resume_from.start_s * self.begin.rate
        self.queued = deque(self.kept)  # the journal has the others
        self.queued_bytes = self.kept_bytes
        self.is_begun = self.is_released = self.is_ended = False
        self.progress_s = self.deadline = None

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


def _end(first: int, pcm: bytes) -> int:
    return first + len(pcm) // SAMPLE_BYTES
