"""What was inserted lately and where, so that the next text can go on from it.

Nobody reads what stands in a window: it is known to stand before the caret only while
nothing was pressed since. Keeps the texts in memory alone, and few of them.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from mica.host.ports import Hotkeys, Target

KEPT: Final = 20
FRESH_S: Final = 300.0  # later, a program may have changed its text by itself


@dataclass(frozen=True, slots=True)
class Inserted:
    """A text as it stands in a window, its spaces too.

    presses   the user's other presses when its keys were sent; None where unknown
    """

    utterance: int
    text: str
    target: Target
    at_s: float
    presses: int | None


class Trail:
    """Main thread only."""

    def __init__(self, hotkeys: Hotkeys) -> None:
        self._hotkeys = hotkeys
        self._inserted: deque[Inserted] = deque(maxlen=KEPT)

    def inserting(
        self, utterance: int, text: str, target: Target, now_s: float
    ) -> Inserted:
        """A text whose keys are sent now; add() it when it arrived."""
        return Inserted(utterance, text, target, now_s, self._hotkeys.other_presses())

    def add(self, inserted: Inserted) -> None:
        self._inserted.append(inserted)

    def forget(self) -> None:
        """The caret is elsewhere now."""
        self._inserted.clear()

    def touched(self, inserted: Inserted) -> bool:
        """Whether the user is known to have pressed anything since."""
        return self._hotkeys.other_presses() != inserted.presses

    def before(self, target: Target, now_s: float) -> str:
        """The last text, if it stands right before the caret of that window still."""
        if not self._inserted:
            return ""
        last = self._inserted[-1]
        untouched = last.presses is not None and not self.touched(last)
        fresh = now_s - last.at_s <= FRESH_S
        return (
            last.text if untouched and fresh and last.target.same_place(target) else ""
        )
