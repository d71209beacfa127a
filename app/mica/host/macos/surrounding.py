"""What stands around the caret of a program, by Accessibility; None where it is silent.

Changes nothing, and switches Accessibility on nowhere: Electron's programs would take
us for a screen reader. A program that hangs holds the thread up that asks: not the main
thread's. alt-tab-macos asks on one of its own, too (BackgroundWork.axCallsQueue).
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

from mica.host.macos.accessibility import field_of, said_of, selection_of, text_of
from mica.host.ports import Surrounding, Target

BEFORE, AFTER = 100, 20  # UTF-16 units
_CHROMIUM: Final = "ChromeAXNodeId"
_WEB: Final = "AXDOMIdentifier"  # WebKit's and Chromium's elements have it


def around(target: Target) -> Surrounding | None:
    """See ports.Host.query. Our own windows are not asked: they wait for us."""
    if target.pid is None or target.pid == os.getpid():
        return None
    with autorelease_pool():
        asked = field_of(target.pid)
        if said_of(asked, kAXSubroleAttribute) == kAXSecureTextFieldSubrole:
            return Surrounding("")
        return _around(asked)


def _around(asked: Any) -> Surrounding | None:
    selection, count = (
        selection_of(asked),
        said_of(asked, kAXNumberOfCharactersAttribute),
    )
    if selection is None or not isinstance(count, int):
        return None
    names = _names(asked)
    # Chromium takes a placeholder for text with the caret behind it, and counts no line
    # ends between blocks (znat/parrotflow#175). A caret at the start of any page's
    # field may be in one that an editor hides behind its own, as Google Docs does.
    if _CHROMIUM in names or (selection == (0, 0) and _WEB in names):
        return None
    first, length = selection
    last = first + length
    before = _part(asked, max(0, first - BEFORE), first)
    after = _part(asked, last, min(count, last + AFTER))
    if last > count or before is None or after is None:
        return None
    return Surrounding(before, after)


def _part(asked: Any, first: int, last: int) -> str | None:
    return text_of(asked, first, last - first) if first < last else ""


def _names(asked: Any) -> tuple[str, ...]:
    """Of its attributes."""
    error, names = AXUIElementCopyAttributeNames(asked, None)
    return () if error or names is None else tuple(names)
