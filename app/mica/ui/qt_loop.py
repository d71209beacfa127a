"""Qt's event loop: the only ways onto the UI thread from other threads and signals, and
timers that poll only while something is in progress. An exception in a call goes to
sys.excepthook (mica/unhandled.py), and the loop goes on.
"""

import signal
import socket
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal, Slot


class Pollable(Protocol):
    """A part to poll. It calls `wake` whenever something begins."""

    wake: Callable[[], None]

    @property
    def is_quiet(self) -> bool: ...

    def tick(self) -> None: ...


class PollTimer:
    """Polls a part until it is quiet. Main thread only; `wake` is called there, too."""

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
    """Runs calls from any thread, in order, on the thread that created it."""

    _called = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._called.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Queue a call. Any thread; returns at once."""
        self._called.emit(call)

    @Slot(object)
    def _run(self, call: Callable[[], None]) -> None:
        call()


class SignalWakes(QObject):
    """Lets Python's signal handlers run while Qt waits, without a timer.

    Python runs a handler only between two of its own instructions; a byte on this
    socket makes Qt call into Python. Main thread only.
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
