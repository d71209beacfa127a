"""Whether a text that its window has read stands there now: a program may read whatever
is copied, or read and take only digits. Pure; time comes in.

    0.2   the window has read “Call me.”, and its field tells its text: query it
    0.3   before the caret: “Call me.”                            it is there
    0.3   before the caret: “0”; query again, for programs are late to tell
    0.7   before the caret: “0”                                   it is not there
"""

from collections.abc import Callable
from typing import Final

from mica.host.values import SurroundingQuery, Target
from mica.insertion.recent import InsertedText

QUERY_S: Final = 0.5  # how long it may take to stand there, or to be told of
_COMPARED: Final = 40  # characters before the caret; hosts read some more


class Arrival:
    """Main thread only; is_there() every POLL_S until it is known.

    query        ports.Host.query_surrounding
    is_touched   RecentInsertions.touched: where the user went on it may be gone again
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
        self._is_missing = False  # by the last answer

    def is_there(self, now_s: float) -> bool | None:
        """False where Accessibility says that it is not; None: ask again."""
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
    """Programs have spaces and line ends of their own."""
    return "".join(text.split())
