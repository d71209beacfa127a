"""The windows that a text of ours went into, also before Mica was started.

Only their numbers are kept, in one file, and few: after a restart a text fits what
stands in such a window as it did before. Main thread only.
"""

import logging
from collections import deque
from pathlib import Path
from typing import Final

import msgspec

from mica.host.values import Target

MAX_WINDOWS: Final = 50
_log = logging.getLogger(__name__)
_Number = tuple[int, int | None]  # of a window and its process


class DictatedWindows:
    """path   where they outlive Mica; None: nowhere"""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._windows = deque(_read(path), maxlen=MAX_WINDOWS)

    def add(self, target: Target) -> None:
        """A text went in there."""
        number = target.window, target.pid
        if number in self._windows or not target.window:
            return
        self._windows.append(number)
        if self._path is None:
            return
        try:
            self._path.write_bytes(msgspec.json.encode(list(self._windows)))
        except OSError as why:
            _log.warning("windows dictated into are not saved: %s", why)

    def has(self, target: Target) -> bool:
        return (target.window, target.pid) in self._windows


def _read(path: Path | None) -> list[_Number]:
    """Nothing where there is no such file, or nothing can be made of it."""
    try:
        saved = path.read_bytes() if path is not None else b"[]"
        return msgspec.json.decode(saved, type=list[_Number])
    except (OSError, msgspec.DecodeError):
        return []
