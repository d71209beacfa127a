"""Keeps App Nap and idle sleep away while we listen or write. Main thread only."""

from typing import Any

from Foundation import NSActivityUserInitiated, NSProcessInfo


class MacActivity:
    """See ports.Activity."""

    def __init__(self) -> None:
        self._token: Any = None

    def hold(self, wanted: bool) -> None:
        process = NSProcessInfo.processInfo()
        if wanted and self._token is None:
            self._token = process.beginActivityWithOptions_reason_(
                NSActivityUserInitiated, "Dictation"
            )
        elif not wanted and self._token is not None:
            process.endActivity_(self._token)
            self._token = None
