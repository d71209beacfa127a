"""Command-V by posted events, with the V of the user's layout. Main thread only."""

import time
from collections.abc import Callable
from typing import Any, Final

from ApplicationServices import AXIsProcessTrusted
from Quartz import (
    CGEventCreateKeyboardEvent,
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
from mica.host.macos.layout import key_of
from mica.host.macos.secure import guardian
from mica.host.ports import Target

_RETURN: Final = 36
BETWEEN_S: Final = 0.01  # between key down and key up (VoiceInk)
_MODIFIERS: Final = (
    kCGEventFlagMaskShift
    | kCGEventFlagMaskControl
    | kCGEventFlagMaskAlternate
    | kCGEventFlagMaskCommand
    | kCGEventFlagMaskSecondaryFn
)


class MacPaster:
    """See ports.Paster."""

    def __init__(
        self, library: Any, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._library = library
        self._pause = pause

    def ready(self) -> bool:
        flags = CGEventSourceFlagsState(kCGEventSourceStateHIDSystemState)
        return not flags & _MODIFIERS

    def chord(self, target: Target) -> None:
        self._press(key_of(self._library, "v"), kCGEventFlagMaskCommand)

    def submit(self, target: Target) -> None:
        self._press(_RETURN, 0)

    def _press(self, code: int, flags: int) -> None:
        # either may be late to know; posted without both, the keys vanish silently
        if not (CGPreflightPostEventAccess() or AXIsProcessTrusted()):
            raise PermissionDenied(
                "Mica may not press keys for you.",
                "Allow it in System Settings › Privacy & Security › Accessibility.",
            )
        keeper = guardian(self._library)
        if keeper is not None:
            raise InsertionError(
                f"{f'“{keeper}”' if keeper else 'A program'} protects the keyboard.",
                "Leave the password field, or turn off Secure Keyboard Entry.",
            )
        # a private source: keys the user holds do not mix in
        source = CGEventSourceCreate(kCGEventSourceStatePrivate)
        for down in (True, False):
            event = CGEventCreateKeyboardEvent(source, code, down)
            CGEventSetFlags(event, flags)
            CGEventPost(kCGHIDEventTap, event)
            if down:
                self._pause(BETWEEN_S)
