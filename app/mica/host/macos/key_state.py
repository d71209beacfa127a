"""The keyboard itself: what is physically down, for a key-up that got lost."""

from collections.abc import Iterable

from AppKit import NSEvent
from Quartz import CGEventSourceKeyState, kCGEventSourceStateHIDSystemState

from mica.host.macos.keys import GENERAL_BITS, MODIFIER_BITS


class KeyState:
    """Whether one key is physically down, as the system says.

    It may not know the key, or refuse to tell without a permission: it is believed
    that a key is up only once it has said that it was down.
    """

    def __init__(self, code: int) -> None:
        """By virtual keycode."""
        self.held = False  # as the events say
        self.bare = code in MODIFIER_BITS  # a modifier by itself
        self._code, self._known = code, False

    def is_down(self) -> bool:
        down = is_down(self._code)
        self._known |= down
        return down or (self.held and not self._known)


def only_bare(states: Iterable[KeyState]) -> bool:
    """Whether keys are held and none is a whole key, whose repeats count as typed."""
    held = [state.bare for state in states if state.held]
    return bool(held) and all(held)


def is_down(code: int) -> bool:
    """By virtual keycode. Either answer keeps a hold: one of them not knowing Fn, say,
    must not end it."""
    if CGEventSourceKeyState(kCGEventSourceStateHIDSystemState, code):
        return True
    return bool(NSEvent.modifierFlags() & GENERAL_BITS.get(code, 0))
