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
        self._at_caret = False  # the newest one, for all we know

    def inserting(
        self, utterance: int, text: str, target: Target, now_s: float
    ) -> Inserted:
        """A text whose keys are sent now; add() it when it arrived."""
        return Inserted(utterance, text, target, now_s, self._hotkeys.other_presses())

    def add(self, inserted: Inserted) -> None:
        self._inserted.append(inserted)
        self._at_caret = True

    def remove(self, inserted: Inserted) -> None:
        """It was taken back."""
        self._inserted.remove(inserted)

    def move_on(self) -> None:
        """Something else may stand before the caret now."""
        self._at_caret = False

    def last(self) -> Inserted | None:
        """The newest that was not taken back; whether it still stands is not known."""
        return self._inserted[-1] if self._inserted else None

    def touched(self, inserted: Inserted) -> bool:
        """Whether the user is known to have pressed anything since."""
        return self._hotkeys.other_presses() != inserted.presses

    def before(self, target: Target, now_s: float) -> str:
        """The last text, if it stands right before the caret of that window still."""
        last = self.last()
        if last is None or not self._at_caret:
            return ""
        untouched = last.presses is not None and not self.touched(last)
        fresh = now_s - last.at_s <= FRESH_S
        return (
            last.text if untouched and fresh and last.target.same_place(target) else ""
        )
