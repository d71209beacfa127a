"""Which of the open utterances is served next: a pure rule, without clock or thread.

Both ends of the engine's pipe follow it: the client in what it sends, the worker in
what it computes. Example, with two channels of a meeting (2, 3) and a dictation (1):
while all three have work, 1 is served; when it has none, 2 and 3 take turns; when the
meeting ends, whichever channel ended first is worked off, then the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mica.events import Priority


@dataclass(slots=True)
class _Entry:
    """turn   when it was released, else when it was served last"""

    priority: Priority
    turn: int
    is_released: bool = False

    @property
    def rank(self) -> tuple[Priority, bool, int]:
        return self.priority, not self.is_released, self.turn


class Scheduler:
    """Priorities; within one, released utterances first in the order of their release,
    then the others in turn (round robin)."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._turn = 0

    def open(self, utterance: int, priority: Priority) -> None:
        """Add an utterance, to be served from now on."""
        self._entries[utterance] = _Entry(priority, self._next_turn())

    def release(self, utterance: int) -> None:
        """The user has ended it and waits for its text."""
        entry = self._entries.get(utterance)
        if entry is not None and not entry.is_released:
            entry.is_released, entry.turn = True, self._next_turn()

    def close(self, utterance: int) -> None:
        """Remove an utterance; one that was never opened is ignored."""
        self._entries.pop(utterance, None)

    def choose(self, ready: Iterable[int]) -> int | None:
        """Which of those that have something to do is served now; None without any.

        ready   open utterances
        """
        chosen = min(ready, key=lambda one: self._entries[one].rank, default=None)
        if chosen is not None and not self._entries[chosen].is_released:
            self._entries[chosen].turn = self._next_turn()
        return chosen

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn
