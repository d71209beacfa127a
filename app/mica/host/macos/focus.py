"""Which program has the keyboard on a Mac, and whether it guards it.

The front program by NSWorkspace, which always answers; Accessibility is only asked for
its window, and whether the focused field is a password field.
"""

from typing import Any

from AppKit import NSScreen, NSWorkspace

from mica.host.macos import accessibility, secure
from mica.host.ports import Target


class MacFocus:
    """See ports.Focus. Main thread only."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def current(self) -> Target | None:
        front = NSWorkspace.sharedWorkspace().frontmostApplication()
        if front is None:
            return None
        pid = int(front.processIdentifier())
        window = accessibility.window_of(pid)
        # Of one that hangs nothing more is asked: the microphone waits behind this.
        is_password = window is not None and accessibility.in_password()
        return Target(
            window=window or 0,
            pid=pid,
            name=str(front.bundleIdentifier() or ""),
            secure=self.guardian() is not None or is_password,
        )

    def guardian(self) -> str | None:
        return secure.guardian(self._library)

    def middle(self) -> tuple[int, int] | None:
        """Of AppKit's main screen, which is the one with the keyboard's window."""
        screen = NSScreen.mainScreen()
        if screen is None:
            return None
        area, first = screen.frame(), NSScreen.screens()[0].frame()
        from_below = area.origin.y + area.size.height / 2  # AppKit's y points up
        across = area.origin.x + area.size.width / 2
        return int(across), int(first.size.height - from_below)
