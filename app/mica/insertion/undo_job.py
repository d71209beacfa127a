"""Undoes the newest insertion in the focused window, or removes its punctuation.

Checks whether that is possible, runs an undo transaction, and reports how it ended. To
remove punctuation, the text is left selected and an insert job pastes over it.
"""

from dataclasses import replace
from typing import Final

from mica.host.apps import is_terminal
from mica.host.values import Snapshot
from mica.insertion import strings
from mica.insertion.insert_job import InsertJob
from mica.insertion.options import InsertOptions
from mica.insertion.recent import InsertedText
from mica.insertion.request import InsertReport, InsertRequest
from mica.insertion.timing import ModifierWait
from mica.insertion.transactions import InsertTools, keys_problem, target_problem
from mica.insertion.undo import LONGEST, UndoOutcome, UndoResult, UndoTransaction
from mica.library.store import EntryStatus
from mica.text.capitals import without_punctuation

WHY: Final = {
    UndoResult.CHANGED: strings.TEXT_CHANGED,
    UndoResult.UNKNOWN: strings.TEXT_UNKNOWN,
    UndoResult.UNSAVED: strings.CLIPBOARD_NOT_SAVED,
    UndoResult.INTERRUPTED: strings.UNDO_INTERRUPTED,
    UndoResult.REFUSED: strings.MODIFIER_HELD,
}
_UNDO_REFUSALS: Final = (
    strings.NOTHING_TO_UNDO,
    strings.UNDO_IN_TERMINAL,
    strings.UNDO_TOO_LONG,
)
_STRIP_REFUSALS: Final = (
    strings.NO_DICTATION,
    strings.STRIP_IN_TERMINAL,
    strings.STRIP_TOO_LONG,
)


class UndoJob:
    """Undoes one insertion; call step() every POLL_S until it reports.

    reinserts_words   replace the text by its words without punctuation
    Threads: main thread only.
    """

    def __init__(self, tools: InsertTools, *, reinserts_words: bool = False) -> None:
        self._tools, self._host = tools, tools.host
        self._recent = tools.context.recent
        self._reinserts_words = reinserts_words
        self._modifiers = ModifierWait()
        self._inserted: InsertedText | None = None
        self._transaction: UndoTransaction | None = None
        self._replacement: InsertJob | None = None

    @property
    def is_reported(self) -> bool:
        """See InsertJob.is_reported."""
        return self._replacement is not None and self._replacement.is_reported

    @property
    def is_borrowing(self) -> bool:
        """Whether it is using the clipboard."""
        at_work = (self._transaction, self._replacement)
        return any(part is not None and part.is_borrowing for part in at_work)

    def step(self, now_s: float, *, speaking: bool) -> InsertReport | None:
        """Do the next step; a report when it is over.

        speaking   the hold key is down: wait however long that takes
        """
        if self._replacement is not None:
            report = self._replacement.step(now_s, speaking=speaking)
            return _with_words(report, self._replacement)
        if self._transaction is not None and self._inserted is not None:
            outcome = self._transaction.evaluate(now_s)
            return self._finish(self._inserted, outcome) if outcome else None
        problem = keys_problem(self._host, self._host.focus.current())
        if problem is None:
            return self._begin(now_s)
        if speaking:
            self._modifiers.restart()
        return _unchanged(problem) if self._modifiers.is_over(now_s) else None

    def yield_to_next(self, now_s: float) -> InsertReport | None:
        """See InsertJob.yield_to_next."""
        assert self._replacement is not None
        report = self._replacement.yield_to_next(now_s)
        return _with_words(report, self._replacement)

    def cancel(self) -> tuple[Snapshot, ...]:
        """End at once; see InsertReport.replaced."""
        if self._replacement is not None:
            self._replacement.cancel()
        if self._transaction is None:
            return ()
        outcome = self._transaction.cancel()
        self._tools.hung_windows.add(outcome.unanswered)
        return outcome.replaced

    def _begin(self, now_s: float) -> InsertReport | None:
        current = self._host.focus.current()
        last = None if current is None else self._recent.last_in(current)
        refusal = self._refusal(last)
        if refusal is not None or last is None:
            return InsertReport(None, EntryStatus.WRITTEN, refusal)
        self._inserted = last
        problem = target_problem(self._host, last.target)
        if problem is not None:
            return _unchanged(problem)
        if self._tools.hung_windows.any_hung(now_s):
            return _unchanged(strings.UNDO_BLOCKED)
        self._transaction = UndoTransaction(
            last.text, last.target, self._host, leaves_selected=self._reinserts_words
        )
        return None

    def _refusal(self, last: InsertedText | None) -> str | None:
        """Why it is not possible, worded for the user's request; None if it is."""
        if self._reinserts_words:
            nothing, in_terminal, too_long = _STRIP_REFUSALS
        else:
            nothing, in_terminal, too_long = _UNDO_REFUSALS
        if last is None:
            return nothing
        if is_terminal(last.target):
            return in_terminal
        if len(last.text) > LONGEST:
            return too_long
        if self._reinserts_words and _words(last) == last.text:
            return strings.NO_PUNCTUATION
        return None

    def _finish(
        self, inserted: InsertedText, outcome: UndoOutcome
    ) -> InsertReport | None:
        self._tools.hung_windows.add(outcome.unanswered)
        if outcome.result is not UndoResult.REMOVED:
            error = outcome.error
            why = error.line() if error else WHY[outcome.result]
            return _unchanged(why, outcome.replaced)
        self._recent.remove(inserted)
        if not self._reinserts_words:
            number = inserted.utterance
            return InsertReport(number, EntryStatus.WRITTEN, strings.UNDONE)
        self._recent.move_on()  # the old text stays selected until the words replace it
        self._replacement = InsertJob(
            InsertRequest(
                inserted.utterance,
                _words(inserted),
                inserted.target,
                InsertOptions(spaced=False),
                inserted.keywords,
            ),
            self._tools,
            replaces=inserted,
        )
        return None


def _words(inserted: InsertedText) -> str:
    """That text without punctuation."""
    return without_punctuation(inserted.text, inserted.keywords)


def _with_words(
    report: InsertReport | None, replacement: InsertJob
) -> InsertReport | None:
    """The report, with the words if they were sent; else the text is still there."""
    if report is None or report.status not in (
        EntryStatus.INSERTED,
        EntryStatus.UNKNOWN,
    ):
        return report
    return replace(report, words=replacement.request.text.strip())


def _unchanged(why: str, replaced: tuple[Snapshot, ...] = ()) -> InsertReport:
    rest = strings.CLIPBOARD_AT_RISK if replaced else strings.UNCHANGED
    return InsertReport(None, EntryStatus.WRITTEN, f"{why} {rest}", replaced)
