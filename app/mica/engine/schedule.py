"""Chooses which open utterance is served next: a pure rule, without clock or thread.

Both ends of the engine's pipe use it: the client to choose what to send, the worker to
choose what to compute. Example, with two channels of a meeting (2, 3) and a dictation
(1): while all three have work, 1 is served; when it has none, 2 and 3 take turns; when
the meeting ends, the channel that ended first is finished, then the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mica.events import Priority


@dataclass(slots=True)
class _Entry:
    """turn   counter value at its release, or when it was last served"""

    priority: Priority
    turn: int
    is_released: bool = False

    @property
    def rank(self) -> tuple[Priority, bool, int]:
        return self.priority, not self.is_released, self.turn


class Scheduler:
    """Serves by priority; within one, released utterances in order of release, then the
    others round robin."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._turn = 0

    def open(self, utterance: int, priority: Priority) -> None:
        """Add an utterance, to be served from now on."""
        self._entries[utterance] = _Entry(priority, self._next_turn())

    def release(self, utterance: int) -> None:
        """Note that the user has ended it and is waiting for its text."""
        entry = self._entries.get(utterance)
        if entry is not None and not entry.is_released:
            entry.is_released, entry.turn = True, self._next_turn()

    def close(self, utterance: int) -> None:
        """Remove an utterance; one that was never opened is ignored."""
        self._entries.pop(utterance, None)

    def choose(self, ready: Iterable[int]) -> int | None:
        """Choose which of the `ready` utterances is served now; None if there are none.

        ready   open utterances that have something to do
        """
        chosen = min(ready, key=lambda one: self._entries[one].rank, default=None)
        if chosen is not None and not self._entries[chosen].is_released:
            self._entries[chosen].turn = self._next_turn()
        return chosen

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn
