"""A thread for writes to the library, so that a locked database or a slow disk delays
nobody: above all not the next key press.
"""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

from mica.unhandled import trace

RETRY_S: Final = 1.0
_log = logging.getLogger(__name__)

#: A write to the library; returns whether it is done, or must be tried again.
Attempt = Callable[[], bool]
RunsWrites = Callable[[Attempt], None]


def run_at_once(attempt: Attempt) -> None:
    """Runs a write on the calling thread; a failed one is tried at the next write."""
    attempt()


class WriterThread:
    """Runs writes one after another on a thread of its own, and tries failed ones again
    every RETRY_S. Call submit() from any thread."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Attempt | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="library", daemon=True)
        self._thread.start()

    def submit(self, attempt: Attempt) -> None:
        """Run a write soon; returns at once."""
        self._waiting.put(attempt)

    def close(self, timeout_s: float) -> bool:
        """Run what waits, and end; False if that takes longer."""
        self._waiting.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failed: dict[Attempt, None] = {}
        while True:
            try:
                attempt = self._waiting.get(timeout=RETRY_S if failed else None)
            except queue.Empty:
                due = list(failed)
            else:
                if attempt is None:
                    return
                due = [attempt]
            for one in due:
                failed.pop(one, None)
                if not _is_done(one):
                    failed[one] = None


def _is_done(attempt: Attempt) -> bool:
    try:
        return attempt()
    except Exception as why:  # noqa: BLE001 the next write may work
        _log.error("library: %s", trace(why))
        return True
