"""Decides when the engine is overdue: a pure rule over times passed as arguments.

One Watchdog per engine process; it reads no clock. What is too slow depends on the
machine, which is learned: see Pace.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mica.engine.client_events import Deadlines
from mica.engine.job import Job
from mica.errors import EngineError

FADES: Final = 0.7  # with each answer
SLOWER: Final = 3.0  # than ever before: it hangs
MOST_PATIENT: Final = 64.0
LOOK_S: Final = 0.5  # how soon silence is noticed while an utterance is open


@dataclass(slots=True)
class Pace:
    """How fast the engine is on this machine; kept across its restarts.

    unit_s     the longest unit that came to its end
    finish_s   the longest wait for a commit or an answer that came
    load_s     the longest load
    patience   factor on all limits; doubles each time an engine was too slow, so that a
               slow machine gets to the end
    """

    unit_s: float = 0.0
    finish_s: float = 0.0
    load_s: float = 0.0
    patience: float = 1.0

    def limit(self, usual_s: float, longest_s: float) -> float:
        """A limit for what took `longest_s` at most so far."""
        return max(usual_s, SLOWER * longest_s) * self.patience

    def too_slow(self) -> None:
        """A limit was reached."""
        self.patience = min(MOST_PATIENT, 2 * self.patience)

    def answered(self) -> None:
        """An utterance was finished, so its pace is known; earlier ones fade."""
        self.patience = 1.0
        self.unit_s, self.finish_s = FADES * self.unit_s, FADES * self.finish_s


class Watchdog:
    """Receives the engine's messages; check() raises EngineError if it hangs.

    is_loaded   the model was loaded, or the engine said why not
    """

    def __init__(
        self,
        deadlines: Deadlines,
        now: float,
        pace: Pace | None = None,
        model_gb: float = 0.0,
    ) -> None:
        """model_gb: the size of the model's files, in 10^9 bytes."""
        self._deadlines, self._pace = deadlines, pace or Pace()
        self._load_s = deadlines.load_s + deadlines.load_per_gb_s * model_gb
        self._started = self._last_message_s = self._used = self._checked_s = now
        self._spoke = self.is_loaded = self._noticed = False
        self._age_s = 0.0
        self._resting_since: float | None = None  # idle though it owes an answer
        self._fed = 0  # samples that had been pushed at the last message

    def on_message(self, now: float, age_s: float | None) -> None:
        """Note a message; `age_s` if it was a heartbeat."""
        self._last_message_s, self._spoke = now, True
        if age_s is None or age_s > 0:
            self._resting_since = None
        elif self._resting_since is None:
            self._resting_since = now
        if age_s is not None:
            if age_s < self._age_s:
                self._pace.unit_s = max(self._pace.unit_s, self._age_s)
            self._age_s = age_s
        self._fed = -1

    def loaded(self, now: float) -> None:
        """Note that the model has loaded or failed to load."""
        self.is_loaded, self._age_s = True, 0.0
        self._pace.load_s = max(self._pace.load_s, now - self._started)

    def progressed(self, job: Job, now: float) -> None:
        """Note a commit or the answer of an utterance."""
        since = job.progress_s
        if since is not None:
            self._pace.finish_s = max(self._pace.finish_s, now - since)
            job.progress_s = now
            job.deadline = None

    def due(self, jobs: Mapping[int, Job]) -> float:
        """When check() or is_unresponsive() is due next if no message arrives first."""
        limits = self._deadlines
        times = [self._last_message_s + self._quiet_s(jobs)]
        if jobs:  # pushes wake nobody
            times.append(self._checked_s + LOOK_S)
        if not self.is_loaded:
            times.append(self._started + self._load_limit_s())
        elif not jobs:
            times.append(self._used + limits.idle_s)
        else:
            deadlines = (job.deadline for job in jobs.values())
            times += [one for one in deadlines if one is not None]
            if self._owes(jobs) and self._resting_since is not None:
                times.append(self._resting_since + limits.owed_s)
        return min(times)

    def is_idle(self, now: float, jobs: Mapping[int, Job]) -> bool:
        """Whether the engine has been unused for so long that it may be ended."""
        if jobs or not self.is_loaded:
            self._used = now
            return False  # even if idle_s is 0
        return now - self._used >= self._deadlines.idle_s

    def is_unresponsive(self, now: float, jobs: Mapping[int, Job]) -> bool:
        """Whether the user is to be told now that it shows no sign of work; once for
        each time that this happens."""
        silent = now - self._last_message_s > self._deadlines.notice_s
        silent = silent and self._is_fed(jobs) and self._spoke
        stuck = self.is_loaded and bool(jobs) and self._age_s > self._deadlines.notice_s
        before, self._noticed = self._noticed, silent or stuck
        return self._noticed and not before

    def check(self, now: float, jobs: Mapping[int, Job]) -> None:
        """Raises EngineError when a deadline has passed."""
        self._checked_s = now
        limits = self._deadlines
        if now - self._last_message_s > self._quiet_s(jobs):
            raise self._overdue("The engine isn’t responding.")
        if not self.is_loaded:
            if now - self._started > self._load_limit_s():
                raise self._overdue("The engine took too long to load the model.")
            return
        if self._age_s > self._pace.limit(limits.unit_s, self._pace.unit_s):
            raise self._overdue("The engine stopped responding.")
        if not self._owes(jobs):
            self._resting_since = None
        since = self._resting_since
        if since is not None and now - since > limits.owed_s:
            raise self._overdue("The engine forgot an utterance.")
        for job in jobs.values():
            is_due = job.is_begun and job.last is not None
            if is_due and now > self._deadline(job, now, jobs):
                raise self._overdue("The engine didn’t answer in time.")

    def _overdue(self, what: str) -> EngineError:
        self._pace.too_slow()
        return EngineError(what)

    def _quiet_s(self, jobs: Mapping[int, Job]) -> float:
        """How long it may send nothing."""
        limits = self._deadlines
        if not self._spoke:
            return limits.start_s * self._pace.patience
        usual_s = limits.silence_s if self._is_fed(jobs) else limits.rest_s
        return usual_s * self._pace.patience

    def _is_fed(self, jobs: Mapping[int, Job]) -> bool:
        """Whether it has got work since its last message, so that it must send
        heartbeats."""
        if not jobs:
            return False
        pushed = sum(job.pushed for job in jobs.values())
        if self._fed < 0:
            self._fed = pushed
        return pushed > self._fed or self._owes(jobs)

    def _load_limit_s(self) -> float:
        return self._pace.limit(self._load_s, self._pace.load_s)

    @staticmethod
    def _owes(jobs: Mapping[int, Job]) -> bool:
        """Whether it was sent the end of an utterance and has not answered yet."""
        return any(job.is_ended for job in jobs.values())

    def _deadline(self, job: Job, now: float, jobs: Mapping[int, Job]) -> float:
        """The deadline for the next commit or the answer of an ended utterance: allows
        for its own audio and that of all others that may be served first. It moves
        later as they grow and with each commit, never earlier."""
        if job.progress_s is None:
            job.progress_s = now
        limits = self._deadlines
        allowed_s = sum(
            limits.finish_s + limits.finish_per_s * other.uncommitted_s
            for other in jobs.values()
            if other.priority <= job.priority
        )
        allowed_s = self._pace.limit(allowed_s, self._pace.finish_s)
        job.deadline = max(job.deadline or 0.0, job.progress_s + allowed_s)
        return job.deadline
