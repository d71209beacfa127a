"""What stands around the caret by AT-SPI, the accessibility bus of Linux desktops.

Only programs that are there already are asked: GTK's always are, Qt's and the browsers
where the desktop's assistive technologies are on. Nothing is switched on for it. Names
and numbers are at-spi2-core's (xml/*.xml, atspi/atspi-constants.h).
"""

import os
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from mica.host.ports import SOMETHING, Surrounding, Target

LIMIT_S: Final = 1.0  # of all questions about one place; the user speaks meanwhile
BEFORE, AFTER = 100, 20  # characters
_A11Y: Final = "org.a11y.atspi."
_ACTIVE, _FOCUSED, _SHOWING, _MANAGES_DESCENDANTS = 1, 12, 25, 31  # AtspiStateType
_PASSWORD: Final = 40  # AtspiRole
_MOST_CHILDREN: Final = (
    500  # a table has a child for each cell, and makes it when asked
)
_WEB: Final = {"tag", "html-tag"}  # attributes that only elements of pages have


class _Accessible(NamedTuple):
    """An object of a program: the program's name on the bus, and the object's path."""

    program: str
    path: str


_DESKTOP: Final = _Accessible(
    f"{_A11Y}Registry", f"/{_A11Y}accessible/root".replace(".", "/")
)


class AtSpi:
    """One thread at a time. A connection is kept, and the field that was found last."""

    def __init__(self) -> None:
        self._bus: DBusConnection | None = None
        self._until_s = 0.0
        self._last: tuple[Target, _Accessible] | None = None

    def read(self, target: Target) -> Surrounding | None:
        """Around the caret of the target's focused field; None where nobody says."""
        self._until_s = time.monotonic() + LIMIT_S
        try:
            field = self._field(target)
            return self._around(field) if field is not None else None
        except TimeoutError:  # the program hangs, or there are too many objects in it
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
        """The target's, by its process."""
        for program in self._children(_DESKTOP):
            daemon = _Accessible("org.freedesktop.DBus", "/org/freedesktop/DBus")
            call = daemon, daemon.program, "GetConnectionUnixProcessID", "s"
            if self._call(*call, program.program) == (target.pid,):
                yield program

    def _focused(self, program: _Accessible) -> Iterator[_Accessible]:
        """What has the focus in it and holds text; looked for in the active window."""
        windows = [(each, self._states(each)) for each in self._children(program)]
        active = [each for each, states in windows if _ACTIVE in states]
        waiting = active or [each for each, _ in windows]
        while waiting:
            each = waiting.pop()
            states = self._states(each)
            if _FOCUSED in states and self._has_text(each):
                yield each
            if _SHOWING in states and _MANAGES_DESCENDANTS not in states:
                waiting += reversed(self._children(each))

    def _around(self, field: _Accessible) -> Surrounding | None:
        if self._call(field, f"{_A11Y}Accessible", "GetRole") == (_PASSWORD,):
            return Surrounding("")
        caret = self._number(field, f"{_A11Y}Text", "CaretOffset")
        count = self._number(field, f"{_A11Y}Text", "CharacterCount")
        first, last = self._selection(field) or (caret, caret)
        is_web = self._is_web(field)
        if not 0 <= first <= last <= count or (not last and is_web):
            return None
        before = self._text(field, max(0, first - BEFORE), first)
        after = self._text(field, last, min(count, last + AFTER))
        if before is None or after is None or before.endswith(SOMETHING):
            return None  # the text is in another object that stands there
        # a browser tells of a page by what it remembers
        return Surrounding(before, after, is_of_now=not is_web)

    def _selection(self, field: _Accessible) -> tuple[int, int] | None:
        """Where it begins and ends."""
        if self._call(field, f"{_A11Y}Text", "GetNSelections") in (None, (0,)):
            return None
        said = self._call(field, f"{_A11Y}Text", "GetSelection", "i", 0)
        return (min(said), max(said)) if said is not None else None

    def _text(self, field: _Accessible, first: int, last: int) -> str | None:
        if first == last:
            return ""
        said = self._call(field, f"{_A11Y}Text", "GetText", "ii", first, last)
        return said[0] if said is not None else None

    def _is_web(self, field: _Accessible) -> bool:
        """Where a caret at the start says little: editors hide fields behind theirs."""
        said = self._call(field, f"{_A11Y}Accessible", "GetAttributes")
        return said is not None and not _WEB.isdisjoint(said[0])

    def _has_text(self, each: _Accessible) -> bool:
        said = self._call(each, f"{_A11Y}Accessible", "GetInterfaces")
        return said is not None and f"{_A11Y}Text" in said[0]

    def _states(self, each: _Accessible) -> set[int]:
        said = self._call(each, f"{_A11Y}Accessible", "GetState")
        low, high = said[0] if said is not None else (0, 0)
        return {bit for bit in range(64) if (low | high << 32) >> bit & 1}

    def _children(self, each: _Accessible) -> list[_Accessible]:
        count = self._number(each, f"{_A11Y}Accessible", "ChildCount")
        if not 0 < count <= _MOST_CHILDREN:
            return []
        said = self._call(each, f"{_A11Y}Accessible", "GetChildren")
        return [_Accessible(*child) for child in said[0]] if said is not None else []

    def _number(self, each: _Accessible, interface: str, name: str) -> int:
        """A property; -1 where there is none."""
        properties = "org.freedesktop.DBus.Properties"
        said = self._call(each, properties, "Get", "ss", interface, name)
        return int(said[0][1]) if said is not None else -1

    def _call(
        self,
        each: _Accessible,
        interface: str,
        method: str,
        signature: str | None = None,
        *values: object,
    ) -> tuple[Any, ...] | None:
        """What it returns; None where it refuses. Raises TimeoutError at the limit."""
        if self._bus is None:
            self._bus = _connected()
        address = DBusAddress(each.path, each.program, interface)
        call = new_method_call(address, method, signature, values)
        left_s = max(0.0, self._until_s - time.monotonic())
        reply = self._bus.send_and_get_reply(call, timeout=left_s)
        is_error = reply.header.message_type is MessageType.error
        return None if is_error else tuple(reply.body)


def _connected() -> DBusConnection:
    """To the accessibility bus, which the session's tells of. Raises OSError."""
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
