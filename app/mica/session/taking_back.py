"""The newest insertion taken back, or its words put there without their dress.

Finds out whether that can be tried, leaves it to host/takeback, and says how it ended.
And what the clipboard held, put there again.
"""

from collections.abc import Callable
from typing import Final

from mica.history.store import Status
from mica.host.apps import is_terminal
from mica.host.owed import Owed
from mica.host.paste import MODIFIERS_S, Fate, Outcome, PasteTransaction
from mica.host.ports import Clipboard, Host, Snapshot
from mica.host.takeback import LONGEST, TakeBack, Taken, TakenBack
from mica.host.typing import Typing
from mica.session.placing import HELD, NOT_TAKEN, PLAIN, Report, left, problem, way_in
from mica.session.raw import as_raw
from mica.session.trail import Inserted, Trail

UNDONE: Final = "The last dictation is taken back. It is in the history."
NOTHING: Final = "There is no dictation to take back."
RAW: Final = "The last dictation has no punctuation already."
TERMINAL: Final = "A terminal gives no text back. Delete it by its own keys."
LONG: Final = "The last dictation is too long for this. Use the program's own undo."
OWED: Final = "A program hangs that may yet use the clipboard. Try again later."
WHY: Final = {
    Taken.ANOTHER: "What stands before the cursor is no longer the last dictation.",
    Taken.UNKNOWN: "This program does not say what stands before the cursor.",
    Taken.LEFT: "You went on meanwhile.",
    Taken.REFUSED: HELD,
}
UNCHANGED: Final = "Nothing was changed."
REPLACED: Final = (
    "The text was not changed. Should the clipboard hold something else: "
    "Restore Clipboard in the menu brings back what it held."
)
NOT_REPLACED: Final = "Nothing else was on the clipboard that Mica knows of."
RESTORED: Final = "The clipboard holds again what it held."


class TakingBack:
    """Main thread only; step() every host.paste.POLL_S until its report.

    leave      a text on the clipboard, for the user to paste; False: it must not be
    keywords   the user's, where the words alone are to be put there; None: nothing is
    """

    def __init__(
        self,
        host: Host,
        trail: Trail,
        owed: Owed,
        leave: Callable[[str], bool],
        keywords: tuple[str, ...] | None = None,
    ) -> None:
        self._host, self._trail = host, trail
        self._owed, self._leave = owed, leave
        self._keywords = keywords
        self._inserted: Inserted | None = None
        self._raw = ""
        self._way_back: TakeBack | None = None
        self._paste: PasteTransaction | Typing | None = None
        self._held_since_s: float | None = None

    def step(self, now_s: float, *, speaking: bool) -> Report | None:
        """Do what is due; a report when it is over.

        speaking   the hold key is down: wait for it as long as it takes
        """
        if self._paste is not None and self._inserted is not None:
            outcome = self._paste.evaluate(now_s)
            return self._replaced(self._inserted, outcome) if outcome else None
        if self._way_back is not None and self._inserted is not None:
            taken = self._way_back.evaluate(now_s)
            return self._taken(self._inserted, taken, now_s) if taken else None
        if not self._host.paster.ready():
            if speaking or self._held_since_s is None:
                self._held_since_s = now_s
            too_long = now_s - self._held_since_s >= MODIFIERS_S
            return _unchanged(HELD) if too_long else None
        return self._begin(now_s)

    def abandon(self) -> tuple[Snapshot, ...]:
        """End at once; Report.replaced."""
        if self._paste is not None:
            self._owed.add(self._paste.abandon().debt)
        if self._way_back is None:
            return ()
        taken = self._way_back.abandon()
        self._owed.add(taken.debt)
        return taken.replaced

    def _begin(self, now_s: float) -> Report | None:
        self._inserted = last = self._trail.last()
        if last is None:
            return Report(None, Status.WRITTEN, NOTHING)
        if is_terminal(last.target):
            return Report(None, Status.WRITTEN, TERMINAL)
        if len(last.text) > LONGEST:
            return Report(None, Status.WRITTEN, LONG)
        if self._keywords is not None:
            self._raw = as_raw(last.text, self._keywords)
            if self._raw == last.text:
                return Report(None, Status.WRITTEN, RAW)
        why = problem(self._host, last.target)
        if why is not None:
            return _unchanged(why)
        if self._owed.is_any(now_s):
            return _unchanged(OWED)
        host = self._host
        self._way_back = TakeBack(
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
        self, inserted: Inserted, ended: TakenBack, now_s: float
    ) -> Report | None:
        self._owed.add(ended.debt)
        if ended.taken is not Taken.BACK:
            why = ended.why.line() if ended.why else WHY[ended.taken]
            return _unchanged(why, ended.replaced)
        self._trail.remove(inserted)
        if self._keywords is None:
            return Report(inserted.utterance, Status.WRITTEN, UNDONE)
        self._paste = way_in(
            self._host, self._owed, self._raw, inserted.target, now_s, PLAIN
        )
        return None

    def _replaced(self, before: Inserted, outcome: Outcome) -> Report:
        number = before.utterance
        self._owed.add(outcome.debt)
        if outcome.fate is Fate.INSERTED:
            now = self._trail.inserting(number, self._raw, before.target, before.after)
            self._trail.add(now)
            return Report(number, Status.INSERTED)
        self._trail.move_on()
        if outcome.fate is Fate.UNREAD:
            return Report(number, Status.WRITTEN, NOT_TAKEN)
        why = outcome.why.line() if outcome.why else HELD
        return left(self._leave, number, self._raw, why)


class PuttingBack:
    """What the clipboard held, there again, and what it holds set aside. One step.

    exchange   Insertion's: what is put back, for what is there
    """

    def __init__(
        self, clipboard: Clipboard, exchange: Callable[[Snapshot], Snapshot | None]
    ) -> None:
        self._clipboard, self._exchange = clipboard, exchange

    def step(self, now_s: float, *, speaking: bool) -> Report:
        back = self._exchange(self._clipboard.snapshot())
        if back is None:
            return Report(None, Status.WRITTEN, NOT_REPLACED)
        self._clipboard.restore(back)
        return Report(None, Status.WRITTEN, RESTORED)

    def abandon(self) -> tuple[Snapshot, ...]:
        """Done at once; Report.replaced."""
        return self.step(0.0, speaking=False).replaced


def _unchanged(why: str, replaced: tuple[Snapshot, ...] = ()) -> Report:
    rest = REPLACED if replaced else UNCHANGED
    return Report(None, Status.WRITTEN, f"{why} {rest}", replaced)
