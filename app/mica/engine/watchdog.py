"""Decides when the engine is overdue: a pure rule over times passed as arguments.

One Watchdog per engine process; it reads no clock.
"""

from collections.abc import Mapping

from mica.engine.client_events import Deadlines
from mica.engine.outbox import Job
from mica.errors import EngineError


class Watchdog:
    """Receives the engine's messages; check() raises EngineError if it hangs.

    is_loaded   the model was loaded, or the engine said why not
    """

    def __init__(self, deadlines: Deadlines, now: float) -> None:
        self._deadlines = deadlines
        self._started = self._last_message_s = self._used = now
        self._spoke = self.is_loaded = False
        self._age_s = 0.0

    def on_message(self, now: float, age_s: float | None) -> None:
        """Note a message; `age_s` if it was a heartbeat."""
        self._last_message_s, self._spoke = now, True
        if age_s is not None:
            self._age_s = age_s

    def loaded(self) -> None:
        """Note that the model has loaded or failed to load."""
        self.is_loaded, self._age_s = True, 0.0

    def due(self, jobs: Mapping[int, Job]) -> float:
        """When check() is due next if no message arrives first."""
        limits = self._deadlines
        times = [
            self._last_message_s + (limits.silence_s if self._spoke else limits.start_s)
        ]
        if not self.is_loaded:
            times.append(self._started + limits.load_s)
        elif not jobs:
            times.append(self._used + limits.idle_s)
        else:
            deadlines = (job.deadline for job in jobs.values())
            times += [one for one in deadlines if one is not None]
        return min(times)

    def is_idle(self, now: float, jobs: Mapping[int, Job]) -> bool:
        """Whether the engine has been unused for so long that it may be ended."""
        if jobs or not self.is_loaded:
            self._used = now
            return False  # even if idle_s is 0
        return now - self._used >= self._deadlines.idle_s

    def check(self, now: float, jobs: Mapping[int, Job]) -> None:
        """Raises EngineError when a deadline has passed."""
        limits = self._deadlines
        quiet_s = limits.silence_s if self._spoke else limits.start_s
        if now - self._last_message_s > quiet_s:
            raise EngineError("The engine isn’t responding.")
        if not self.is_loaded:
            if now - self._started > limits.load_s:
                raise EngineError("The engine took too long to load the model.")
            return
        if self._age_s > limits.unit_s:
            raise EngineError("The engine stopped responding.")
        for job in jobs.values():
            if job.last is not None and now > self._deadline(job, now, jobs):
                raise EngineError("The engine didn’t answer in time.")

    def _deadline(self, job: Job, now: float, jobs: Mapping[int, Job]) -> float:
        """The deadline of an ended utterance: allows for its own audio and that of all
        others that may be served first. It moves later as they grow, never earlier."""
        if job.ended_s is None:
            job.ended_s = now
        limits = self._deadlines
        allowed_s = sum(
            limits.finish_s + limits.finish_per_s * other.pushed_s
            for other in jobs.values()
            if other.priority <= job.priority
        )
        job.deadline = max(job.deadline or 0.0, job.ended_s + allowed_s)
        return job.deadline
