"""The process of an X11 window, from its property or from the X server.

Many programs (Tk, xterm's relatives) set no _NET_WM_PID; the X-Resource extension knows
the process of every local client
(https://www.x.org/releases/current/doc/resourceproto/resproto.html).
"""

from typing import Any

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import XError  # type: ignore[import-untyped]
from Xlib.ext import res  # type: ignore[import-untyped]


class WindowPids:
    """Asks for the processes of windows over `display`, on its thread only."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._has_xres = bool(display.has_extension(res.extname))

    def named(self, window: Any) -> int | None:
        """The process ID a window's program states, else its client's; None if neither
        is known. Raises XError if the window no longer exists."""
        atom = self._display.intern_atom("_NET_WM_PID")
        found = window.get_full_property(atom, X.AnyPropertyType)
        if found and len(found.value):
            return int(found.value[0])
        return self.of_client(window.id)

    def of_client(self, window: int) -> int | None:
        """The process ID of a window's client as the X server knows it; None if it runs
        on another machine, or if the window no longer exists."""
        if not self._has_xres:
            return None
        spec = {"client": window, "mask": res.LocalClientPIDMask}
        try:
            found = self._display.res_query_client_ids([spec]).ids
        except XError:
            return None
        return int(found[0].value[0]) if found and found[0].value else None
