"""The keyboard itself: what is physically down, for a key-up that got lost."""

from AppKit import NSEvent
from Quartz import CGEventSourceKeyState, kCGEventSourceStateHIDSystemState

from mica.host.macos.keys import GENERAL_BITS


class KeyState:
    """Whether one key is physically down, as the system says.

    It may not know the key, or refuse to tell without a permission: it is believed
    that a key is up only once it has said that it was down.
    """

    def __init__(self) -> None:
        self._known = False

    def is_down(self, code: int, *, held: bool) -> bool:
        """By virtual keycode; `held`: what the events say."""
        down = _is_down(code)
        self._known |= down
        return down or (held and not self._known)


def _is_down(code: int) -> bool:
    """Either answer keeps a hold: one of them not knowing Fn, say, must not end it."""
    if CGEventSourceKeyState(kCGEventSourceStateHIDSystemState, code):
        return True
    return bool(NSEvent.modifierFlags() & GENERAL_BITS.get(code, 0))
