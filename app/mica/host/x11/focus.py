"""The focused X11 window, and whether it has handled its keys.

The focused window is _NET_ACTIVE_WINDOW with its process and WM_CLASS; X11 has no
notion of a password field inside it. A window that supports _NET_WM_PING reads the ping
after the keys and sends it back to the root window (EWMH,
https://specifications.freedesktop.org/wm-spec/latest/). Main thread only; each class
owns a connection to the display.
"""

from itertools import count
from typing import Any, Final

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import XError  # type: ignore[import-untyped]
from Xlib.protocol.event import ClientMessage  # type: ignore[import-untyped]

from mica.host.ports import WindowProbe
from mica.host.values import Target
from mica.host.x11.window_pid import WindowPids

FIRST: Final = 0x4D696361  # window managers' own pings carry the time since their start
#: The first as EWMH has it; Qt sends its answer only to listeners of the second.
_ANSWERS: Final = X.SubstructureNotifyMask | X.StructureNotifyMask


class X11Focus:
    """See ports.Focus. Main thread only; owns a connection to the display."""

    def __init__(self) -> None:
        self._display = Display()
        self._root = self._display.screen().root
        self._pids = WindowPids(self._display)

    def current(self) -> Target | None:
        window = self._active()
        if window is None:
            return None
        try:
            wm_class = window.get_wm_class()
            pid = self._pids.named(window)
        except XError:  # it closed in the meantime
            return None
        name = wm_class[1] if wm_class else ""
        return Target(window=window.id, pid=pid, name=name)

    def secure_input_owner(self) -> str | None:
        return None  # X11 does not reveal keyboard grabs

    def focused_screen_point(self) -> tuple[int, int] | None:
        window = self._active()
        if window is None:
            return None
        try:
            size = window.get_geometry()
            middle = self._root.translate_coords(
                window, size.width // 2, size.height // 2
            )
        except XError:  # it closed in the meantime
            return None
        return middle.x, middle.y

    def _active(self) -> Any | None:
        """The active window; without a window manager, the one with the input focus."""
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


class Pings:
    """_NET_WM_PING: whether windows have handled the keys sent to them.

    Call drain() when fileno() is readable, or events pile up. Root window events are
    selected only while an answer is pending.
    """

    def __init__(self) -> None:
        self._display = Display()
        self.fileno: Final = self._display.fileno
        self._ping = self._display.intern_atom("_NET_WM_PING")
        self._root = self._display.screen().root
        self._pids = WindowPids(self._display)
        self._numbers = count(FIRST)
        self._pending: dict[int, Target] = {}  # by ping number
        self._closed: set[int] = set()  # pings of windows that are gone

    def probe(self, target: Target) -> WindowProbe:
        """See ports.Host."""
        window = self._display.create_resource_object("window", target.window)
        try:
            supports_ping = self._ping in window.get_wm_protocols()
        except XError:
            return lambda: None
        if not supports_ping:
            return lambda: None if self._is_closed(target) else True
        number = next(self._numbers)
        self._pending[number] = target
        self._listen(_ANSWERS)
        protocols = self._display.intern_atom("WM_PROTOCOLS")
        data = 32, [self._ping, number, target.window, 0, 0]
        message = ClientMessage(window=window, client_type=protocols, data=data)
        window.send_event(message, onerror=_ignore_error)
        self._display.flush()
        return lambda: self._has_answered(number)

    def drain(self) -> None:
        """Process the answers that have come."""
        while self._display.pending_events():
            event = self._display.next_event()
            if isinstance(event, ClientMessage) and event.data[1][0] == self._ping:
                self._forget(event.data[1][1])

    def _has_answered(self, number: int) -> bool | None:
        self.drain()
        gone = [of for of, target in self._pending.items() if self._is_closed(target)]
        for other in gone:
            self._forget(other)
            self._closed.add(other)
        return None if number in self._closed else number not in self._pending

    def _forget(self, number: int) -> None:
        if self._pending.pop(number, None) is not None and not self._pending:
            self._listen(X.NoEventMask)

    def _listen(self, mask: int) -> None:
        self._root.change_attributes(event_mask=mask)
        self._display.flush()

    def _is_closed(self, target: Target) -> bool:
        """Whether the window closed, or its id now belongs to another program."""
        window = self._display.create_resource_object("window", target.window)
        try:
            return self._pids.named(window) != target.pid
        except XError:
            return True


def _ignore_error(*_what: Any) -> None:
    """Ignore the error: the window has closed, which _is_closed finds."""
