"""The text around the caret, from AT-SPI, the accessibility bus of Linux desktops.

Only programs already on the bus are asked: GTK's always are, Qt's and browsers if the
desktop's assistive technologies are on. Nothing is turned on for this. Names and
numbers are at-spi2-core's (xml/*.xml, atspi/atspi-constants.h).
"""

import os
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from mica.host.values import OBJECT_REPLACEMENT, SurroundingText, Target

LIMIT_S: Final = 1.0  # for all calls about one field, while the user speaks
BEFORE, AFTER = 100, 20  # characters
_A11Y: Final = "org.a11y.atspi."
_ACTIVE, _FOCUSED, _SHOWING, _MANAGES_DESCENDANTS = 1, 12, 25, 31  # AtspiStateType
_PASSWORD: Final = 40  # AtspiRole
_MOST_CHILDREN: Final = 500  # a table has a child for each cell, created on request
_WEB: Final = {"tag", "html-tag"}  # attributes that only elements of web pages have


class _Accessible(NamedTuple):
    """An object of a program: the program's name on the bus, and the object's path."""

    program: str
    path: str


_DESKTOP: Final = _Accessible(
    f"{_A11Y}Registry", f"/{_A11Y}accessible/root".replace(".", "/")
)


class AtSpi:
    """Reads the focused field of a program; caches its connection and the last field.

    One thread at a time.
    """

    def __init__(self) -> None:
        self._bus: DBusConnection | None = None
        self._until_s = 0.0
        self._last: tuple[Target, _Accessible] | None = None

    def read(self, target: Target) -> SurroundingText | None:
        """The text around the caret of the target's focused field; None if unknown."""
        self._until_s = time.monotonic() + LIMIT_S
        try:
            field = self._field(target)
            return self._surrounding(field) if field is not None else None
        except TimeoutError:  # the program hangs, or has too many objects
            return None
        except OSError:  # the bus is gone
            self.close()
            return None

    def close(self) -> None:
        if self._bus is not None:
            self._bus.close()
            self._bus = None

    def _field(self, target: Target) -> _Accessible | None:
        if self._last is not None:
            place, field = self._last
            if place.same_place(target) and _FOCUSED in self._states(field):
                return field
        self._last = None
        for program in self._programs(target):
            for field in self._focused(program):
                self._last = target, field
                return field
        return None

    def _programs(self, target: Target) -> Iterator[_Accessible]:
        """The target's programs on the bus, by process id."""
        for program in self._children(_DESKTOP):
            daemon = _Accessible("org.freedesktop.DBus", "/org/freedesktop/DBus")
            call = daemon, daemon.program, "GetConnectionUnixProcessID", "s"
            if self._call(*call, program.program) == (target.pid,):
                yield program

    def _focused(self, program: _Accessible) -> Iterator[_Accessible]:
        """The objects with focus and text, found in the active window."""
        windows = [
            (accessible, self._states(accessible))
            for accessible in self._children(program)
        ]
        active = [accessible for accessible, states in windows if _ACTIVE in states]
        waiting = active or [accessible for accessible, _ in windows]
        while waiting:
            accessible = waiting.pop()
            states = self._states(accessible)
            if _FOCUSED in states and self._has_text(accessible):
                yield accessible
            if _SHOWING in states and _MANAGES_DESCENDANTS not in states:
                waiting += reversed(self._children(accessible))

    def _surrounding(self, field: _Accessible) -> SurroundingText | None:
        if self._call(field, f"{_A11Y}Accessible", "GetRole") == (_PASSWORD,):
            return SurroundingText("")
        caret = self._number(field, f"{_A11Y}Text", "CaretOffset")
        count = self._number(field, f"{_A11Y}Text", "CharacterCount")
        first, last = self._selection(field) or (caret, caret)
        is_web = self._is_web(field)
        if not 0 <= first <= last <= count or (not last and is_web):
            return None
        before = self._text(field, max(0, first - BEFORE), first)
        after = self._text(field, last, min(count, last + AFTER))
        if before is None or after is None or before.endswith(OBJECT_REPLACEMENT):
            return None  # the text is in an embedded object
        # a browser answers for a page from its cache
        return SurroundingText(before, after, is_current=not is_web)

    def _selection(self, field: _Accessible) -> tuple[int, int] | None:
        """Start and end of the selection; None without one."""
        if self._call(field, f"{_A11Y}Text", "GetNSelections") in (None, (0,)):
            return None
        reply = self._call(field, f"{_A11Y}Text", "GetSelection", "i", 0)
        return (min(reply), max(reply)) if reply is not None else None

    def _text(self, field: _Accessible, first: int, last: int) -> str | None:
        if first == last:
            return ""
        reply = self._call(field, f"{_A11Y}Text", "GetText", "ii", first, last)
        return reply[0] if reply is not None else None

    def _is_web(self, field: _Accessible) -> bool:
        """Whether the field is in a web page. There a caret at 0 tells little, because
        editors hide fields behind their own."""
        reply = self._call(field, f"{_A11Y}Accessible", "GetAttributes")
        return reply is not None and not _WEB.isdisjoint(reply[0])

    def _has_text(self, accessible: _Accessible) -> bool:
        reply = self._call(accessible, f"{_A11Y}Accessible", "GetInterfaces")
        return reply is not None and f"{_A11Y}Text" in reply[0]

    def _states(self, accessible: _Accessible) -> set[int]:
        reply = self._call(accessible, f"{_A11Y}Accessible", "GetState")
        low, high = reply[0] if reply is not None else (0, 0)
        return {bit for bit in range(64) if (low | high << 32) >> bit & 1}

    def _children(self, accessible: _Accessible) -> list[_Accessible]:
        count = self._number(accessible, f"{_A11Y}Accessible", "ChildCount")
        if not 0 < count <= _MOST_CHILDREN:
            return []
        reply = self._call(accessible, f"{_A11Y}Accessible", "GetChildren")
        return [_Accessible(*child) for child in reply[0]] if reply is not None else []

    def _number(self, accessible: _Accessible, interface: str, name: str) -> int:
        """A numeric property; -1 if there is none."""
        properties = "org.freedesktop.DBus.Properties"
        reply = self._call(accessible, properties, "Get", "ss", interface, name)
        return int(reply[0][1]) if reply is not None else -1

    def _call(
        self,
        accessible: _Accessible,
        interface: str,
        method: str,
        signature: str | None = None,
        *values: object,
    ) -> tuple[Any, ...] | None:
        """The reply of a D-Bus call; None on error. Raises TimeoutError, OSError."""
        if self._bus is None:
            self._bus = _connect()
        address = DBusAddress(accessible.path, accessible.program, interface)
        call = new_method_call(address, method, signature, values)
        remaining_s = max(0.0, self._until_s - time.monotonic())
        reply = self._bus.send_and_get_reply(call, timeout=remaining_s)
        is_error = reply.header.message_type is MessageType.error
        return None if is_error else tuple(reply.body)


def _connect() -> DBusConnection:
    """Connect to the accessibility bus that the session bus names. Raises OSError."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if not address:
        raise ConnectionError("there is no session bus")
    bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
    with open_dbus_connection(address) as session:
        call = new_method_call(bus, "GetAddress")
        reply = session.send_and_get_reply(call, timeout=LIMIT_S)
    if reply.header.message_type is MessageType.error:
        raise ConnectionError("there is no accessibility bus")
    return open_dbus_connection(reply.body[0])
