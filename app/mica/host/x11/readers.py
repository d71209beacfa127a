"""Who reads a selection of ours: the process behind the window that X says asks.

Qt does not tell. A clipboard manager that reads must not pass for the target, or the
clipboard would be put back before the target has read it.
"""

import ctypes
import os
from typing import Any, Final

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import XError  # type: ignore[import-untyped]
from Xlib.ext import res  # type: ignore[import-untyped]

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


class Readers(QAbstractNativeEventFilter):
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
