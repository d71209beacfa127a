"""Which X11 window has the keyboard, by the window manager's word.

_NET_ACTIVE_WINDOW, its _NET_WM_PID and WM_CLASS. It does not look inside windows: X11
has no notion of a password field.
"""

from typing import Any

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import XError  # type: ignore[import-untyped]

from mica.host.ports import Target


class X11Focus:
    """See ports.Focus. Main thread only; owns a connection to the display."""

    def __init__(self) -> None:
        self._display = Display()
        self._root = self._display.screen().root

    def current(self) -> Target | None:
        window = self._active()
        if window is None:
            return None
        try:
            wm_class = window.get_wm_class()
            pid = self._number(window, "_NET_WM_PID")
        except XError:  # it closed while we asked
            return None
        name = wm_class[1] if wm_class else ""
        return Target(window=window.id, pid=pid, name=name)

    def guardian(self) -> str | None:
        return None  # a grab of the keyboard shows nowhere

    def middle(self) -> tuple[int, int] | None:
        window = self._active()
        if window is None:
            return None
        try:
            size = window.get_geometry()
            middle = self._root.translate_coords(
                window, size.width // 2, size.height // 2
            )
        except XError:  # it closed while we asked
            return None
        return middle.x, middle.y

    def _active(self) -> Any | None:
        """The active window; without a window manager, where keys go."""
        number = self._number(self._root, "_NET_ACTIVE_WINDOW") or X.NONE
        if number != X.NONE:
            return self._display.create_resource_object("window", number)
        if self._number(self._root, "_NET_SUPPORTING_WM_CHECK") is not None:
            return None
        focus = self._display.get_input_focus().focus
        return None if isinstance(focus, int) or focus == self._root else focus

    def _number(self, window: Any, name: str) -> int | None:
        atom = self._display.intern_atom(name)
        found = window.get_full_property(atom, X.AnyPropertyType)
        return int(found.value[0]) if found and len(found.value) else None
