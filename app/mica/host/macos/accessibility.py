"""The frontmost app, its window and its focused field on a Mac, by Accessibility.

NSWorkspace names the frontmost app, and always answers. Its window and focused element
are queried by Accessibility, with a timeout of TIMEOUT_S: a hung app would block us,
and Electron apps do not answer for their fields. Main thread only, except
focused_element_of(), attribute_of() and functions that take an element. Changes
nothing. Positions in a text are in UTF-16 units.
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
from mica.host.ports import WindowProbe
from mica.host.values import Target

TIMEOUT_S: Final = 0.25
_TEXT_ROLES: Final = {kAXComboBoxRole, kAXTextAreaRole, kAXTextFieldRole}


def is_password_field() -> bool | None:
    """Whether the focused element is a password field; None: not known."""
    element = focused_element()
    if attribute_of(element, kAXSubroleAttribute) == kAXSecureTextFieldSubrole:
        return True
    return False if attribute_of(element, kAXRoleAttribute) in _TEXT_ROLES else None


def focused_window_number(pid: int) -> int | None:
    """A number that identifies the app's focused window.

    0 if the app does not report one, None if it hangs.
    """
    program = AXUIElementCreateApplication(pid)
    AXUIElementSetMessagingTimeout(program, TIMEOUT_S)
    start_s = time.monotonic()
    error, window = AXUIElementCopyAttributeValue(
        program, kAXFocusedWindowAttribute, None
    )
    # The same error without a delay means that the app has no Accessibility at all.
    if error == kAXErrorCannotComplete and time.monotonic() - start_s >= TIMEOUT_S / 2:
        return None
    return 0 if error else hash(window) or 1  # CFHash: equal for one window


def probe_window(target: Target) -> WindowProbe:
    """See ports.Host. The app answers on the thread that handles its keys.

    A window of Mica's cannot answer while this thread waits; its keys have been handled
    by then.
    """
    pid = target.pid
    if pid is None or pid == os.getpid():
        return lambda: True
    return lambda: _has_handled_keys(pid)


def _has_handled_keys(pid: int) -> bool | None:
    """None if the program has ended."""
    if not _is_running(pid):
        return None
    return focused_window_number(pid) is not None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True


def focused_element() -> Any:
    """The focused element, in any app."""
    everything = AXUIElementCreateSystemWide()
    AXUIElementSetMessagingTimeout(everything, TIMEOUT_S)  # for all our queries
    return attribute_of(everything, kAXFocusedUIElementAttribute)


def focused_element_of(pid: int) -> Any:
    """The focused element of one app, even if another app is in front."""
    program = AXUIElementCreateApplication(pid)
    AXUIElementSetMessagingTimeout(program, TIMEOUT_S)
    found = attribute_of(program, kAXFocusedUIElementAttribute)
    if found is not None:
        AXUIElementSetMessagingTimeout(found, TIMEOUT_S)
    return found


def attribute_of(element: Any, attribute: str) -> Any:
    """An attribute of an element; None if either does not exist."""
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
        window = focused_window_number(pid)
        # A hung app is not queried further: the start of the microphone waits for this.
        is_password = is_password_field() if window is not None else None
        target = Target(window or 0, pid, str(front.bundleIdentifier() or ""))
        if is_password is None and not is_terminal(target):  # they have it on all day
            is_password = keyboard.secure_input_pid(self._library) == pid
        return replace(target, secure=bool(is_password))

    def secure_input_owner(self) -> str | None:
        return keyboard.secure_input_owner(self._library)

    def focused_screen_point(self) -> tuple[int, int] | None:
        """The center of AppKit's main screen: the one with the focused window."""
        screen = NSScreen.mainScreen()
        if screen is None:
            return None
        area, first = screen.frame(), NSScreen.screens()[0].frame()
        from_below = area.origin.y + area.size.height / 2  # AppKit's y points up
        across = area.origin.x + area.size.width / 2
        return int(across), int(first.size.height - from_below)


def selected_text() -> str | None:
    """The selected text of the focused element; None if it does not answer."""
    value = attribute_of(focused_element(), kAXSelectedTextAttribute)
    return None if value is None else str(value)


def text_before_caret(units: int) -> str | None:
    """Up to `units` of text before the caret; "" if something is selected.

    Some editors answer with an empty field that they hide; a caret at the start may be
    in such a field, so it is not used.
    """
    element = focused_element()
    selection = selected_range(element)
    if selection is None or selection == (0, 0):
        return None
    caret, length = selection
    count = min(units, caret)
    return (
        "" if length or not count else string_for_range(element, caret - count, count)
    )


def selected_range(element: Any) -> tuple[int, int] | None:
    """Start and length of the selection; length 0 is a caret."""
    value = attribute_of(element, kAXSelectedTextRangeAttribute)
    # pyobjc does not check the type here, and Apple's function reads whatever it gets:
    # a program that answers with a number would crash our process.
    if not isinstance(value, AXValueRef):
        return None
    is_range, found = AXValueGetValue(value, kAXValueTypeCFRange, None)
    if not is_range:
        return None
    first, length = found
    return (int(first), int(length)) if first >= 0 else None  # kCFNotFound


def string_for_range(element: Any, first: int, length: int) -> str | None:
    """Text of an element by position and length; None if it does not answer."""
    error, text = AXUIElementCopyParameterizedAttributeValue(
        element,
        kAXStringForRangeParameterizedAttribute,
        AXValueCreate(kAXValueTypeCFRange, (first, length)),
        None,
    )
    return None if error or text is None else str(text)
