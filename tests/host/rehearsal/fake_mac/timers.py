"""Timers and events that follow a clock which only the test advances."""

import itertools
import threading
from collections.abc import Callable

from support.fakes import Clock

Call = Callable[[], None]
LOOK_S = 0.005  # how often a waiting thread checks the clock


class Timers:
    """Scheduled calls. later() may be called on any thread, run() on the main one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[float, Call]] = {}

    def later(self, delay_s: float, call: Call) -> Call:
        """Schedule a call; returns a function that cancels it."""
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = (self._clock.now_s + delay_s, call)
        return lambda: self._cancel(number)

    def run(self) -> None:
        """Make the calls that are due, in order."""
        while (call := self._next_due()) is not None:
            call()

    def _cancel(self, number: int) -> None:
        with self._lock:
            self._waiting.pop(number, None)

    def _next_due(self) -> Call | None:
        with self._lock:
            due = [
                (at_s, number)
                for number, (at_s, _) in self._waiting.items()
                if at_s <= self._clock.now_s
            ]
            return self._waiting.pop(min(due)[1])[1] if due else None


class ClockedEvent(threading.Event):
    """An event whose wait() times out by the Mac's clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        end_s = self._clock.now_s + timeout
        while not super().wait(LOOK_S):
            if self._clock.now_s >= end_s:
                return False
        return True
