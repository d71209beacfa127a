"""The text around the caret: from recent insertions, else from Accessibility, else a
guess.

Accessibility is queried when the user begins to speak, so that the text does not wait
for it. The answer is valid until the user presses something or a text of Mica's comes
or goes; then it is queried again, and the caller limits the wait.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mica.host.ports import Hotkeys
from mica.host.values import SurroundingQuery, SurroundingText, Target
from mica.insertion.recent import RecentInsertions


@dataclass(frozen=True, slots=True)
class _CaretQuery:
    """A query of a target, and the count of the user's presses at that time."""

    query: SurroundingQuery
    target: Target
    presses: int | None


class CaretContext:
    """The text around the caret, cached until something changes it.

    query   ports.Host.query_surrounding
    Threads: main thread only.
    """

    def __init__(
        self,
        query: Callable[[Target], SurroundingQuery],
        hotkeys: Hotkeys,
        recent: RecentInsertions,
    ) -> None:
        self.recent = recent
        self._query, self._hotkeys = query, hotkeys
        self._latest: _CaretQuery | None = None

    def look(self, target: Target) -> bool:
        """Query the target unless the answer is known; returns whether it is final."""
        if self.recent.known(target) is not None:
            return True
        latest = self._valid_query(target)
        if latest is None:
            presses = self._hotkeys.press_count()
            latest = self._latest = _CaretQuery(self._query(target), target, presses)
        return latest.query.done

    def around(self, target: Target) -> SurroundingText | None:
        """The text around the caret as far as it is known; None if nothing is known and
        no text of Mica's went into that window."""
        latest = self._valid_query(target)
        found = latest.query.found if latest is not None else None
        return self.recent.known(target) or found or self.recent.guess(target)

    def forget(self) -> None:
        """Drop the answer: a text came or went, so it may be out of date."""
        self._latest = None

    def _valid_query(self, target: Target) -> _CaretQuery | None:
        """The latest query, if nothing has happened since."""
        latest = self._latest
        if latest is None or not latest.target.same_place(target):
            return None
        return latest if latest.presses == self._hotkeys.press_count() else None
