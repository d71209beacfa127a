"""How often keys and mouse buttons went down, by the system's own counts.

Nobody watches what is typed: only how much. What we post ourselves comes from a private
source and is not the hardware's; a key of ours, with its repeats, is left out here.
"""

from collections.abc import Callable

from Quartz import (
    CGEventSourceCounterForEventType,
    kCGEventKeyDown,
    kCGEventLeftMouseDown,
    kCGEventOtherMouseDown,
    kCGEventRightMouseDown,
    kCGEventSourceStateHIDSystemState,
)

Clock = Callable[[], float]


class Typing:
    """Keys typed, modifiers left out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked_s, self._before = clock(), 0

    def since_s(self) -> float | None:
        """When this was asked last, if a key went down after that; else None."""
        asked_s, self._asked_s = self._asked_s, self._clock()
        before, self._before = self._before, _count(kCGEventKeyDown)
        return asked_s if self._before != before else None


class Presses:
    """The user's other presses; see ports.Hotkeys."""

    def __init__(self) -> None:
        self._ours = 0
        self._before: int | None = None  # a key of ours went down; it is still held

    def own(self, pressed: bool) -> None:
        """A key of ours went down or came up; the count has it already."""
        if not pressed:
            self._settle()
        elif self._before is None:
            self._before = _count(kCGEventKeyDown) - 1

    def others(self) -> int:
        keys = _count(kCGEventKeyDown) if self._before is None else self._before
        clicks = (
            kCGEventLeftMouseDown,
            kCGEventRightMouseDown,
            kCGEventOtherMouseDown,
        )
        return keys - self._ours + sum(_count(kind) for kind in clicks)

    def _settle(self) -> None:
        """What came while it was held was its repeats."""
        if self._before is not None:
            self._ours += _count(kCGEventKeyDown) - self._before
            self._before = None


def _count(kind: int) -> int:
    return int(
        CGEventSourceCounterForEventType(kCGEventSourceStateHIDSystemState, kind)
    )
