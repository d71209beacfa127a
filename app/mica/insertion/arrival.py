"""Whether a text that its window has read stands there now: a program may read whatever
is copied, or read and take only digits. Pure; time comes in.
"""

from collections.abc import Callable
from typing import Final

from mica.host.ports import Query, Target
from mica.insertion.recent import InsertedText

SAYS_S: Final = 0.5  # how long it may take to stand there, or to be told of
_ENOUGH: Final = 40  # characters before the caret; hosts ask for some more


class Arrival:
    """Main thread only; stands() every paste.POLL_S until it is known.

    query        ports.Host.query
    is_touched   RecentInsertions.touched: where the user went on it may be gone again
    """

    def __init__(
        self,
        sent: InsertedText,
        query: Callable[[Target], Query],
        is_touched: Callable[[InsertedText], bool],
        now_s: float,
    ) -> None:
        self._sent, self._query, self._is_touched = sent, query, is_touched
        self._end = _bare(sent.text.rpartition("\n")[2])[-_ENOUGH:]
        self._until_s = now_s + SAYS_S
        self._asked: Query | None = None
        self._is_missing = False  # by the last answer

    def stands(self, now_s: float) -> bool | None:
        """False where Accessibility says that it does not; None: ask again."""
        is_late = now_s >= self._until_s
        if self._asked is None:
            self._asked = self._query(self._sent.target)
        if not self._asked.done:
            return not self._is_missing if is_late else None
        found, self._asked = self._asked.found, None
        if found is None or not found.is_of_now or self._end in _bare(found.before):
            return True
        if self._is_touched(self._sent):
            return True
        self._is_missing = True
        return False if is_late else None


def _bare(text: str) -> str:
    """Without its spaces: programs have their own, and their own line ends."""
    return "".join(text.split())
