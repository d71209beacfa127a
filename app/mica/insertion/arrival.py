"""Whether a text that its window read is now in the field: a program may read every
copy, or accept only digits. Pure; the caller supplies the time.

    0.2   the window has read “Call me.”, and its text is accessible: query it
    0.3   before the caret: “Call me.”                            inserted
    0.3   before the caret: “0”; query again, since programs report late
    0.7   before the caret: “0”                                   not inserted
"""

from collections.abc import Callable
from typing import Final

from mica.host.values import SurroundingQuery, Target
from mica.insertion.recent import InsertedText

QUERY_S: Final = 0.5  # how long the field may take to show the text and report it
_COMPARED: Final = 40  # characters before the caret; hosts read a few more


class Arrival:
    """Checks one insertion; call is_there() every POLL_S until it answers.

    query        ports.Host.query_surrounding
    is_touched   RecentInsertions.touched: if the user has pressed a key, the text may
                 be gone again
    Threads: main thread only.
    """

    def __init__(
        self,
        sent: InsertedText,
        query: Callable[[Target], SurroundingQuery],
        is_touched: Callable[[InsertedText], bool],
        now_s: float,
    ) -> None:
        self._sent, self._query_caret, self._is_touched = sent, query, is_touched
        self._end = _unspaced(sent.text.rpartition("\n")[2])[-_COMPARED:]
        self._deadline_s = now_s + QUERY_S
        self._query: SurroundingQuery | None = None
        self._is_missing = False  # according to the last answer

    def is_there(self, now_s: float) -> bool | None:
        """False if Accessibility says that it is not; None: call again."""
        is_late = now_s >= self._deadline_s
        if self._query is None:
            self._query = self._query_caret(self._sent.target)
        if not self._query.done:
            return not self._is_missing if is_late else None
        found, self._query = self._query.found, None
        if (
            found is None
            or not found.is_current
            or self._end in _unspaced(found.before)
        ):
            return True
        if self._is_touched(self._sent):
            return True
        self._is_missing = True
        return False if is_late else None


def _unspaced(text: str) -> str:
    """Without spaces and line ends, which programs write in their own ways."""
    return "".join(text.split())
