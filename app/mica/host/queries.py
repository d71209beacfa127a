"""Questions to other programs on a thread of their own, so that one that hangs holds
nobody up.

One question at a time: while a program has not answered, the newest one waits and those
before it stay without an answer. What is asked, and how, is the host's business.
"""

import logging
import threading
from collections.abc import Callable

from mica.host.ports import Query, Surrounding, Target

_log = logging.getLogger(__name__)


class Queries:
    """ask() on the main thread.

    read   called on the thread; may take as long as a program takes
    """

    def __init__(self, read: Callable[[Target], Surrounding | None]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._waiting: tuple[Query, Target] | None = None
        self._runs = False

    def ask(self, target: Target) -> Query:
        """See ports.Host.query."""
        query = Query()
        with self._lock:
            self._waiting = query, target
            if not self._runs:
                self._runs = True
                name = "accessibility"
                threading.Thread(target=self._work, name=name, daemon=True).start()
        return query

    def _work(self) -> None:
        while (asked := self._next()) is not None:
            query, target = asked
            try:
                query.found = self._read(target)
            except Exception as why:  # noqa: BLE001 the next program is asked, too
                _log.warning("accessibility: %s", type(why).__name__)
            query.done = True

    def _next(self) -> tuple[Query, Target] | None:
        with self._lock:
            asked, self._waiting = self._waiting, None
            self._runs = asked is not None
        return asked
