"""Inserts one text into the window it was dictated for.

Checks that the window still has the focus, waits for held modifiers, fits the text to
what stands around the caret, and runs a paste or typing transaction. Text that cannot
be inserted goes to the clipboard, unless a window hangs or the clipboard's content
cannot be saved; the report says which. It does not write to the library.

    prepare --> paste or type --> check arrival --> press Return --> report
       ^              |          (if the field's    (if that
       `--a modifier--'           text is readable)   is chosen)
"""

from collections.abc import Iterable
from typing import Final

from mica.errors import MicaError, PermissionDenied
from mica.host.apps import is_terminal
from mica.host.values import Snapshot, Target
from mica.insertion import strings
from mica.insertion.keystrokes import TypingTransaction
from mica.insertion.outcome import InsertOutcome, InsertResult
from mica.insertion.paste import PasteTransaction
from mica.insertion.receipts import Arrival
from mica.insertion.recent import InsertedText
from mica.insertion.request import InsertReport, InsertRequest, fitted
from mica.insertion.timing import ModifierWait
from mica.insertion.transactions import (
    InsertTools,
    is_own,
    keys_problem,
    paste_transaction,
    submit_problem,
    target_problem,
    typing_transaction,
)
from mica.library.store import EntryStatus

QUERY_S: Final = 0.1  # how long a text may wait for Accessibility's answer
#: The report of a text whose keys were sent but whose arrival is not confirmed.
UNCONFIRMED: Final = {
    InsertResult.UNREAD: (EntryStatus.WRITTEN, strings.NOT_INSERTED),
    InsertResult.UNKNOWN: (EntryStatus.UNKNOWN, strings.NOT_CONFIRMED),
    InsertResult.TYPED: (EntryStatus.UNKNOWN, strings.NOT_CONFIRMED),
}


class InsertJob:
    """Inserts one text. Main thread only; call step() every POLL_S until it reports.

    replaces   the text, now selected, that this one replaces
    """

    def __init__(
        self,
        request: InsertRequest,
        tools: InsertTools,
        replaces: InsertedText | None = None,
    ) -> None:
        self.request = request
        self._tools, self._host = tools, tools.host
        self._recent = tools.context.recent
        self._replaces = replaces
        self._modifiers = ModifierWait()
        self._query_began_s: float | None = None
        self._transaction: PasteTransaction | TypingTransaction | None = None
        self._is_typing_chosen = False  # then its limits are not mentioned each time
        self._sent: InsertedText | None = None  # what the transaction inserts
        self._can_check = False  # whether the field's text is readable
        self._arrival: Arrival | None = None
        self._result: InsertResult | None = None  # once the transaction is over
        self._reported: InsertResult | None = None  # while the text is still offered
        self._is_submitting = False

    @property
    def is_reported(self) -> bool:
        """Whether the user has had a report, even if the text is still offered."""
        return self._reported is not None

    @property
    def is_borrowing(self) -> bool:
        """Whether it is using the clipboard."""
        return self._transaction is not None and self._transaction.is_borrowing

    def step(self, now_s: float, *, speaking: bool) -> InsertReport | None:
        """Do the next step; a report when the text is done with.

        speaking   the hold key is down: wait however long that takes
        """
        try:
            return self._step(now_s, speaking)
        except MicaError as error:
            return self._fall_back(error.line())

    def yield_to_next(self, now_s: float) -> InsertReport | None:
        """step(), for a job that is_reported while another waits: stop offering the
        text, unless it has been read after all."""
        transaction = self._transaction
        assert transaction is not None
        if transaction.provisional_result(now_s) is None:
            return self.step(now_s, speaking=False)
        outcome = transaction.cancel()
        self._tools.on_outcome(outcome)
        return self._finish(outcome)

    def cancel(self) -> tuple[Snapshot, ...]:
        """Restore the clipboard now, as the app quits; see InsertReport.replaced."""
        if self._transaction is not None and self._transaction.outcome is None:
            self._tools.on_outcome(self._transaction.cancel())
        return ()

    def _step(self, now_s: float, speaking: bool) -> InsertReport | None:
        if self._is_submitting:
            return self._submit(now_s, speaking)
        if self._arrival is not None:
            return self._check_arrival(self._arrival, now_s)
        if self._transaction is None:
            report = self._prepare(now_s, speaking)
            if self._transaction is None:
                return report
        outcome = self._evaluate(now_s)
        if outcome is None:
            return self._provisional_report(now_s)
        is_read = outcome.result is InsertResult.INSERTED and self._is_paste
        if is_read and self._can_check:
            assert self._sent is not None
            query, is_touched = self._host.query_surrounding, self._recent.touched
            self._arrival = Arrival(self._sent, query, is_touched, now_s)
            return None
        return self._finish(outcome)

    def _prepare(self, now_s: float, speaking: bool) -> InsertReport | None:
        """Begin the transaction once nothing prevents it; a report if something
        does."""
        target, options = self.request.target, self.request.options
        problem = keys_problem(self._host, target)
        if problem is not None:
            is_over = self._has_waited(now_s, speaking)
            return self._fall_back(problem) if is_over else None
        problem = target_problem(self._host, target)
        if problem is not None:
            return self._fall_back(problem)
        assert target is not None
        if self._tools.hung_windows.is_hung(target, now_s):
            return self._fall_back(strings.WINDOW_HUNG)
        if not options.spaced or self._has_looked(target, now_s):
            self._begin(target, now_s)
        return None

    def _begin(self, target: Target, now_s: float) -> None:
        tools, options = self._tools, self.request.options
        around = tools.context.around(target) if options.spaced else None
        text = fitted(self.request, around)
        self._can_check = (
            around is not None and around.is_current and not is_terminal(target)
        )
        beside = around or self._replaces
        self._sent = InsertedText(
            self.request.utterance,
            text,
            target,
            presses=self._recent.count_presses(),
            after=beside.after if beside is not None else "",
            keywords=self.request.keywords,
        )
        can_paste = self._host.paster.can_paste(target)
        self._is_typing_chosen = options.typed or not can_paste
        if self._is_typing_chosen or tools.must_type(now_s):
            self._transaction = typing_transaction(self._host, text, target)
        else:
            self._transaction = paste_transaction(tools, text, target, options)

    def _has_looked(self, target: Target, now_s: float) -> bool:
        """Whether Accessibility has answered for the caret, or had its time."""
        if self._query_began_s is None:
            self._query_began_s = now_s
        is_late = now_s - self._query_began_s >= QUERY_S
        return self._tools.context.look(target) or is_late

    def _has_waited(self, now_s: float, speaking: bool) -> bool:
        """Whether the user has held keys for too long."""
        if speaking:
            self._modifiers.restart()
        return self._modifiers.is_over(now_s)

    def _evaluate(self, now_s: float) -> InsertOutcome | None:
        """The transaction's outcome; text that cannot be pasted is typed."""
        assert self._transaction is not None and self._sent is not None
        outcome = self._transaction.evaluate(now_s)
        if outcome is not None and outcome.result is InsertResult.UNSAVED:
            sent = self._sent
            self._transaction = typing_transaction(self._host, sent.text, sent.target)
            outcome = self._transaction.evaluate(now_s)
        if outcome is not None:
            self._tools.on_outcome(outcome)
        return outcome

    @property
    def _is_paste(self) -> bool:
        return isinstance(self._transaction, PasteTransaction)

    def _provisional_report(self, now_s: float) -> InsertReport | None:
        """One report if the text is still offered and the window has not read it."""
        if self._reported is not None or self._transaction is None:
            return None
        self._reported = self._transaction.provisional_result(now_s)
        if self._reported is None:
            return None
        status, message = self._unconfirmed(self._reported)
        return InsertReport(self.request.utterance, status, message, is_over=False)

    def _check_arrival(self, arrival: Arrival, now_s: float) -> InsertReport | None:
        is_there = arrival.is_there(now_s)
        if is_there is None:
            return None
        if is_there:
            return self._inserted(InsertResult.INSERTED)
        return self._unconfirmed_report(InsertResult.UNKNOWN)

    def _finish(self, outcome: InsertOutcome) -> InsertReport | None:
        """The report of a finished transaction, unless more is left to do."""
        if outcome.result in (InsertResult.INSERTED, InsertResult.TYPED):
            return self._inserted(outcome.result)
        if outcome.result in UNCONFIRMED:
            return self._unconfirmed_report(outcome.result)
        if self._is_paste and outcome.error is None:
            self._transaction = None  # a modifier went down at that moment: begin again
            return None
        self._recent.move_on()  # part of it may have been typed
        if isinstance(outcome.error, PermissionDenied):
            self._tools.request_permission()
        error = outcome.error
        return self._fall_back(error.line() if error else strings.MODIFIER_HELD)

    def _inserted(self, result: InsertResult) -> InsertReport | None:
        assert self._sent is not None
        self._recent.add(self._sent)
        self._result = result
        if not self.request.options.submits:
            return self._inserted_report()
        self._is_submitting = True
        self._modifiers.restart()
        return None

    def _inserted_report(self, not_submitted: str | None = None) -> InsertReport:
        """The user may have been told that it did not arrive. Typing by the user's
        choice is not mentioned, although its result is unknown."""
        assert self._sent is not None
        status = EntryStatus.INSERTED
        result = strings.INSERTED_LATE if self.is_reported else None
        if self._result is InsertResult.TYPED:
            status, unconfirmed = UNCONFIRMED[InsertResult.TYPED]
            result = None if self._is_typing_chosen else unconfirmed
        is_fallback = not (self._is_paste or self._is_typing_chosen)
        has_lost_breaks = is_fallback and "\n" in self._sent.text.strip()
        lost = strings.LINE_BREAKS_LOST if has_lost_breaks else None
        message = _joined((result, lost, not_submitted))
        return InsertReport(self.request.utterance, status, message)

    def _unconfirmed_report(self, result: InsertResult) -> InsertReport:
        """The report if keys were sent: the text may be there, or may arrive late."""
        assert self._sent is not None
        if result is InsertResult.UNKNOWN:
            self._recent.add(self._sent)  # Undo checks first that it is there
        self._recent.move_on()
        status, message = self._unconfirmed(result)
        if self._reported is result:
            return InsertReport(None, status)
        return InsertReport(self.request.utterance, status, message)

    def _unconfirmed(self, result: InsertResult) -> tuple[EntryStatus, str]:
        """The status, and a message with the likely cause."""
        status, message = UNCONFIRMED[result]
        if result is InsertResult.UNREAD and is_own(self.request.target):
            return status, strings.NOT_INSERTED_IN_MICA
        owner = self._host.focus.secure_input_owner()
        cause = None if owner is None else strings.secure_input(owner)
        return status, _joined((cause, message)) or message

    def _submit(self, now_s: float, speaking: bool) -> InsertReport | None:
        """Press Return, if the caret is still at the end of the text, and report."""
        assert self._sent is not None
        is_ready = self._host.paster.ready()
        if not is_ready and not self._has_waited(now_s, speaking):
            return None
        is_touched = self._recent.touched(self._sent)
        problem = submit_problem(self._host, self._sent.target, is_touched=is_touched)
        if problem is not None:
            return self._inserted_report(f"{problem} {strings.NOT_SUBMITTED}")
        self._recent.submit(self._sent)
        return self._inserted_report()

    def _fall_back(self, why: str) -> InsertReport:
        """Leave a text that could not be inserted on the clipboard, and report that."""
        status, result = self._tools.leave_on_clipboard(self.request.text)
        return InsertReport(self.request.utterance, status, f"{why} {result}")


def _joined(lines: Iterable[str | None]) -> str | None:
    """The lines as one message; None if there are none."""
    return " ".join(line for line in lines if line) or None
