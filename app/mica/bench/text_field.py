"""A text field of our own on an X11 display, and a keyboard, both without a toolkit.

The field asks for the clipboard the moment the paste keys reach it and takes the text
at once: what it needs itself is next to nothing. Used by one thread.
"""

import time
from typing import Any, Final

from Xlib import XK, X, Xatom  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.ext import xtest  # type: ignore[import-untyped]

HOLD_KEY: Final = 108  # Right Alt's keycode; its keysym would press plain Alt as well


class DisplayConnection:
    """One connection to the display."""

    def __init__(self, name: str) -> None:
        self.display: Any = Display(name)
        self._root = self.display.screen().root

    def close(self) -> None:
        self.display.close()

    def key(self, *, down: bool) -> float:
        """Press the hold key or let it go; the time at which the server had it."""
        xtest.fake_input(self.display, X.KeyPress if down else X.KeyRelease, HOLD_KEY)
        self.display.sync()
        return time.monotonic()

    def icons(self) -> int:
        """How many icons the tray shows."""
        return sum(
            inner.get_attributes().map_state == X.IsViewable
            for panel in self._panels()
            for socket in panel.query_tree().children
            for inner in socket.query_tree().children
        )

    def _panels(self) -> list[Any]:
        """The tray's windows; the window manager has put them in frames."""
        found = []
        waiting = list(self._root.query_tree().children)
        while waiting:
            window = waiting.pop()
            if window.get_wm_class() == ("panel", "trayer"):
                found.append(window)
            elif window.get_attributes().map_state == X.IsViewable:
                waiting += window.query_tree().children
        return found


class TextField:
    """A window that takes what is pasted; it has the keyboard once it is active."""

    def __init__(self, screen: DisplayConnection) -> None:
        self._display = display = screen.display
        mask = X.KeyPressMask | X.PropertyChangeMask
        self._window = display.screen().root.create_window(
            *(100, 100, 400, 200, 0, X.CopyFromParent), event_mask=mask
        )
        self._window.set_wm_name("TextField")
        self._window.set_wm_class("field", "TextField")
        self._window.map()
        atoms = ("CLIPBOARD", "UTF8_STRING", "MICA_FIELD", "_NET_ACTIVE_WINDOW")
        board, self._utf8, self._own, self._active = map(display.intern_atom, atoms)
        self._board = board
        self._paste_key = display.keysym_to_keycode(XK.XK_v)
        self.keys_s: float | None = None  # wall clock: when the keys came
        display.sync()

    def active(self) -> bool:
        """Whether the window manager gave it the keyboard."""
        root = self._display.screen().root
        found = root.get_full_property(self._active, Xatom.WINDOW)
        return found is not None and self._window.id in found.value

    def clear(self) -> None:
        """Empty the field before the next text."""
        self.keys_s = None

    def text(self) -> str | None:
        """What was pasted since clear(), once it is here; waits for nothing."""
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == X.KeyPress and event.detail == self._paste_key:
                self.keys_s = time.time()
                self._window.convert_selection(
                    self._board, self._utf8, self._own, event.time
                )
                self._display.flush()
            elif event.type == X.SelectionNotify and event.property != X.NONE:
                property_ = self._window.get_full_property(self._own, X.AnyPropertyType)
                return str(property_.value.decode("utf-8"))
        return None
