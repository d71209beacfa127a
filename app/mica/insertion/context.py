"""What stands around the caret that a text is for: by what was inserted there before,
else by Accessibility, else a guess.

Accessibility is asked when the user begins to speak, so that a text need not wait for
it. An answer holds until the user presses something or a text of ours comes or goes;
then it is asked again, and the caller says how long that may take.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mica.host.ports import Hotkeys, Query, Surrounding, Target
from mica.insertion.recent import RecentInsertions


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Query
    target: Target
    presses: int | None


class CaretContext:
    """Main thread only.

    query   ports.Host.query
    """

    def __init__(
        self,
        query: Callable[[Target], Query],
        hotkeys: Hotkeys,
        recent: RecentInsertions,
    ) -> None:
        self.recent = recent
        self._query, self._hotkeys = query, hotkeys
        self._asked: _Asked | None = None

    def look(self, target: Target) -> bool:
        """Ask, unless it is known; whether it is, as far as it will be."""
        if self.recent.known(target) is not None:
            return True
        asked = self._holding(target)
        if asked is None:
            presses = self._hotkeys.other_presses()
            asked = self._asked = _Asked(self._query(target), target, presses)
        return asked.query.done

    def around(self, target: Target) -> Surrounding | None:
        """As far as it is known by now; None where nothing is and none of our texts
        stands in that window."""
        asked = self._holding(target)
        said = asked.query.found if asked is not None else None
        return self.recent.known(target) or said or self.recent.guess(target)

    def forget(self) -> None:
        """A text came or went: what was said before may be of before."""
        self._asked = None

    def _holding(self, target: Target) -> _Asked | None:
        """What was asked, where nothing happened since."""
        asked = self._asked
        if asked is None or not asked.target.same_place(target):
            return None
        return asked if asked.presses == self._hotkeys.other_presses() else None
