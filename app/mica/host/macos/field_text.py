"""What Accessibility says of the text in the field that has the keyboard; None where it
is silent. Changes nothing. Places are counted in UTF-16 units. What asks for the field
itself is for the main thread only.
"""

from typing import Any

from ApplicationServices import (
    AXUIElementCopyParameterizedAttributeValue,
    AXValueCreate,
    AXValueGetValue,
    AXValueRef,
    kAXSelectedTextAttribute,
    kAXSelectedTextRangeAttribute,
    kAXStringForRangeParameterizedAttribute,
    kAXValueTypeCFRange,
)

from mica.host.macos.accessibility import field, said_of


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
