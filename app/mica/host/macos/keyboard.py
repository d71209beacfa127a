"""Posts keys for the user, where that is allowed and no program protects the keyboard.

Posted without the permission, or under secure input, keys vanish without a word: so
both are asked first. Main thread only.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from ApplicationServices import AXIsProcessTrusted
from Quartz import (
    CGEventCreateKeyboardEvent,
    CGEventKeyboardSetUnicodeString,
    CGEventPost,
    CGEventSetFlags,
    CGEventSourceCreate,
    CGEventSourceFlagsState,
    CGPreflightPostEventAccess,
    kCGEventFlagMaskAlternate,
    kCGEventFlagMaskCommand,
    kCGEventFlagMaskControl,
    kCGEventFlagMaskSecondaryFn,
    kCGEventFlagMaskShift,
    kCGEventSourceStateHIDSystemState,
    kCGEventSourceStatePrivate,
    kCGHIDEventTap,
)

from mica.errors import InsertionError, PermissionDenied
from mica.host.macos.secure import guardian
from mica.host.macos.sticky import sticky_keys

BETWEEN_S: Final = 0.01  # between key down and key up (VoiceInk)
_MODIFIERS: Final = (
    kCGEventFlagMaskShift
    | kCGEventFlagMaskControl
    | kCGEventFlagMaskAlternate
    | kCGEventFlagMaskCommand
    | kCGEventFlagMaskSecondaryFn
)


class Keyboard:
    """Posted keys. `library`: Carbon."""

    def __init__(
        self, library: Any, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.library = library
        self._pause = pause

    def is_free(self) -> bool:
        """Whether no modifier is physically down; with Sticky Keys nobody can tell."""
        flags = CGEventSourceFlagsState(kCGEventSourceStateHIDSystemState)
        return not flags & _MODIFIERS or sticky_keys()

    def press(
        self, code: int, flags: int, *, times: int = 1, between_s: float = BETWEEN_S
    ) -> None:
        """A key with these modifiers. Raises InsertionError or PermissionDenied."""
        self.check()
        # a private source: keys the user holds do not mix in, nor do we in theirs
        source = CGEventSourceCreate(kCGEventSourceStatePrivate)
        for down in (True, False) * times:
            event = CGEventCreateKeyboardEvent(source, code, down)
            CGEventSetFlags(event, flags)
            CGEventPost(kCGHIDEventTap, event)
            if down:
                self._pause(between_s)

    def write(self, text: str, units: int) -> None:
        """One key press that carries these characters; raises as press does.

        units   how many of UTF-16 they are
        """
        self.check()
        source = CGEventSourceCreate(kCGEventSourceStatePrivate)
        for down in (True, False):
            event = CGEventCreateKeyboardEvent(source, 0, down)
            CGEventSetFlags(event, 0)
            CGEventKeyboardSetUnicodeString(event, units, text)
            CGEventPost(kCGHIDEventTap, event)
            self._pause(BETWEEN_S / 2)

    def check(self) -> None:
        """Raises what press would."""
        # either may be late to know
        if not (CGPreflightPostEventAccess() or AXIsProcessTrusted()):
            raise PermissionDenied(
                "Mica may not press keys for you.",
                "Allow it in System Settings › Privacy & Security › Accessibility.",
            )
        keeper = guardian(self.library)
        if keeper is not None:
            raise InsertionError(
                f"{f'“{keeper}”' if keeper else 'A program'} protects the keyboard.",
                "Leave the password field, or turn off Secure Keyboard Entry.",
            )
