"""What was inserted lately and where, so that the next text can continue from it.

It reads no window. What Mica inserted is known to stand before the caret while nothing
has been pressed since; after that the user's key presses tell what they did, by a pure
table over presses that models no editor. Texts are kept in memory alone, and few.

    “Dear Ann,” is inserted; nothing is pressed    before the caret: “Dear Ann,”
    the user types “, hi”                          “Dear Ann,, hi”
    Backspace                                      “Dear Ann,, h”
    Left                                           something, and nothing more is known
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from mica.host.ports import Hotkeys
from mica.host.strokes import LETTER, EditKey, Keystroke
from mica.host.values import OBJECT_REPLACEMENT, SurroundingText, Target


def apply_strokes(
    around: SurroundingText | None, strokes: Iterable[Keystroke]
) -> SurroundingText:
    """After these presses, oldest first. Letters make the midst of a sentence only
    where all since the text is known: they may have been commands.

    around   before them; None where it is not known
    """
    is_known = around is not None
    before = OBJECT_REPLACEMENT + (around.before if around else "")
    after = around.after if around else ""
    for stroke in strokes:
        if stroke == "\t":  # or into another field
            is_known, before, after = False, f"{OBJECT_REPLACEMENT}\t", ""
        elif isinstance(stroke, str):
            before += (
                OBJECT_REPLACEMENT if stroke == LETTER and not is_known else stroke
            )
        elif stroke is EditKey.BACKSPACE:
            before = before[:-1] if before[1:] else before
        elif stroke is EditKey.SELECT_ALL:
            is_known, before, after = True, "", ""
        elif stroke in (EditKey.LINE_START, EditKey.TEXT_START):
            rest = (
                before if stroke is EditKey.TEXT_START else before.rpartition("\n")[2]
            )
            is_known, before, after = (
                True,
                "",
                rest.replace(OBJECT_REPLACEMENT, "").strip(),
            )
        elif stroke is not EditKey.NO_CHANGE:
            is_known, before, after = False, OBJECT_REPLACEMENT, ""
    return SurroundingText(before, after)


MAX_INSERTIONS: Final = 20  # insertions


@dataclass(frozen=True, slots=True)
class InsertedText:
    """A text as it stands in a window, its spaces too.

    presses     the user's other presses when its keys were sent; None where unknown
    after       what stood behind the caret then
    keywords    InsertRequest's
    submitted   Return was pressed behind it
    """

    utterance: int
    text: str
    target: Target
    presses: int | None
    after: str = ""
    keywords: tuple[str, ...] = ()
    submitted: bool = False


class RecentInsertions:
    """Main thread only."""

    def __init__(
        self,
        hotkeys: Hotkeys,
        keystrokes_since: Callable[[int | None, Target], Iterable[Keystroke]],
    ) -> None:
        """keystrokes_since   ports.Host.keystrokes_since"""
        self._hotkeys, self._strokes_since = hotkeys, keystrokes_since
        self._inserted: deque[InsertedText] = deque(maxlen=MAX_INSERTIONS)
        self._at_caret = False  # the newest one, for all we know

    def count_presses(self) -> int | None:
        """The user's other presses until now; None where unknown."""
        return self._hotkeys.press_count()

    def add(self, inserted: InsertedText) -> None:
        """Remember a text that arrived."""
        self._inserted.append(inserted)
        self._at_caret = True

    def remove(self, inserted: InsertedText) -> None:
        """Forget a text that was undone."""
        self._inserted.remove(inserted)

    def submit(self, inserted: InsertedText) -> None:
        """Return was pressed behind it, which was added last."""
        self._inserted[-1] = replace(inserted, submitted=True)

    def move_on(self) -> None:
        """Something else may stand before the caret now."""
        self._at_caret = False

    def last(self) -> InsertedText | None:
        """The newest that was not undone; whether it still stands is not known."""
        return self._inserted[-1] if self._inserted else None

    def touched(self, inserted: InsertedText) -> bool:
        """Whether the user is known to have pressed anything since."""
        return self.count_presses() != inserted.presses

    def known(self, target: Target) -> SurroundingText | None:
        """Around the caret of that window, where the last text stands right before it
        still."""
        last = self._last_at_caret(target)
        return None if last is None or self.touched(last) else _around(last)

    def guess(self, target: Target) -> SurroundingText | None:
        """There, where nobody knows, by the keys since; None where no text of ours
        is."""
        texts = reversed(self._inserted)
        newest = next((t for t in texts if t.target.same_place(target)), None)
        if newest is None:
            return None
        last = self._last_at_caret(target)
        around = None if last is None else _around(last)
        return apply_strokes(around, self._strokes_since(newest.presses, target))

    def _last_at_caret(self, target: Target) -> InsertedText | None:
        """The last text, where only the user's presses may have moved the caret from
        its end."""
        last = self.last()
        if last is None or not self._at_caret or not last.target.same_place(target):
            return None
        return None if last.presses is None else last


def _around(inserted: InsertedText) -> SurroundingText:
    if inserted.submitted:
        return SurroundingText(f"{inserted.text}\n")
    return SurroundingText(inserted.text, inserted.after)
