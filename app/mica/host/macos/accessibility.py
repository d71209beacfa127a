"""What Accessibility says of the field that has the keyboard; None where it is silent.

Electron programs do not answer for their fields, and a program that hangs would hold us
up: it is asked for a quarter of a second. Main thread only, but for field_of() and
said_of(); changes nothing.

Which program has the keyboard on a Mac, and whether it guards it.

The front program by NSWorkspace, which always answers; Accessibility is only asked for
its window, and whether the focused field is a password field.

What Accessibility says of the text in the field that has the keyboard; None where it
is silent. Changes nothing. Places are counted in UTF-16 units. What asks for the field
itself is for the main thread only.
"""

import os
import time
from dataclasses import replace
from typing import Any, Final

from AppKit import NSScreen, NSWorkspace
from ApplicationServices import (
    AXUIElementCopyAttributeValue,
    AXUIElementCopyParameterizedAttributeValue,
    AXUIElementCreateApplication,
    AXUIElementCreateSystemWide,
    AXUIElementSetMessagingTimeout,
    AXValueCreate,
    AXValueGetValue,
    AXValueRef,
    kAXComboBoxRole,
    kAXErrorCannotComplete,
    kAXFocusedUIElementAttribute,
    kAXFocusedWindowAttribute,
    kAXRoleAttribute,
    kAXSecureTextFieldSubrole,
    kAXSelectedTextAttribute,
    kAXSelectedTextRangeAttribute,
    kAXStringForRangeParameterizedAttribute,
    kAXSubroleAttribute,
    kAXTextAreaRole,
    kAXTextFieldRole,
    kAXValueTypeCFRange,
)

from mica.host.apps import is_terminal
from mica.host.macos import keyboard
from mica.host.ports import Answered, Target

ANSWERS_S: Final = 0.25
_TEXT_ROLES: Final = {kAXComboBoxRole, kAXTextAreaRole, kAXTextFieldRole}


def in_password() -> bool | None:
    """Whether it is a password field; None where Accessibility does not say."""
    asked = field()
    if said_of(asked, kAXSubroleAttribute) == kAXSecureTextFieldSubrole:
        return True
    return False if said_of(asked, kAXRoleAttribute) in _TEXT_ROLES else None


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


class MacFocus:
    """See ports.Focus. Main thread only."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def current(self) -> Target | None:
        front = NSWorkspace.sharedWorkspace().frontmostApplication()
        if front is None:
            return None
        pid = int(front.processIdentifier())
        window = window_of(pid)
        # Of one that hangs nothing more is asked: the microphone waits behind this.
        is_password = in_password() if window is not None else None
        target = Target(window or 0, pid, str(front.bundleIdentifier() or ""))
        if is_password is None and not is_terminal(target):  # those have it on all day
            is_password = keyboard.secure_input_pid(self._library) == pid
        return replace(target, secure=bool(is_password))

    def secure_input_owner(self) -> str | None:
        return keyboard.secure_input_owner(self._library)

    def middle(self) -> tuple[int, int] | None:
        """Of AppKit's main screen, which is the one with the keyboard's window."""
        screen = NSScreen.mainScreen()
        if screen is None:
            return None
        area, first = screen.frame(), NSScreen.screens()[0].frame()
        from_below = area.origin.y + area.size.height / 2  # AppKit's y points up
        across = area.origin.x + area.size.width / 2
        return int(across), int(first.size.height - from_below)


def selected() -> str | None:
    said = said_of(field(), kAXSelectedTextAttribute)
    return None if said is None else str(said)


def before_caret(units: int) -> str | None:
    """So many units or what there is; "" where something is selected.

    Some editors answer by an empty field that they hide; a caret at the start may be
    that one's, and says nothing.
    """
    asked = field()
    selection = selection_of(asked)
    if selection is None or selection == (0, 0):
        return None
    caret, length = selection
    count = min(units, caret)
    return "" if length or not count else text_of(asked, caret - count, count)


def selection_of(asked: Any) -> tuple[int, int] | None:
    """Where it begins, and its length: 0 where there is but a caret."""
    said = said_of(asked, kAXSelectedTextRangeAttribute)
    # pyobjc looks at no type here, and Apple's function reads what it gets: a program
    # that answers with a number would end our process.
    if not isinstance(said, AXValueRef):
        return None
    is_range, found = AXValueGetValue(said, kAXValueTypeCFRange, None)
    if not is_range:
        return None
    first, length = found
    return (int(first), int(length)) if first >= 0 else None  # kCFNotFound


def text_of(asked: Any, first: int, length: int) -> str | None:
    error, text = AXUIElementCopyParameterizedAttributeValue(
        asked,
        kAXStringForRangeParameterizedAttribute,
        AXValueCreate(kAXValueTypeCFRange, (first, length)),
        None,
    )
    return None if error or text is None else str(text)
