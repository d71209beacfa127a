"""What stands around the caret that a text is for: by what was inserted there before,
else by Accessibility, else a guess.

Accessibility is asked when the user begins to speak, so that a text need not wait for
it. An answer holds until the user presses something or a text of ours comes or goes;
then it is asked again, and the caller says how long that may take.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mica.host.ports import Hotkeys
from mica.host.values import SurroundingQuery, SurroundingText, Target
from mica.insertion.recent import RecentInsertions


@dataclass(frozen=True, slots=True)
class _CaretQuery:
    """What was asked of a target, and the user's presses until then."""

    query: SurroundingQuery
    target: Target
    presses: int | None


class CaretContext:
    """Main thread only.

    query   ports.Host.query_surrounding
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
        """Ask, unless it is known; whether it is, as far as it will be."""
        if self.recent.known(target) is not None:
            return True
        latest = self._valid_query(target)
        if latest is None:
            presses = self._hotkeys.press_count()
            latest = self._latest = _CaretQuery(self._query(target), target, presses)
        return latest.query.done

    def around(self, target: Target) -> SurroundingText | None:
        """The text around the caret as far as it is known; None if it is not and none
        of ours is in that window."""
        latest = self._valid_query(target)
        found = latest.query.found if latest is not None else None
        return self.recent.known(target) or found or self.recent.guess(target)

    def forget(self) -> None:
        """A text came or went: an answer may be of before."""
        self._latest = None

    def _valid_query(self, target: Target) -> _CaretQuery | None:
        """The latest one, where nothing happened since."""
        latest = self._latest
        if latest is None or not latest.target.same_place(target):
            return None
        return latest if latest.presses == self._hotkeys.press_count() else None
