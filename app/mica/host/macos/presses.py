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
    """Keys typed, modifiers left out, and an Esc that will be told by itself: it is
    counted a moment before that."""

    def __init__(self, clock: Clock, escape_down: Callable[[], bool]) -> None:
        """escape_down: whether that key is down and may be ours."""
        self._clock, self._escape_down = clock, escape_down
        self._asked_s, self._before = clock(), 0

    def since_s(self) -> float | None:
        """When this was asked last, if a key went down after that; else None."""
        asked_s, self._asked_s = self._asked_s, self._clock()
        before, self._before = self._before, _count(kCGEventKeyDown)
        typed = self._before != before and not self._escape_down()
        return asked_s if typed else None


class Presses:
    """The user's other presses; see ports.Hotkeys."""

    def __init__(self, typing: Typing) -> None:
        self.typing = typing
        self._ours = 0
        self._before: int | None = None  # a key of ours went down; it is still held

    def own(self, pressed: bool) -> None:
        """A key of ours went down or came up; the count has it already."""
        if not pressed:
            self._settle()
        elif self._before is None:
            self._before = _count(kCGEventKeyDown) - 1

    def own_once(self) -> None:
        """A key of ours whose coming up may not be told went down."""
        self._ours += self._before is None  # else it goes with the one that is held
        self.typing.since_s()  # it is no other key

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
