"""Unhandled exceptions: a trace in the log, and one line for the user.

The log gets where an exception was raised and its type, but never its message, which
may contain dictated words, window titles or file names.
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Final

from mica.errors import MicaError

AGAIN_S: Final = 60.0  # the same fault is shown once in this time
OUT_OF_MEMORY: Final = "Mica is out of memory. Close other programs."
UNKNOWN: Final = "Something went wrong. If it happens again, restart Mica."
SYSTEM: Final = "Something went wrong ({}). If it happens again, restart Mica."
_log = logging.getLogger(__name__)


def trace(why: BaseException) -> str:
    """Where an exception was raised and its type, for the log."""
    lines = traceback.format_tb(why.__traceback__)
    return f"{''.join(lines)}{reason(why)}"


def reason(why: BaseException) -> str:
    """An exception's type; of a system error, also what the system says, without file
    names."""
    name = type(why).__name__
    strerror = getattr(why, "strerror", None)
    return f"{name} ({strerror})" if isinstance(why, OSError) and strerror else name


def user_line(why: BaseException) -> str:
    """What to tell the user about an exception."""
    if isinstance(why, MicaError):
        return why.line()
    if isinstance(why, MemoryError):
        return OUT_OF_MEMORY
    if isinstance(why, OSError) and why.strerror:
        return SYSTEM.format(why.strerror)
    return UNKNOWN


class UnhandledExceptions:
    """Logs and shows the exceptions that no code handles, also in threads and Qt slots,
    which then go on.

    tell   shows a line to the user; called on any thread; replaced once the app can
           show one. Until then the lines are kept in `lines`
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.lines: list[str] = []
        self.tell: Callable[[str], None] = self.lines.append
        self._clock = clock
        self._told: dict[str, float] = {}  # when, by line

    def install(self) -> None:
        """Handle the exceptions of this process from now on."""
        sys.excepthook = self._on_main
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable

    def handle(self, why: BaseException, where: str) -> None:
        """Log an exception, and tell the user, but not of the same over and over."""
        line, now_s = user_line(why), self._clock()
        if now_s - self._told.get(line, -AGAIN_S) < AGAIN_S:
            return
        self._told[line] = now_s
        _log.error("unhandled in %s: %s", where, trace(why))
        try:
            self.tell(line)
        except Exception as other:  # noqa: BLE001 it is in the log
            _log.error("not shown: %s", reason(other))

    def _on_main(
        self, kind: type[BaseException], why: BaseException, _: TracebackType | None
    ) -> None:
        if not isinstance(why, Exception):  # the user's Ctrl+C, or an exit
            sys.__excepthook__(kind, why, why.__traceback__)
            return
        self.handle(why, "the main thread")

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread is not None else "a thread"
        if isinstance(args.exc_value, Exception):
            self.handle(args.exc_value, name)

    def _on_unraisable(self, args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            _log.warning("ignored: %s", trace(args.exc_value))
