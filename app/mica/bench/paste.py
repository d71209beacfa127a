"""Simulates ten thousand random insertions with all kinds of clipboard readers.

The paste transaction is the real one; clock, clipboard, target and all others are
simulated: targets that read at once, late (up to Mica's timeout), repeatedly or never,
that hang or have no text field; clipboard managers that read before and after the
target, or take ownership of every text, at once or late; content that cannot be saved;
newer copies by the user; held modifiers, refused keys, a main thread that stalls. Needs
no display.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from mica.bench.report import Row, report
from mica.bench.simulated_clipboard import SimulatedClipboard, text_snapshot
from mica.errors import InsertionError
from mica.host.ports import WindowProbe
from mica.host.values import Piece, Snapshot, Target
from mica.insertion.outcome import ClipboardState, InsertOutcome, InsertResult
from mica.insertion.paste import PasteTransaction
from mica.insertion.timing import POLL_S, UNREAD_S

COUNT: Final = 10_000
TARGET: Final = Target(1, 2, "Editor")
STALL_S: Final = 1.0  # the longest stall of the main thread
LATEST_S: Final = UNREAD_S - STALL_S  # Mica still waits for a target this late
MANAGER_PID: Final = 99
LATEST_MANAGER_S: Final = 2.0  # from publishing until a manager takes ownership
_FIRST: Final = Snapshot((Piece(0, "text/html", b"<b>"), Piece(0, "x", b"\0")))
_LONGEST_S: Final = 30.0  # a transaction that takes longer counts as endless


@dataclass
class PasteTally:
    """Counts of the outcomes of all trials."""

    inserted: int = 0
    unknown: int = 0
    unread: int = 0
    unsaved: int = 0
    refused: int = 0
    newer: int = 0  # the user copied something in between
    wrong: int = 0  # the target got neither the text nor the user's newer copy
    lost: int = 0  # the clipboard does not have what the user copied last
    twice: int = 0  # the keys were sent more than once
    claimed: int = 0  # Mica reported it as inserted, but the target did not get it
    endless: int = 0


@dataclass
class Trial:
    """One insertion, with the actions of all participants in order of time."""

    chance: random.Random
    simulated: SimulatedClipboard
    text: str
    users: Snapshot
    now_s: float = 0.0
    chords: int = 0
    held_until_s: float = 0.0
    through_s: float = 0.0  # when the window has handled the chord
    got: list[Snapshot] = field(default_factory=list)
    copied: bool = False  # after the keys, so a late target gets the copy instead
    takeover_s: float | None = None  # delay until a manager takes ownership
    unseen: Snapshot | None = None  # before a copy that Mica had no chance to see
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _late: Callable[[], float] = lambda: 0.0

    def __post_init__(self) -> None:
        chance = self.chance
        self._late = chance.choice(
            [
                lambda: chance.uniform(0.0, 0.03),
                lambda: chance.uniform(0.0, 0.03),
                lambda: chance.uniform(0.03, LATEST_S),
                lambda: _LONGEST_S * 2,  # dead
            ]
        )
        self.is_field = chance.random() < 0.9  # else it handles keys but never reads
        if chance.random() < 0.2:
            self.takeover_s = chance.choice(
                [0.0, chance.uniform(0.0, LATEST_MANAGER_S)]
            )
        if chance.random() < 0.2:
            self.held_until_s = chance.uniform(0.0, 2.0)
        for _ in range(chance.choice([0, 0, 1, 3])):
            self._at(chance.uniform(0.0, 3.0), self._manager)
        if chance.random() < 0.2:
            self._at(chance.uniform(0.0, 3.0), self._copy)

    def ready(self) -> bool:
        return self.now_s >= self.held_until_s

    def can_paste(self, target: Target) -> bool:
        return True

    def press_paste_keys(self, target: Target) -> None:
        if self.chance.random() < 0.03:
            raise InsertionError("No keys.")
        self.chords += 1
        late_s = self._late()
        self.through_s = self.now_s + late_s
        if not self.is_field:
            return
        for gulp in range(self.chance.choice([1, 1, 1, 2, 3])):
            after_s = late_s + gulp * self.chance.uniform(0.0, 0.1)
            self._at(self.now_s + after_s, self._read)

    def press_return(self, target: Target) -> None:
        """Does nothing: nothing is submitted."""

    def probe_window(self, target: Target) -> WindowProbe:
        """See ports.Host."""
        return lambda: self.now_s >= self.through_s

    def run(self) -> InsertOutcome | None:
        """Run the transaction to its end; None if it never ends."""
        paste = PasteTransaction(
            self.text, TARGET, self.simulated, self, probe=self.probe_window
        )
        while self.now_s < _LONGEST_S:
            outcome, self.unseen = paste.evaluate(self.now_s), None
            if outcome is not None:
                self._watch(outcome)
                return outcome
            self._manager_claims()
            stalls = self.chance.random() < 0.01
            self.advance(self.chance.uniform(0.1, STALL_S) if stalls else POLL_S)
        return None

    def _watch(self, outcome: InsertOutcome) -> None:
        """Guard the restored clipboard, as insertion/queue.py does, until all managers
        are done."""
        until_s, guard = self.now_s + LATEST_MANAGER_S, outcome.guard
        while self.now_s <= until_s:
            if guard and guard.evaluate(self.now_s, user_acted=True) is not None:
                guard = None
            self.unseen = None
            self.advance(POLL_S)

    def _manager_claims(self) -> None:
        """Let a manager notice the new text, once, and take ownership later."""
        if self.takeover_s is not None and self.simulated.ours is not None:
            self.simulated.read(by_another=True)
            self._at(self.now_s + self.takeover_s, self._own)
            self.takeover_s = None

    def _own(self) -> None:
        """A manager replaces whatever is there. A copy by the user that Mica could not
        see is not expected back."""
        if self.unseen is not None:
            self.users = self.unseen
        self.simulated.hold(text_snapshot(self.text), MANAGER_PID)

    def advance(self, seconds: float) -> None:
        """Let time pass and run the actions that are due."""
        until_s = self.now_s + seconds
        while self._events and self._events[0][0] <= until_s:
            self.now_s, _, act = heapq.heappop(self._events)
            act()
        self.now_s = until_s

    def _at(self, at_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at_s, next(self._numbers), act))

    def _read(self) -> None:
        self.got.append(self.simulated.read())

    def _manager(self) -> None:
        """A manager reads now, and perhaps again soon."""
        self.simulated.read(by_another=True)
        if self.chance.random() < 0.5:
            self._at(self.now_s + self.chance.uniform(0.0, 0.3), self._manager)

    def _copy(self) -> None:
        self.copied, self.unseen = self.chords > 0, self.users
        self.users = text_snapshot(f"newer than {self.text}")
        self.simulated.copy(f"newer than {self.text}")


def run(count: int = COUNT, seed: int = 1) -> dict[str, Any]:
    """`mica bench paste --json`: {"bench", "machine", "model", "rows"}."""
    found = run_trials(count, random.Random(seed))
    blind = run_trials(
        count, random.Random(seed), SimulatedClipboard(_FIRST, is_blind=True)
    )
    case = f"{count:,} random insertions, read within {LATEST_S:g} s or never"
    listed = [*_rows(case, found), *_rows(f"{case}, readers unknown", blind)]
    return report("paste", "none", listed)


def _rows(case: str, found: PasteTally) -> list[Row]:
    rows = {
        "wrong_pastes": found.wrong + found.twice,
        "clipboards_lost": found.lost,
        "endless_pastes": found.endless,
        "said_to_be_inserted_and_not": found.claimed,
        "inserted": found.inserted,
        "unknown": found.unknown,
        "unread": found.unread,
        "unsaved": found.unsaved,
        "refused": found.refused,
        "overtaken_by_a_copy": found.newer,
    }
    return [Row(case, name, None, None, number, None) for name, number in rows.items()]


def run_trials(
    count: int, chance: random.Random, simulated: SimulatedClipboard | None = None
) -> PasteTally:
    """Run `count` insertions in succession with one clipboard."""
    found = PasteTally()
    simulated = simulated or SimulatedClipboard(_FIRST)
    for number in range(count):
        users = simulated.held
        if chance.random() < 0.05:
            simulated.hold(Snapshot(simulated.held.pieces, ("image/png",)))
        trial = Trial(chance, simulated, f"text {number}", simulated.held)
        _count(found, trial, trial.run())
        if simulated.held.left_out:
            simulated.restore(users)
    return found


def _count(found: PasteTally, trial: Trial, outcome: InsertOutcome | None) -> None:
    if outcome is None:
        found.endless += 1
        return
    found.inserted += outcome.result is InsertResult.INSERTED
    found.unknown += outcome.result is InsertResult.UNKNOWN
    found.unread += outcome.result is InsertResult.UNREAD
    found.unsaved += outcome.result is InsertResult.UNSAVED
    found.refused += outcome.result is InsertResult.REFUSED
    found.newer += outcome.clipboard is ClipboardState.NEWER
    found.lost += trial.simulated.held != trial.users
    found.twice += trial.chords > 1
    has_text = text_snapshot(trial.text) in trial.got
    # If readers are unknown, a manager's read counts as the target's.
    is_sure = not (trial.simulated.is_blind and trial.simulated.reads)
    found.claimed += (
        outcome.result is InsertResult.INSERTED and not has_text and is_sure
    )
    trial.advance(_LONGEST_S)  # let late readers read
    allowed = (
        [text_snapshot(trial.text), trial.users]
        if trial.copied
        else [text_snapshot(trial.text)]
    )
    found.wrong += any(got not in allowed for got in trial.got)
