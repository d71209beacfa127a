"""A simulated world: a clock, what happens when, and threads that follow it.

Time advances only in steps of one microphone chunk. Before the next step, all threads
of the app have done what they could, so a slow machine makes a run longer, but does not
change it.
"""

import heapq
import itertools
import math
import os
import threading
import time
from collections.abc import Callable
from typing import Final

from support.fakes import Clock

STEP_S: Final = 0.04
COARSE: Final = 3  # steps at once while the app only waits
_PAUSE_S: Final = 0.0002  # of real time, in which the app's threads run
_BUSY_S: Final = 0.00004  # other threads that used more in a pause are not done
_LOOK_S: Final = 0.006  # of real time: the app's threads look that often
_STUCK_S: Final = 0.3  # of real time: a driver that takes no step waits for another
_PAUSES: Final = 400
_TASKS: Final = "/proc/self/task"


class World:
    """The clock, and what is to happen.

    turn      the app's main thread does what is due; set by the app
    sources   called in each step: microphones deliver a chunk
    driver    the thread that lets time pass: the app's main thread, or another one if
              that waits by itself
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.turn: Callable[[], None] = lambda: None
        self.sources: list[Callable[[], None]] = []
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._lock, self._flowing = threading.Lock(), threading.RLock()
        self._passed = threading.Condition()
        self._pause = threading.Event()
        self.driver = threading.main_thread()

    @property
    def now_s(self) -> float:
        return self.clock.now_s

    def later(self, delay_s: float, act: Callable[[], None]) -> Callable[[], None]:
        """Act after a while, on the main thread, even if the app keeps that waiting.
        Any thread; returns a function that cancels it."""
        due = (self.now_s + delay_s, next(self._numbers), act)
        with self._lock:
            heapq.heappush(self._due, due)
        return lambda: self._cancel(due)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(max(1, round(seconds / STEP_S))):
            self._step()

    def run_until(
        self, condition: Callable[[], bool], limit_s: float, steps: int = 1
    ) -> bool:
        """Let time pass until the condition holds; False if it never does.

        steps   at once, before the app's main loop runs
        """
        end_s = self.now_s + limit_s
        while not condition():
            if self.now_s >= end_s:
                return False
            self._step(steps)
        return True

    def _step(self, steps: int = 1) -> None:
        for _ in range(steps):
            self._flow()
        self.turn()
        self._settle()

    def idle(self, seconds: float, look_s: float = 5.0) -> None:
        """Let time pass in which nobody does anything. look_s: how often the app's
        threads look at the clock."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            until_s = min(end_s, self.now_s + look_s)
            while (due_s := self._next_due_s()) <= until_s:
                self.clock.now_s = max(due_s, self.now_s)
                self._act()
            self.clock.now_s = until_s
            self._act()
            self._pause.wait(_LOOK_S)
            self.turn()
            self._settle()

    def block(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Keep the calling thread waiting. If that is the driver, or if the driver
        waits for this thread, the world goes on without the app's main loop."""
        is_driver = threading.current_thread() is self.driver
        end_s, wait_s = self.now_s + seconds, _STUCK_S
        while self.now_s < end_s and not is_over():
            if is_driver:
                self._flow()
                self._settle()
                continue
            before_s = self.now_s
            with self._passed:
                self._passed.wait(wait_s)
            is_stuck = self.now_s == before_s
            wait_s = _LOOK_S if is_stuck else _STUCK_S
            if is_stuck:
                self._flow()

    def _flow(self) -> None:
        with self._flowing:
            self.clock.now_s += STEP_S
            for source in list(self.sources):
                source()
            self._act()

    def _act(self) -> None:
        """Do what is due."""
        while (act := self._next()) is not None:
            act()
        with self._passed:
            self._passed.notify_all()

    def _next_due_s(self) -> float:
        with self._lock:
            return self._due[0][0] if self._due else math.inf

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if not self._due or self._due[0][0] > self.now_s:
                return None
            return heapq.heappop(self._due)[2]

    def _cancel(self, due: tuple[float, int, Callable[[], None]]) -> None:
        with self._lock:
            if due in self._due:
                self._due.remove(due)
                heapq.heapify(self._due)

    def _settle(self) -> None:
        """Wait, in real time, until the app's other threads have nothing to do."""
        for _ in range(_PAUSES):
            before = _others_cpu_s()
            self._pause.wait(_PAUSE_S)
            if _others_cpu_s() - before < _BUSY_S and not _others_run():
                return


def _others_cpu_s() -> float:
    """CPU time of all threads but this one."""
    return time.process_time() - time.thread_time()


def _others_run() -> bool:
    """Whether the system has another thread of this process running or ready to."""
    own = str(threading.get_native_id())
    try:
        threads = os.listdir(_TASKS)  # noqa: PTH208 faster, and called often
    except FileNotFoundError:  # not Linux
        return False
    return any(_runs(thread) for thread in threads if thread != own)


def _runs(thread: str) -> bool:
    try:
        file = os.open(f"{_TASKS}/{thread}/stat", os.O_RDONLY)
    except OSError:  # it has ended
        return False
    try:
        state = os.read(file, 200)
    except OSError:
        return False
    finally:
        os.close(file)
    return state[state.rindex(b")") + 2 :].startswith(b"R")
