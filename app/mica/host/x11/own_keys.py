"""Which key events are our own, so that a paste never cancels the next dictation.

X11 does not mark what XTEST sends. Who sends says what is about to come and the
listener crosses it off; what never arrives is forgotten after FORGET_S.
"""

import threading
import time
from collections import Counter
from typing import Final

FORGET_S: Final = 1.0


class OwnKeys:
    """Presses we sent and have not seen yet. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: Counter[int] = Counter()
        self._until_s = 0.0

    def expect(self, codes: list[int]) -> None:
        """These keycodes are about to be pressed by us, as often as they stand here."""
        with self._lock:
            self._forget()
            self._coming.update(codes)
            self._until_s = time.monotonic() + FORGET_S

    def mine(self, code: int) -> bool:
        """Whether this press is ours; it is crossed off."""
        with self._lock:
            self._forget()
            ours = self._coming[code] > 0
            self._coming[code] -= ours
            return ours

    def _forget(self) -> None:
        if time.monotonic() > self._until_s:
            self._coming.clear()
