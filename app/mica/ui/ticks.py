"""Ticks for a part of the app while something is under way in it, and none else."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QTimer


class Ticked(Protocol):
    """Calls `wake` whenever something is under way."""

    wake: Callable[[], None]

    @property
    def is_quiet(self) -> bool: ...

    def tick(self) -> None: ...


class Ticks:
    """Main thread only; the part is woken from there."""

    def __init__(self, part: Ticked, every_ms: int) -> None:
        self._part = part
        self._timer = QTimer()
        self._timer.setInterval(every_ms)
        self._timer.timeout.connect(self._tick)
        part.wake = self._start

    @property
    def going(self) -> bool:
        return self._timer.isActive()

    def stop(self) -> None:
        """The app quits."""
        self._timer.stop()

    def _start(self) -> None:
        if not self.going:
            self._timer.start()

    def _tick(self) -> None:
        self._part.tick()
        if self._part.is_quiet:
            self.stop()
