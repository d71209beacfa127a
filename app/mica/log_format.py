"""The format of Mica's logs: exceptions without their messages.

A message may quote what it is about: a dictated word, a window's title, a file's name.
The log gets where an exception was raised, its type, and those of its causes.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Final

_ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)
_log = logging.getLogger(__name__)
FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class ContentFreeFormatter(logging.Formatter):
    """Formats a log's lines; use it for every handler that writes to a file."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # what another handler's formatter left
        try:
            return super().format(record)
        finally:
            record.exc_text = None

    def formatException(self, ei: _ExcInfo) -> str:
        parts: list[str] = []
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            lines = "".join(traceback.format_tb(error.__traceback__))
            parts.insert(0, f"{lines}{type(error).__qualname__}")
            error = error.__cause__ or error.__context__
        return "\n".join(parts)


def log_unhandled() -> None:
    """Log exceptions that nothing handles, also of threads, instead of printing them
    with their messages."""

    def on_main(
        kind: type[BaseException], error: BaseException, _: TracebackType | None
    ) -> None:
        _log.error("unhandled", exc_info=(kind, error, error.__traceback__))

    def on_thread(found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            on_main(found.exc_type, found.exc_value, None)

    sys.excepthook, threading.excepthook = on_main, on_thread
