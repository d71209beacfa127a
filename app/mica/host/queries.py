"""Queries of other programs for their text, on a separate thread, one at a time.

A hung program blocks nobody: until it answers, the newest query waits, and earlier ones
stay unanswered. The host supplies what is asked and how.
"""

import logging
import threading
from collections.abc import Callable

from mica.host.values import SurroundingQuery, SurroundingText, Target

_log = logging.getLogger(__name__)


class SurroundingQueries:
    """Answers queries one after another on one thread; call ask() on the main thread.

    read   called on that thread; may block as long as the program does
    """

    def __init__(self, read: Callable[[Target], SurroundingText | None]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._waiting: tuple[SurroundingQuery, Target] | None = None
        self._is_running = False

    def ask(self, target: Target) -> SurroundingQuery:
        """Query the text around the caret, on the thread
        (ports.Host.query_surrounding)."""
        query = SurroundingQuery()
        with self._lock:
            self._waiting = query, target
            if not self._is_running:
                self._is_running = True
                name = "accessibility"
                threading.Thread(target=self._run, name=name, daemon=True).start()
        return query

    def _run(self) -> None:
        while (pending := self._next()) is not None:
            query, target = pending
            try:
                query.found = self._read(target)
            except Exception as why:  # noqa: BLE001 the next program is still asked
                _log.warning("accessibility: %s", type(why).__name__)
            query.done = True

    def _next(self) -> tuple[SurroundingQuery, Target] | None:
        with self._lock:
            pending, self._waiting = self._waiting, None
            self._is_running = pending is not None
        return pending
