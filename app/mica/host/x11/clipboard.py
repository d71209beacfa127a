"""CLIPBOARD and PRIMARY on X11 through Qt, including which program reads them.

Text is offered lazily: Qt asks for it when another program converts the selection, and
that is the receipt. Qt does not say who asked, so SelectionRequestors reads the
requestor from the X event and its process from the X-Resource extension: a read by a
clipboard manager must not count as the target's, or the clipboard would be restored
before the target has pasted. Our content of a selection is lost with this process,
unless a clipboard manager saves it. Main thread only, with Qt's event loop running.
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

from mica.host.ports import OnHeldContent
from mica.host.values import PUBLISHED_TEXTS, Piece, Snapshot, Target
from mica.host.x11.selection import SelectionReader
from mica.host.x11.window_pid import WindowPids

_REQUEST: Final = 30  # SelectionRequest
_SENT: Final = 0x80  # set in events sent by a client
TEXT_TYPES: Final = ["text/plain", "text/plain;charset=utf-8"]
SECRET_TYPE: Final = "x-kde-passwordManagerHint"  # clipboard managers skip "secret"
QT_IMAGE: Final = "application/x-qt-image"


class _SelectionRequest(ctypes.Structure):
    """xcb_selection_request_event_t, up to the last field needed."""

    _fields_ = [
        ("kind", ctypes.c_uint8),
        ("pad", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("time", ctypes.c_uint32),
        ("owner", ctypes.c_uint32),
        ("requestor", ctypes.c_uint32),
    ]


class SelectionRequestors(QAbstractNativeEventFilter):
    """Identifies the process that requests our selection; an event filter.

    Main thread only.
    """

    def __init__(self) -> None:
        super().__init__()
        self._display = Display()
        self._pids = WindowPids(self._display)
        self._requestor = 0

    def install(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self)

    def remove(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)

    def nativeEventFilter(
        self, kind: "QByteArray | bytes | bytearray | memoryview[int]", message: int
    ) -> Any:
        if kind == b"xcb_generic_event_t":
            event = _SelectionRequest.from_address(int(message))
            is_request = event.kind & ~_SENT == _REQUEST
            self._requestor = event.requestor if is_request else 0
        return False, 0

    def pid_of(self, window: int | None = None) -> int | None:
        """Process id of a window's client, as the X server knows it, or None.

        Without a window, that of the request being answered now.
        """
        requestor = self._requestor if window is None else window
        if not requestor and window is None:
            return os.getpid()  # no event: a window of ours pastes
        return self._pids.of_client(requestor) if requestor else None


class TextOffer(QMimeData):
    """Our text, rendered on demand, and the processes that have read it.

    read_by   one process id per read; None: not known
    """

    def __init__(
        self, text: str, requestors: SelectionRequestors | None = None
    ) -> None:
        super().__init__()
        self._text, self._requestors = text, requestors
        self.read_by: list[int | None] = []
        self.pids: dict[int, int | None] = {}  # cache by window

    def formats(self) -> list[str]:
        return [*TEXT_TYPES, SECRET_TYPE]

    def hasFormat(self, type: str) -> bool:
        return type in self.formats()

    def retrieveData(self, type: str, _wanted: Any) -> Any:
        if type == SECRET_TYPE:
            return QByteArray(b"secret")
        if type not in TEXT_TYPES:
            return None
        self.read_by.append(self._requestors.pid_of() if self._requestors else None)
        return self._text


class X11Clipboard:
    """One selection; see ports.Clipboard. Main thread only."""

    def __init__(
        self,
        mode: QClipboard.Mode = QClipboard.Mode.Clipboard,
        requestors: SelectionRequestors | None = None,
        reader: SelectionReader | None = None,
    ) -> None:
        """requestors   identifies readers; without it they are unknown
        reader       reads what other programs own; without it Qt does
        """
        self._mode = mode
        self._requestors, self._reader = requestors, reader
        self._clipboard = QGuiApplication.clipboard()
        self._clipboard.changed.connect(self._on_changed)
        self._changes = 0
        self._setting = False
        self._offer: TextOffer | None = None
        self._on_held_content: OnHeldContent = lambda held: None
        self.published: deque[str] = deque(maxlen=PUBLISHED_TEXTS)

    def watch_held_content(self, call: OnHeldContent) -> None:
        """See ports.Host."""
        self._on_held_content = call

    def snapshot(self) -> Snapshot:
        """See ports.Clipboard. Only our own content is read through Qt.

        Qt asks other programs for one type after another and waits five seconds for
        each if they hang.
        """
        if self._reader is None or self._is_owner():
            return _own_snapshot(self._clipboard.mimeData(self._mode))
        return self._reader.read()

    def publish(self, text: str) -> None:
        self.published.append(text)
        offer = TextOffer(text, self._requestors)
        self._on_held_content(Snapshot())
        self._set(offer)
        self._offer = offer
        if self._requestors is not None:
            self._requestors.install()

    def copy(self, text: str) -> None:
        plain = QMimeData()
        plain.setText(text)
        self._on_held_content(Snapshot())
        self._set(plain)

    def restore(self, snapshot: Snapshot) -> None:
        # before publishing: Mica may be killed in between
        self._on_held_content(snapshot)
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
        if self._requestors is None:
            return None
        if self._offer is None:
            return 0
        pids, window = self._offer.pids, target.window
        if window not in pids:
            pids[window] = self._requestors.pid_of(window)
        target_pid, read_by = pids[window], self._offer.read_by
        if target_pid is None and read_by:
            return None
        return sum(process != target_pid for process in read_by)

    def is_owned_by(self, target: Target) -> bool | None:
        owner = self._reader.owner() if self._reader is not None else None
        if owner is None or self._requestors is None:
            return None
        pid, targets = (
            self._requestors.pid_of(owner),
            self._requestors.pid_of(target.window),
        )
        return None if None in (pid, targets) else pid == targets

    def _set(self, data: QMimeData | None) -> None:
        if self._offer is not None and self._requestors is not None:
            self._requestors.remove()
        self._offer = None
        self._setting = True
        try:
            if data is None:
                self._clipboard.clear(self._mode)
            else:
                self._clipboard.setMimeData(data, self._mode)
        finally:
            self._setting = False
        self._changes += 1

    def _on_changed(self, mode: QClipboard.Mode) -> None:
        """Qt's signal that a selection was set. For our own it comes during _set, and
        again when the X server confirms it; then we still own it."""
        if mode == self._mode and not self._setting and not self._owns_current():
            self._changes += 1
            self._on_held_content(Snapshot())

    def _owns_current(self) -> bool:
        held = self._clipboard.mimeData(self._mode) if self._is_owner() else None
        return held is not None and (self._offer is None or held is self._offer)

    def _is_owner(self) -> bool:
        """Whether a window of this process owns the selection."""
        primary = self._mode == QClipboard.Mode.Selection
        return (
            self._clipboard.ownsSelection()
            if primary
            else self._clipboard.ownsClipboard()
        )


def _own_snapshot(source: QMimeData | None) -> Snapshot:
    """A snapshot of what this process offers."""
    if source is None:
        return Snapshot()
    by_type = {type: _read(source, type) for type in source.formats()}
    pieces = [
        Piece(0, type, data) for type, data in by_type.items() if data is not None
    ]
    left_out = [type for type, data in by_type.items() if data is None]
    return Snapshot(tuple(pieces), tuple(left_out))


def _read(source: QMimeData, type: str) -> bytes | None:
    """The bytes of one type; None if Qt cannot encode the image."""
    if type != QT_IMAGE:
        return bytes(source.data(type).data())
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    saved = QImage(source.imageData()).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data()) if saved else None
