"""What Accessibility says of the field that has the keyboard; None where it is silent.

Electron programs do not answer for their fields, and a program that hangs would hold us
up: it is asked for a quarter of a second. Main thread only; changes nothing.
"""

from typing import Any, Final

from ApplicationServices import (
    AXUIElementCopyAttributeValue,
    AXUIElementCreateApplication,
    AXUIElementCreateSystemWide,
    AXUIElementSetMessagingTimeout,
    kAXFocusedUIElementAttribute,
    kAXFocusedWindowAttribute,
    kAXSecureTextFieldSubrole,
    kAXSelectedTextAttribute,
    kAXSubroleAttribute,
)

ANSWERS_S: Final = 0.25


def in_password() -> bool:
    """Whether it is a password field."""
    return bool(_of_field(kAXSubroleAttribute) == kAXSecureTextFieldSubrole)


def selected_text() -> str | None:
    said = _of_field(kAXSelectedTextAttribute)
    return None if said is None else str(said)


def window_of(pid: int) -> int:
    """A number of its own for the program's window that has the keyboard; 0 where the
    program does not say."""
    program = AXUIElementCreateApplication(pid)
    AXUIElementSetMessagingTimeout(program, ANSWERS_S)
    window = _value(program, kAXFocusedWindowAttribute)
    return 0 if window is None else hash(window) or 1  # CFHash: equal for one window


def _of_field(attribute: str) -> Any:
    everything = AXUIElementCreateSystemWide()
    AXUIElementSetMessagingTimeout(everything, ANSWERS_S)  # of all our questions
    field = _value(everything, kAXFocusedUIElementAttribute)
    return None if field is None else _value(field, attribute)


def _value(element: Any, attribute: str) -> Any:
    error, value = AXUIElementCopyAttributeValue(element, attribute, None)
    return None if error else value
