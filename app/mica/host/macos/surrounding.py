"""The text around the caret of another app, by Accessibility.

Turns Accessibility on in no app: Electron apps would take us for a screen reader. A
hung app blocks the thread that queries it, so never call this on the main thread;
alt-tab-macos also uses its own queue for that (BackgroundWork.axCallsQueue).
"""

import os
from typing import Any, Final

from ApplicationServices import (
    AXUIElementCopyAttributeNames,
    kAXNumberOfCharactersAttribute,
    kAXSecureTextFieldSubrole,
    kAXSubroleAttribute,
)
from objc import autorelease_pool

from mica.host.macos.accessibility import (
    attribute_of,
    focused_element_of,
    selected_range,
    string_for_range,
)
from mica.host.values import SurroundingText, Target

BEFORE, AFTER = 100, 20  # UTF-16 units
_CHROMIUM: Final = "ChromeAXNodeId"
_WEB: Final = "AXDOMIdentifier"  # WebKit's and Chromium's elements have it


def surrounding_text(target: Target) -> SurroundingText | None:
    """See ports.Host.query_surrounding. Mica's own windows cannot answer it."""
    if target.pid is None or target.pid == os.getpid():
        return None
    with autorelease_pool():
        element = focused_element_of(target.pid)
        if attribute_of(element, kAXSubroleAttribute) == kAXSecureTextFieldSubrole:
            return SurroundingText("")
        return _read(element)


def _read(element: Any) -> SurroundingText | None:
    selection, count = (
        selected_range(element),
        attribute_of(element, kAXNumberOfCharactersAttribute),
    )
    if selection is None or not isinstance(count, int):
        return None
    names = _attribute_names(element)
    # Chromium reports a placeholder as text with the caret behind it, and counts no
    # line ends between blocks (https://github.com/znat/parrotflow/issues/175). A caret
    # at the start of any page's field may be in one that an editor hides behind its
    # own, as Google Docs does.
    if _CHROMIUM in names or (selection == (0, 0) and _WEB in names):
        return None
    first, length = selection
    last = first + length
    before = _string(element, max(0, first - BEFORE), first)
    after = _string(element, last, min(count, last + AFTER))
    if last > count or before is None or after is None:
        return None
    return SurroundingText(before, after)


def _string(element: Any, first: int, last: int) -> str | None:
    return string_for_range(element, first, last - first) if first < last else ""


def _attribute_names(element: Any) -> tuple[str, ...]:
    """The names of all attributes of an element."""
    error, names = AXUIElementCopyAttributeNames(element, None)
    return () if error or names is None else tuple(names)
