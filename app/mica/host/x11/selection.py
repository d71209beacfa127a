"""What another program has put on an X11 selection, read whole within one time budget.

All types are asked for at once, each into a window of its own, for some owners keep
their state by window. Long ones come in pieces (ICCCM 2.7.2, INCR). What was offered
and did not come in time, or is too long, is left out; what the owner refuses nobody can
paste, and is not. What has begun to come is let come to its end even so, unread: xclip
answers nobody in between, and dies where a window of ours is gone when it writes to it;
the user's content would go with it. Main thread only; knows no Qt. An owner in this
process cannot answer while its thread waits here.
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

from mica.host.ports import Piece, Snapshot

SILENT_S: Final = 1.0  # an owner that gives nothing for so long hangs
SNAPSHOT_S: Final = 2.0  # for all types together: the app stands still meanwhile
TYPE_BYTES: Final = 64 * 2**20  # longer ones are left out
ALL_BYTES: Final = 128 * 2**20  # and so is what comes after so much
SLICE: Final = 2**18  # bytes; python-xlib copies all it has at every read of a reply
_TARGETS: Final = "TARGETS"
_NUMBERS: Final = 32  # a property's format

#: Not content: what an owner does and when, and numbers of what dies with it (ICCCM
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
_MOZ_URL: Final = "text/x-moz-url"  # an address and its title; Qt makes it of _URIS
_COMPOUND: Final = "COMPOUND_TEXT"  # ISO 2022, which nobody here reads: bytes
#: The same text, the surest first; one that comes is enough, for Qt makes the others.
_TEXTS: Final[tuple[str, ...]] = (_UTF8, "text/plain", "STRING", "TEXT", _COMPOUND)


@dataclass
class _Asked:
    """One type, on its way into the property of a window.

    data         its bytes so far
    given        the numbers of the types, where those were asked for
    encoding     of a text, as its owner says: for TEXT it may choose (ICCCM 2.6.2)
    is_long      it comes in pieces
    is_dropped   nobody wants it any more
    is_over      nothing more comes
    """

    type: str
    window: Any
    data: bytearray = field(default_factory=bytearray)
    given: list[int] = field(default_factory=list)
    encoding: str = ""
    is_long: bool = False
    is_dropped: bool = False
    is_refused: bool = False
    is_over: bool = False


class SelectionReader:
    """Owns a connection to the display; somebody must call drain() when fileno() can be
    read, else what comes late stays where it is."""

    def __init__(self, selection: str) -> None:
        """selection   CLIPBOARD or PRIMARY"""
        self._display = Display()
        self._display.set_close_down_mode(X.RetainTemporary)  # see above: xclip
        self.fileno: Final = self._display.fileno
        self._selection = self._atom(selection)
        self._incr, self._into = self._atom("INCR"), self._atom("MICA_SELECTION")
        self._asked: dict[int, _Asked] = {}
        self._heard_s = self._end_s = 0.0
        self._room = 0  # bytes that may yet come

    def read(self) -> Snapshot:
        """Every type, text under Qt's name for it; see ports.Clipboard.snapshot."""
        if self.owner() is None:
            return Snapshot()
        self._end_s, self._room = time.monotonic() + SNAPSHOT_S, ALL_BYTES
        try:
            [offered] = self._fetch([_TARGETS])
            if not offered.is_over:
                return Snapshot(left_out=(_TARGETS,))
            names = self._names(offered.given)
            if not _NO_CONTENT.issuperset(names):
                return _snapshot(self._content(names))
            if self.owner() is None:
                return Snapshot()
            texts = self._content(_TEXTS)  # it does not say what it has
            says_nothing = not offered.is_refused  # but that it has nothing
            is_empty = says_nothing and all(text.is_refused for text in texts)
            return Snapshot() if is_empty else _snapshot(texts)
        finally:
            for asked in self._asked.values():
                self._drop(asked)

    def _content(self, names: Iterable[str]) -> list[_Asked]:
        """Each once; of the texts the first that its owner gives."""
        texts, others = _sorted(names)
        asked = self._fetch([*others, *texts[:1]])
        for type in texts[1:]:
            if not _is_useless(asked[-1]):
                break
            asked[-1:] = self._fetch([type])
        return asked

    def drain(self) -> None:
        """Take in what comes late."""
        while self._display.pending_events():
            self._hear(self._display.next_event())

    def owner(self) -> int | None:
        """The window that owns it; None where none does."""
        window = self._display.get_selection_owner(self._selection)
        return None if window == X.NONE else int(window.id)

    def _names(self, atoms: list[int]) -> list[str]:
        """Of those that are known: an owner may offer nonsense."""
        names = []
        for atom in atoms:
            with suppress(XError):
                names.append(str(self._display.get_atom_name(atom)))
        return names

    def _fetch(self, types: list[str]) -> list[_Asked]:
        """All of them, as far as they come."""
        asked = [self._ask(type) for type in types]
        self._display.flush()
        self._heard_s = time.monotonic()
        while not all(one.is_over or one.is_dropped for one in asked):
            if not self._wait():
                break
            self.drain()
        return asked

    def _ask(self, type: str) -> _Asked:
        window = self._display.screen().root.create_window(
            0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask
        )
        asked = self._asked[window.id] = _Asked(type, window)
        convert = window.convert_selection
        convert(self._selection, self._atom(type), self._into, X.CurrentTime)
        return asked

    def _wait(self) -> bool:
        """For the next event; False when time is up."""
        until_s = min(self._heard_s + SILENT_S, self._end_s)
        wait_s = until_s - time.monotonic()
        if wait_s <= 0 or self._display.pending_events():
            return wait_s > 0
        ready, _, _ = select.select([self._display.fileno()], [], [], wait_s)
        return bool(ready)

    def _hear(self, event: Any) -> None:
        if event.type == X.SelectionNotify:
            asked, is_first = self._asked.get(event.requestor.id), True
        elif event.type == X.PropertyNotify and event.state == X.PropertyNewValue:
            asked, is_first = self._asked.get(event.window.id), False
        else:
            return
        if asked is None or asked.is_long is is_first:
            return
        if not asked.is_dropped:
            self._heard_s = time.monotonic()
        if is_first and event.property == X.NONE:
            asked.is_refused = asked.is_over = True
        else:
            self._take(asked)
        if asked.is_over:
            del self._asked[asked.window.id]
            asked.window.destroy()
            self._display.flush()

    def _take(self, asked: _Asked) -> None:
        """What is in its property now; and ask for the next piece, if there is one."""
        is_first, offset, length = not asked.is_long, 0, 1
        while offset < length:
            count = 0 if asked.is_dropped else SLICE // 4
            place = offset // 4, count
            reply = asked.window.get_property(self._into, X.AnyPropertyType, *place)
            if reply is None:
                asked.is_refused = asked.is_over = True
                return
            if offset == 0:
                length = len(_bytes(reply)) + reply.bytes_after
                asked.is_long |= reply.property_type == self._incr
            self._keep(asked, reply)
            offset = length if asked.is_dropped else offset + SLICE
        asked.is_over = not asked.is_long or (not is_first and length == 0)
        asked.window.delete_property(self._into)
        self._display.flush()

    def _keep(self, asked: _Asked, reply: Any) -> None:
        """What came, unless it is too long or too late."""
        if asked.is_dropped:
            return
        to_come = int(reply.bytes_after)
        if reply.property_type == self._incr:
            to_come = int(reply.value[0]) if len(reply.value) else 0  # at least
        elif asked.type == _TARGETS:  # ATOM by ICCCM, TARGETS of some, as GTK knows
            if reply.format != _NUMBERS:
                return
            asked.given += [int(atom) for atom in reply.value]
        else:
            if asked.type in _TEXTS and not asked.encoding:
                [asked.encoding] = self._names([reply.property_type]) or [""]
            asked.data += _bytes(reply)
            self._room -= len(_bytes(reply))
        is_long = len(asked.data) + to_come > TYPE_BYTES or to_come > self._room
        is_late = to_come > 0 and time.monotonic() >= self._end_s
        if is_long or is_late:
            self._drop(asked)

    def _drop(self, asked: _Asked) -> None:
        asked.is_dropped, asked.data = True, bytearray()

    def _atom(self, name: str) -> int:
        return int(self._display.intern_atom(name))


def _sorted(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The texts to try, one after the other, and what else to ask for, each once."""
    found = [name for name in dict.fromkeys(names) if name not in _NO_CONTENT]
    texts = [name for name in _TEXTS if name in found]
    if not {_UTF8, "text/plain"} & set(texts) and texts[:1] != [_COMPOUND]:
        texts = [name for name in texts if name != _COMPOUND]  # may say more than they
    others = [name for name in found if name not in texts]
    if _URIS in others:
        others = [name for name in others if name != _MOZ_URL]
    return texts, others


def _is_useless(asked: _Asked) -> bool:
    """Refused, or TEXT that is something else."""
    is_other = asked.type == "TEXT" and asked.encoding == _COMPOUND
    return asked.is_refused or is_other


def _snapshot(asked: list[_Asked]) -> Snapshot:
    given = [one for one in asked if one.is_over and not one.is_dropped]
    pieces = [one for one in given if not one.is_refused]
    left_out = [one.type for one in asked if one not in given]
    if not pieces and not left_out:  # it offers and gives nothing: who knows why
        left_out = [one.type for one in asked]
    return Snapshot(tuple(map(_piece, pieces)), tuple(left_out))


def _piece(asked: _Asked) -> Piece:
    """Under the name by which Qt offers it again."""
    data = bytes(asked.data)
    if asked.type == _MOZ_URL:
        address = data.decode("utf-16-le", "replace").split("\n")[0]
        return Piece(0, _URIS, f"{address}\r\n".encode())
    if asked.type not in _TEXTS or _COMPOUND in (asked.type, asked.encoding):
        return Piece(0, _COMPOUND if asked.type in _TEXTS else asked.type, data)
    if asked.type in ("STRING", "TEXT") and asked.encoding != _UTF8:
        data = data.decode("latin-1").encode()
    return Piece(0, "text/plain", data)


def _bytes(reply: Any) -> bytes:
    """What the property holds; python-xlib gives numbers where it holds numbers."""
    value = reply.value
    return value if isinstance(value, bytes) else bytes(value.tobytes())
