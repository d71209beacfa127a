"""What Accessibility says of the field that has the keyboard; None where it is silent.

Electron programs do not answer for their fields, and a program that hangs would hold us
up: it is asked for a quarter of a second. Main thread only, but for field_of() and
said_of(); changes nothing.
"""

import os
import time
from typing import Any, Final

from ApplicationServices import (
    AXUIElementCopyAttributeValue,
    AXUIElementCreateApplication,
    AXUIElementCreateSystemWide,
    AXUIElementSetMessagingTimeout,
    kAXErrorCannotComplete,
    kAXFocusedUIElementAttribute,
    kAXFocusedWindowAttribute,
    kAXSecureTextFieldSubrole,
    kAXSubroleAttribute,
)

from mica.host.ports import Answered, Target

ANSWERS_S: Final = 0.25


def in_password() -> bool:
    """Whether it is a password field."""
    return bool(said_of(field(), kAXSubroleAttribute) == kAXSecureTextFieldSubrole)


def window_of(pid: int) -> int | None:
    """A number of its own for the program's window that has the keyboard; 0 where the
    program does not say, None where it hangs."""
    program = AXUIElementCreateApplication(pid)
    AXUIElementSetMessagingTimeout(program, ANSWERS_S)
    asked_s = time.monotonic()
    error, window = AXUIElementCopyAttributeValue(
        program, kAXFocusedWindowAttribute, None
    )
    # The same error at once: it has no such thing as Accessibility.
    if error == kAXErrorCannotComplete and time.monotonic() - asked_s >= ANSWERS_S / 2:
        return None
    return 0 if error else hash(window) or 1  # CFHash: equal for one window


def ask(target: Target) -> Answered:
    """See ports.Host. The thread that handles its keys answers; ours cannot while it
    asks, and is through with them when it comes back here."""
    pid = target.pid
    if pid is None or pid == os.getpid():
        return lambda: True
    return lambda: _is_through(pid)


def _is_through(pid: int) -> bool | None:
    """None where the program has ended."""
    if not _runs(pid):
        return None
    return window_of(pid) is not None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True


def field() -> Any:
    """The field itself, to ask more of it."""
    everything = AXUIElementCreateSystemWide()
    AXUIElementSetMessagingTimeout(everything, ANSWERS_S)  # of all our questions
    return said_of(everything, kAXFocusedUIElementAttribute)


def field_of(pid: int) -> Any:
    """That program's, whatever has the keyboard now."""
    program = AXUIElementCreateApplication(pid)
    AXUIElementSetMessagingTimeout(program, ANSWERS_S)
    found = said_of(program, kAXFocusedUIElementAttribute)
    if found is not None:
        AXUIElementSetMessagingTimeout(found, ANSWERS_S)
    return found


def said_of(element: Any, attribute: str) -> Any:
    """An attribute of this element; None also where there is no element."""
    if element is None:
        return None
    error, value = AXUIElementCopyAttributeValue(element, attribute, None)
    return None if error else value
