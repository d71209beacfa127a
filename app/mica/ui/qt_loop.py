"""Ticks for a part of the app while something is under way in it, and none else.

The only crossings onto the UI thread: calls of other threads, and signals.
"""

import signal
import socket
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal, Slot


class Pollable(Protocol):
    """Calls `wake` whenever something is under way."""

    wake: Callable[[], None]

    @property
    def is_quiet(self) -> bool: ...

    def tick(self) -> None: ...


class PollTimer:
    """Main thread only; the part is woken from there."""

    def __init__(self, part: Pollable, every_ms: int) -> None:
        self._part = part
        self._timer = QTimer()
        self._timer.setInterval(every_ms)
        self._timer.timeout.connect(self._tick)
        part.wake = self._start

    @property
    def going(self) -> bool:
        return self._timer.isActive()

    def stop(self) -> None:
        """Stop for good, when the app quits."""
        self._timer.stop()

    def _start(self) -> None:
        if not self.going:
            self._timer.start()

    def _tick(self) -> None:
        self._part.tick()
        if self._part.is_quiet:
            self.stop()


class Bridge(QObject):
    """Calls made on any thread, run in order on the thread this was made on."""

    _called = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._called.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Any thread; returns at once."""
        self._called.emit(call)

    @Slot(object)
    def _run(self, call: Callable[[], None]) -> None:
        call()


class SignalWakes(QObject):
    """Lets Python's signal handlers run while Qt waits, with no timer for it.

    Python runs a handler only between two of its own instructions; a byte on this
    socket gives it some. Main thread only.
    """

    def __init__(self) -> None:
        super().__init__()
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)
        self._before = signal.set_wakeup_fd(self._far.fileno())
        self._notifier = QSocketNotifier(
            self._near.fileno(), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(lambda: self._near.recv(64))

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before)
        self._near.close()
        self._far.close()
