"""Who reads a selection of ours: the process behind the window that X says asks.

Qt does not tell. A clipboard manager that reads must not pass for the target, or the
clipboard would be put back before the target has read it.

An X11 selection through Qt: CLIPBOARD, or PRIMARY, from which xterm pastes.

Text is offered lazily: Qt asks for it when another program reads it, and that is the
receipt; X says whose. Main thread only, with Qt's event loop running. On X11 what we
put back lives as long as we do, unless a clipboard manager keeps it.
"""

import ctypes
import os
from collections import deque
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractNativeEventFilter,
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QMimeData,
)
from PySide6.QtGui import QClipboard, QGuiApplication, QImage
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import XError  # type: ignore[import-untyped]
from Xlib.ext import res  # type: ignore[import-untyped]

from mica.host.ports import PUBLISHED, OnHeld, Piece, Snapshot, Target
from mica.host.x11.selection import SelectionReader

_REQUEST: Final = 30  # SelectionRequest
_SENT: Final = 0x80  # set in events that a client sent


class _SelectionRequest(ctypes.Structure):
    """xcb_selection_request_event_t, as far as it is read."""

    _fields_ = [
        ("kind", ctypes.c_uint8),
        ("pad", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("time", ctypes.c_uint32),
        ("owner", ctypes.c_uint32),
        ("requestor", ctypes.c_uint32),
    ]


class SelectionReaders(QAbstractNativeEventFilter):
    """Main thread only; sees Qt's events from watch() to leave()."""

    def __init__(self) -> None:
        super().__init__()
        self._display = Display()
        self._knows = bool(self._display.has_extension(res.extname))
        self._asking = 0

    def watch(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self)

    def leave(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)

    def nativeEventFilter(
        self, kind: "QByteArray | bytes | bytearray | memoryview[int]", message: int
    ) -> Any:
        if kind == b"xcb_generic_event_t":
            event = _SelectionRequest.from_address(int(message))
            asks = event.kind & ~_SENT == _REQUEST
            self._asking = event.requestor if asks else 0
        return False, 0

    def process(self, window: int | None = None) -> int | None:
        """The process id behind a window, as the X server knows it; without one, of
        who is being answered now. None where it does not know."""
        asked = self._asking if window is None else window
        if not asked and window is None:
            return os.getpid()  # no event asked: a window of ours pastes
        if not self._knows or not asked:
            return None
        spec = {"client": asked, "mask": res.LocalClientPIDMask}
        try:
            found = self._display.res_query_client_ids([spec]).ids
        except XError:
            return None
        return int(found[0].value[0]) if found and found[0].value else None


TEXT_TYPES: Final = ["text/plain", "text/plain;charset=utf-8"]
SECRET_TYPE: Final = "x-kde-passwordManagerHint"  # clipboard managers skip "secret"
QT_IMAGE: Final = "application/x-qt-image"


class Offer(QMimeData):
    """Our text, given when it is asked for; knows the processes that have read it, None
    for one that is not known."""

    def __init__(self, text: str, readers: SelectionReaders | None = None) -> None:
        super().__init__()
        self._text, self._readers = text, readers
        self.read_by: list[int | None] = []
        self.pids: dict[int, int | None] = {}  # of windows: theirs are known no more

    def formats(self) -> list[str]:
        return [*TEXT_TYPES, SECRET_TYPE]

    def hasFormat(self, type: str) -> bool:
        return type in self.formats()

    def retrieveData(self, type: str, _wanted: Any) -> Any:
        if type == SECRET_TYPE:
            return QByteArray(b"secret")
        if type not in TEXT_TYPES:
            return None
        self.read_by.append(self._readers.process() if self._readers else None)
        return self._text


class X11Clipboard:
    """One selection; see ports.Clipboard. Main thread only."""

    def __init__(
        self,
        mode: QClipboard.Mode = QClipboard.Mode.Clipboard,
        readers: SelectionReaders | None = None,
        foreign: SelectionReader | None = None,
    ) -> None:
        """readers   without them nobody knows who reads
        foreign   reads what other programs own; without it Qt does
        """
        self._mode, self._readers, self._foreign = mode, readers, foreign
        self._board = QGuiApplication.clipboard()
        self._board.changed.connect(self._on_changed)
        self._changes = 0
        self._setting = False
        self._offer: Offer | None = None
        self._tell: OnHeld = lambda held: None
        self.published: deque[str] = deque(maxlen=PUBLISHED)

    def tell_held(self, call: OnHeld) -> None:
        """See ports.Host."""
        self._tell = call

    def snapshot(self) -> Snapshot:
        """Of our own windows by Qt; it would ask others for one type after the other,
        five seconds each where they hang."""
        if self._foreign is None or self._owned():
            return _own(self._board.mimeData(self._mode))
        return self._foreign.read()

    def publish(self, text: str) -> None:
        self.published.append(text)
        offer = Offer(text, self._readers)
        self._tell(Snapshot())
        self._set(offer)
        self._offer = offer
        if self._readers is not None:
            self._readers.watch()

    def copy(self, text: str) -> None:
        plain = QMimeData()
        plain.setText(text)
        self._tell(Snapshot())
        self._set(plain)

    def restore(self, snapshot: Snapshot) -> None:
        self._tell(snapshot)  # before it is there: Mica may be killed in between
        if not snapshot.pieces:
            self._set(None)
            return
        back = QMimeData()
        for piece in snapshot.pieces:
            if piece.type == QT_IMAGE:
                back.setImageData(QImage.fromData(piece.data))
            else:
                back.setData(piece.type, QByteArray(piece.data))
        self._set(back)

    def change_count(self) -> int:
        return self._changes

    def read_count(self) -> int:
        return len(self._offer.read_by) if self._offer else 0

    def foreign_reads(self, target: Target) -> int | None:
        if self._readers is None:
            return None
        if self._offer is None:
            return 0
        pids, window = self._offer.pids, target.window
        if window not in pids:
            pids[window] = self._readers.process(window)
        own, read_by = pids[window], self._offer.read_by
        if own is None and read_by:
            return None
        return sum(process != own for process in read_by)

    def is_of(self, target: Target) -> bool | None:
        owner = self._foreign.owner() if self._foreign is not None else None
        if owner is None or self._readers is None:
            return None
        pid, targets = (
            self._readers.process(owner),
            self._readers.process(target.window),
        )
        return None if None in (pid, targets) else pid == targets

    def _set(self, data: QMimeData | None) -> None:
        if self._offer is not None and self._readers is not None:
            self._readers.leave()
        self._offer = None
        self._setting = True
        try:
            if data is None:
                self._board.clear(self._mode)
            else:
                self._board.setMimeData(data, self._mode)
        finally:
            self._setting = False
        self._changes += 1

    def _on_changed(self, mode: QClipboard.Mode) -> None:
        """Qt: someone set a selection. Ours says so during _set, and once more
        when the X server confirms it; then we still own it."""
        if mode == self._mode and not self._setting and not self._still_ours():
            self._changes += 1
            self._tell(Snapshot())

    def _still_ours(self) -> bool:
        held = self._board.mimeData(self._mode) if self._owned() else None
        return held is not None and (self._offer is None or held is self._offer)

    def _owned(self) -> bool:
        """By a window of this process."""
        primary = self._mode == QClipboard.Mode.Selection
        return self._board.ownsSelection() if primary else self._board.ownsClipboard()


def _own(source: QMimeData | None) -> Snapshot:
    """What our own process offers."""
    if source is None:
        return Snapshot()
    given = {type: _read(source, type) for type in source.formats()}
    pieces = [Piece(0, type, data) for type, data in given.items() if data is not None]
    left_out = [type for type, data in given.items() if data is None]
    return Snapshot(tuple(pieces), tuple(left_out))


def _read(source: QMimeData, type: str) -> bytes | None:
    """The bytes of a type, None where Qt cannot write the image."""
    if type != QT_IMAGE:
        return bytes(source.data(type).data())
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    saved = QImage(source.imageData()).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data()) if saved else None
