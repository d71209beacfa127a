"""The newest insertion taken back, or its words put there without their dress.

Finds out whether that can be tried, leaves it to host/takeback, and says how it ended.

A dictation without its dress: no punctuation, no capitals of sentences.

The words stay as they were heard: names, I, numbers and what is inside a word.
"""

from collections.abc import Iterable
from typing import Final

from mica.host.apps import is_terminal
from mica.host.ports import Snapshot
from mica.insertion.insert_job import (
    HELD,
    PLAIN,
    InsertReport,
    fallback_report,
    target_or_keys_problem,
)
from mica.insertion.method import (
    DOUBTS,
    LATE,
    InsertMethod,
    InsertTools,
    target_problem,
)
from mica.insertion.paste import MODIFIERS_S, Fate, Outcome
from mica.insertion.recent import InsertedText
from mica.insertion.undo import LONGEST, UndoFate, UndoOutcome, UndoTransaction
from mica.library.store import EntryStatus
from mica.text.joining import lower_first

UNDONE: Final = "Dictation removed."
NOTHING: Final = "Nothing to undo."
RAW: Final = "The last dictation has no punctuation already."
TERMINAL: Final = "Mica can’t undo in a terminal. Delete the text there."
LONG: Final = "The last dictation is too long for this. Use the program's own undo."
OWED: Final = "A program hangs that may yet use the clipboard. Try again later."
WHY: Final = {
    UndoFate.ANOTHER: "What stands before the cursor is no longer the last dictation.",
    UndoFate.UNKNOWN: "This program does not say what stands before the cursor.",
    UndoFate.UNSAVED: "What is on the clipboard could not be saved.",
    UndoFate.LEFT: "You went on meanwhile.",
    UndoFate.REFUSED: HELD,
}
UNCHANGED: Final = "Nothing was changed."
REPLACED: Final = (
    "The text was not changed. Should the clipboard hold something else: "
    "Restore Clipboard in the menu brings back what it held."
)


class UndoJob:
    """Main thread only; step() every host.paste.POLL_S until its report.

    keywords   the user's, where the words alone are to be put there; None: nothing is
    """

    def __init__(
        self, parts: InsertTools, keywords: tuple[str, ...] | None = None
    ) -> None:
        self._parts = parts
        self._host, self._hung_windows = parts.host, parts.hung_windows
        self._recent = parts.context.recent
        self._keywords = keywords
        self._inserted: InsertedText | None = None
        self._raw = ""
        self._way_back: UndoTransaction | None = None
        self._way: InsertMethod | None = None
        self._held_since_s: float | None = None

    @property
    def is_told(self) -> bool:
        """Placing.is_told."""
        return self._way is not None and self._way.told is not None

    @property
    def is_borrowing(self) -> bool:
        """Whether it needs the clipboard now."""
        ways = (self._way, self._way_back)
        return any(way is not None and way.is_borrowing for way in ways)

    def step(self, now_s: float, *, speaking: bool) -> InsertReport | None:
        """Do what is due; a report when it is over.

        speaking   the hold key is down: wait for it as long as it takes
        """
        if self._way is not None and self._inserted is not None:
            return self._follow(self._way, self._inserted, now_s)
        if self._way_back is not None and self._inserted is not None:
            taken = self._way_back.evaluate(now_s)
            return self._taken(self._inserted, taken, now_s) if taken else None
        waits = target_or_keys_problem(self._host, self._host.focus.current())
        if waits is not None:
            if speaking or self._held_since_s is None:
                self._held_since_s = now_s
            too_long = now_s - self._held_since_s >= MODIFIERS_S
            return _unchanged(waits) if too_long else None
        return self._begin(now_s)

    def give_up(self, now_s: float) -> InsertReport | None:
        """Placing.give_up."""
        way, inserted = self._way, self._inserted
        if way is None or inserted is None or not way.is_in_doubt(now_s):
            return self.step(now_s, speaking=False)
        return self._replaced(inserted, way.abandon())

    def abandon(self) -> tuple[Snapshot, ...]:
        """End at once; Report.replaced."""
        if self._way is not None:
            self._way.abandon()
        if self._way_back is None:
            return ()
        taken = self._way_back.abandon()
        self._hung_windows.add(taken.debt)
        return taken.replaced

    def _begin(self, now_s: float) -> InsertReport | None:
        self._inserted = last = self._recent.last()
        if last is None:
            return InsertReport(None, EntryStatus.WRITTEN, NOTHING)
        if is_terminal(last.target):
            return InsertReport(None, EntryStatus.WRITTEN, TERMINAL)
        if len(last.text) > LONGEST:
            return InsertReport(None, EntryStatus.WRITTEN, LONG)
        if self._keywords is not None:
            self._raw = as_raw(last.text, self._keywords)
            if self._raw == last.text:
                return InsertReport(None, EntryStatus.WRITTEN, RAW)
        why = target_problem(self._host, last.target)
        if why is not None:
            return _unchanged(why)
        if self._hung_windows.any_hung(now_s):
            return _unchanged(OWED)
        host = self._host
        self._way_back = UndoTransaction(
            last.text,
            last.target,
            host.clipboard,
            host.paster,
            host.caret,
            host.focus,
            host.hotkeys.other_presses,
            keeps=self._keywords is not None,
            ask=host.ask,
        )
        return None

    def _taken(
        self, inserted: InsertedText, ended: UndoOutcome, now_s: float
    ) -> InsertReport | None:
        self._hung_windows.add(ended.debt)
        if ended.taken is not UndoFate.BACK:
            why = ended.why.line() if ended.why else WHY[ended.taken]
            return _unchanged(why, ended.replaced)
        self._recent.remove(inserted)
        if self._keywords is None:
            return InsertReport(inserted.utterance, EntryStatus.WRITTEN, UNDONE)
        self._way = InsertMethod(self._parts, self._raw, inserted.target, PLAIN, now_s)
        return None

    def _follow(
        self, way: InsertMethod, inserted: InsertedText, now_s: float
    ) -> InsertReport | None:
        outcome = way.evaluate(now_s)
        if outcome is not None:
            return self._replaced(inserted, outcome)
        doubt = way.news(now_s)
        if doubt is None:
            return None
        return InsertReport(inserted.utterance, *DOUBTS[doubt], is_over=False)

    def _replaced(self, before: InsertedText, outcome: Outcome) -> InsertReport:
        number = before.utterance
        now = self._recent.inserting(number, self._raw, before.target, before.after)
        told = self._way.told if self._way is not None else None
        if outcome.fate is Fate.INSERTED:
            self._recent.add(now)
            return InsertReport(number, EntryStatus.INSERTED, LATE if told else None)
        if outcome.fate in (Fate.UNKNOWN, Fate.TYPED):
            self._recent.add(now)
        self._recent.move_on()
        if outcome.fate in DOUBTS:
            status, said = DOUBTS[outcome.fate]
            if told is outcome.fate:
                return InsertReport(None, status)
            return InsertReport(number, status, said)
        why = outcome.why.line() if outcome.why else HELD
        return fallback_report(self._parts, number, self._raw, why)


def _unchanged(why: str, replaced: tuple[Snapshot, ...] = ()) -> InsertReport:
    rest = REPLACED if replaced else UNCHANGED
    return InsertReport(None, EntryStatus.WRITTEN, f"{why} {rest}", replaced)


_MARKS: Final = '.,;:!?…"“”„«»()[]'
_ENDS: Final = (".", "!", "?", "…")
_CLOSING: Final = '"”»)]'


def as_raw(text: str, keywords: Iterable[str] = ()) -> str:
    """The words alone, with the spaces they had around them."""
    known = tuple(keywords)
    words, begins = [], True
    for dressed in text.split():
        bare = dressed.strip(_MARKS)
        if bare:
            words.append(lower_first(bare, known) if begins else bare)
        begins = dressed.rstrip(_CLOSING).endswith(_ENDS)
    core = text.strip()
    before, after = text.split(core) if core else (text, "")
    return f"{before}{' '.join(words)}{after}"
