"""What Accessibility says of the field that has the keyboard; None where it is silent.

Electron programs do not answer, and a program that hangs would hold us up: it is asked
for a quarter of a second. Main thread only; changes nothing.
"""

from typing import Any, Final

from ApplicationServices import (
    AXUIElementCopyAttributeValue,
    AXUIElementCreateSystemWide,
    AXUIElementSetMessagingTimeout,
    kAXFocusedUIElementAttribute,
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


def _of_field(attribute: str) -> Any:
    everything = AXUIElementCreateSystemWide()
    AXUIElementSetMessagingTimeout(everything, ANSWERS_S)  # of all our questions
    field = _value(everything, kAXFocusedUIElementAttribute)
    return None if field is None else _value(field, attribute)


def _value(element: Any, attribute: str) -> Any:
    error, value = AXUIElementCopyAttributeValue(element, attribute, None)
    return None if error else value
