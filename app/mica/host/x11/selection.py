"""Reads an X11 selection of another program completely, within one time budget.

All types are requested at once, each into its own window, since some owners keep their
state by window. Long ones come in pieces (ICCCM 2.7.2, INCR). What was offered but did
not come in time, or is too long, is left out; a type that the owner refuses cannot be
pasted by anybody, so it does not count as left out. A transfer that has begun is still
allowed to finish, unread: xclip serves nobody else meanwhile, and it dies, with the
user's content, if our window is gone when it writes to it. Main thread only; does not
use Qt. An owner in this process cannot answer while its thread waits here.
"""

import select
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import XError  # type: ignore[import-untyped]

from mica.host.values import Piece, Snapshot

OWNER_TIMEOUT_S: Final = 1.0  # an owner silent for this long is hung
SNAPSHOT_S: Final = 2.0  # for all types together, since the app is blocked meanwhile
TYPE_BYTES: Final = 64 * 2**20  # longer ones are left out
ALL_BYTES: Final = 128 * 2**20  # and so is what exceeds this total
SLICE: Final = 2**18  # bytes; python-xlib copies all it has at every read of a reply
_TARGETS: Final = "TARGETS"
_NUMBERS: Final = 32  # a property's format

#: Not content: actions of the owner, its times, and server ids that die with it (ICCCM
#: 2.6.2 and 2.6.3, freedesktop's clipboard manager specification).
_NO_CONTENT: Final = {
    _TARGETS,
    "MULTIPLE",
    "TIMESTAMP",
    "SAVE_TARGETS",
    "DELETE",
    "INSERT_PROPERTY",
    "INSERT_SELECTION",
    "PIXMAP",
    "BITMAP",
    "DRAWABLE",
    "WINDOW",
    "COLORMAP",
}
_UTF8: Final = "UTF8_STRING"
_URIS: Final = "text/uri-list"
_MOZ_URL: Final = "text/x-moz-url"  # an address and its title; Qt derives it from _URIS
_COMPOUND: Final = "COMPOUND_TEXT"  # ISO 2022, which is not decoded here: bytes
#: Types of the same text, most reliable first; one suffices, as Qt makes the others.
_TEXTS: Final[tuple[str, ...]] = (_UTF8, "text/plain", "STRING", "TEXT", _COMPOUND)


@dataclass
class _Conversion:
    """The conversion of a selection to one type, into the property of a window.

    data         its bytes so far
    targets      the atoms of the types, for a conversion to TARGETS
    encoding     of a text, as the owner reports it: for TEXT it may choose (ICCCM
                 2.6.2)
    is_long      it is transferred in pieces
    is_dropped   no longer wanted
    is_complete      nothing more comes
    """

    type: str
    window: Any
    data: bytearray = field(default_factory=bytearray)
    targets: list[int] = field(default_factory=list)
    encoding: str = ""
    is_long: bool = False
    is_dropped: bool = False
    is_refused: bool = False
    is_complete: bool = False


class SelectionReader:
    """Reads CLIPBOARD or PRIMARY; owns a connection to the display.

    Call drain() when fileno() is readable, or late data stays in the server.
    """

    def __init__(self, selection: str) -> None:
        """selection   CLIPBOARD or PRIMARY"""
        self._display = Display()
        self._display.set_close_down_mode(X.RetainTemporary)  # for xclip: see above
        self.fileno: Final = self._display.fileno
        self._selection = self._atom(selection)
        self._incr, self._property = self._atom("INCR"), self._atom("MICA_SELECTION")
        self._conversions: dict[int, _Conversion] = {}
        self._last_event_s = self._end_s = 0.0
        self._bytes_left = 0  # of the budget

    def read(self) -> Snapshot:
        """All types, text under Qt's name for it; see ports.Clipboard.snapshot."""
        if self.owner() is None:
            return Snapshot()
        self._end_s, self._bytes_left = time.monotonic() + SNAPSHOT_S, ALL_BYTES
        try:
            [offered] = self._fetch([_TARGETS])
            if not offered.is_complete:
                return Snapshot(left_out=(_TARGETS,))
            names = self._atom_names(offered.targets)
            if not _NO_CONTENT.issuperset(names):
                return _snapshot(self._content(names))
            if self.owner() is None:
                return Snapshot()
            texts = self._content(_TEXTS)  # the owner does not list its types
            lists_nothing = not offered.is_refused  # listing none means it has nothing
            is_empty = lists_nothing and all(text.is_refused for text in texts)
            return Snapshot() if is_empty else _snapshot(texts)
        finally:
            for conversion in self._conversions.values():
                self._drop(conversion)

    def _content(self, names: Iterable[str]) -> list[_Conversion]:
        """Convert each type once; of the text types, the first that the owner gives."""
        texts, others = _texts_and_others(names)
        conversions = self._fetch([*others, *texts[:1]])
        for type in texts[1:]:
            if not _is_useless(conversions[-1]):
                break
            conversions[-1:] = self._fetch([type])
        return conversions

    def drain(self) -> None:
        """Process late events."""
        while self._display.pending_events():
            self._handle_event(self._display.next_event())

    def owner(self) -> int | None:
        """The window that owns the selection; None if none does."""
        window = self._display.get_selection_owner(self._selection)
        return None if window == X.NONE else int(window.id)

    def _atom_names(self, atoms: list[int]) -> list[str]:
        """Names of the atoms that exist; an owner may offer invalid ones."""
        names = []
        for atom in atoms:
            with suppress(XError):
                names.append(str(self._display.get_atom_name(atom)))
        return names

    def _fetch(self, types: list[str]) -> list[_Conversion]:
        """Convert all types at once, as far as they arrive in time."""
        conversions = [self._convert(type) for type in types]
        self._display.flush()
        self._last_event_s = time.monotonic()
        while not all(one.is_complete or one.is_dropped for one in conversions):
            if not self._wait():
                break
            self.drain()
        return conversions

    def _convert(self, type: str) -> _Conversion:
        window = self._display.screen().root.create_window(
            0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask
        )
        conversion = self._conversions[window.id] = _Conversion(type, window)
        convert = window.convert_selection
        convert(self._selection, self._atom(type), self._property, X.CurrentTime)
        return conversion

    def _wait(self) -> bool:
        """Wait for the next event; False when time is up."""
        until_s = min(self._last_event_s + OWNER_TIMEOUT_S, self._end_s)
        wait_s = until_s - time.monotonic()
        if wait_s <= 0 or self._display.pending_events():
            return wait_s > 0
        ready, _, _ = select.select([self._display.fileno()], [], [], wait_s)
        return bool(ready)

    def _handle_event(self, event: Any) -> None:
        if event.type == X.SelectionNotify:
            conversion, is_first = self._conversions.get(event.requestor.id), True
        elif event.type == X.PropertyNotify and event.state == X.PropertyNewValue:
            conversion, is_first = self._conversions.get(event.window.id), False
        else:
            return
        if conversion is None or conversion.is_long is is_first:
            return
        if not conversion.is_dropped:
            self._last_event_s = time.monotonic()
        if is_first and event.property == X.NONE:
            conversion.is_refused = conversion.is_complete = True
        else:
            self._read_property(conversion)
        if conversion.is_complete:
            del self._conversions[conversion.window.id]
            conversion.window.destroy()
            self._display.flush()

    def _read_property(self, conversion: _Conversion) -> None:
        """Read the property, and ask for the next part of an incremental transfer."""
        is_first, offset, length = not conversion.is_long, 0, 1
        while offset < length:
            count = 0 if conversion.is_dropped else SLICE // 4
            place = offset // 4, count
            reply = conversion.window.get_property(
                self._property, X.AnyPropertyType, *place
            )
            if reply is None:
                conversion.is_refused = conversion.is_complete = True
                return
            if offset == 0:
                length = len(_bytes(reply)) + reply.bytes_after
                conversion.is_long |= reply.property_type == self._incr
            self._append(conversion, reply)
            offset = length if conversion.is_dropped else offset + SLICE
        conversion.is_complete = not conversion.is_long or (
            not is_first and length == 0
        )
        conversion.window.delete_property(self._property)
        self._display.flush()

    def _append(self, conversion: _Conversion, reply: Any) -> None:
        """Add the received data, unless it is too long or too late."""
        if conversion.is_dropped:
            return
        to_come = int(reply.bytes_after)
        if reply.property_type == self._incr:
            to_come = int(reply.value[0]) if len(reply.value) else 0  # a lower bound
        elif conversion.type == _TARGETS:
            # by ICCCM the property's type is ATOM; with some owners it is TARGETS, as
            # GTK knows
            if reply.format != _NUMBERS:
                return
            conversion.targets += [int(atom) for atom in reply.value]
        else:
            if conversion.type in _TEXTS and not conversion.encoding:
                [conversion.encoding] = self._atom_names([reply.property_type]) or [""]
            conversion.data += _bytes(reply)
            self._bytes_left -= len(_bytes(reply))
        is_long = (
            len(conversion.data) + to_come > TYPE_BYTES or to_come > self._bytes_left
        )
        is_late = to_come > 0 and time.monotonic() >= self._end_s
        if is_long or is_late:
            self._drop(conversion)

    def _drop(self, conversion: _Conversion) -> None:
        conversion.is_dropped, conversion.data = True, bytearray()

    def _atom(self, name: str) -> int:
        return int(self._display.intern_atom(name))


def _texts_and_others(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The text types to try in turn, and the other types to request, each once."""
    found = [name for name in dict.fromkeys(names) if name not in _NO_CONTENT]
    texts = [name for name in _TEXTS if name in found]
    if not {_UTF8, "text/plain"} & set(texts) and texts[:1] != [_COMPOUND]:
        texts = [name for name in texts if name != _COMPOUND]  # may hold more than they
    others = [name for name in found if name not in texts]
    if _URIS in others:
        others = [name for name in others if name != _MOZ_URL]
    return texts, others


def _is_useless(conversion: _Conversion) -> bool:
    """Whether it was refused, or is TEXT in an encoding that is not decoded."""
    is_other = conversion.type == "TEXT" and conversion.encoding == _COMPOUND
    return conversion.is_refused or is_other


def _snapshot(conversions: list[_Conversion]) -> Snapshot:
    complete = [one for one in conversions if one.is_complete and not one.is_dropped]
    pieces = [one for one in complete if not one.is_refused]
    left_out = [one.type for one in conversions if one not in complete]
    if not pieces and not left_out:  # all refused, for an unknown reason
        left_out = [one.type for one in conversions]
    return Snapshot(tuple(map(_piece, pieces)), tuple(left_out))


def _piece(conversion: _Conversion) -> Piece:
    """One piece, under the type name by which Qt offers it again."""
    data = bytes(conversion.data)
    if conversion.type == _MOZ_URL:
        address = data.decode("utf-16-le", "replace").split("\n")[0]
        return Piece(0, _URIS, f"{address}\r\n".encode())
    if conversion.type not in _TEXTS or _COMPOUND in (
        conversion.type,
        conversion.encoding,
    ):
        return Piece(
            0, _COMPOUND if conversion.type in _TEXTS else conversion.type, data
        )
    if conversion.type in ("STRING", "TEXT") and conversion.encoding != _UTF8:
        data = data.decode("latin-1").encode()
    return Piece(0, "text/plain", data)


def _bytes(reply: Any) -> bytes:
    """The property's content; python-xlib gives numbers if its format is numeric."""
    value = reply.value
    return value if isinstance(value, bytes) else bytes(value.tobytes())
