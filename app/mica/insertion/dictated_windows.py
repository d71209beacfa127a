"""The windows that Mica inserted text into, including before it was restarted.

Only the IDs of the latest ones are kept, in one file, so that after a restart a text is
still fitted to what stands in such a window. Main thread only.
"""

import logging
from collections import deque
from pathlib import Path
from typing import Final

import msgspec

from mica.host.values import Target

MAX_WINDOWS: Final = 50
_log = logging.getLogger(__name__)
_Number = tuple[int, int | None]  # window and process IDs


class DictatedWindows:
    """path   the file they are saved in; None: not saved"""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._windows = deque(_read(path), maxlen=MAX_WINDOWS)

    def add(self, target: Target) -> None:
        """Remember that a text went into this window."""
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
    """The saved windows; none if the file is missing or cannot be parsed."""
    try:
        saved = path.read_bytes() if path is not None else b"[]"
        return msgspec.json.decode(saved, type=list[_Number])
    except (OSError, msgspec.DecodeError):
        return []
