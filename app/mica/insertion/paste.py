"""One insertion through the clipboard: publish, send the keys, wait for the read,
restore.

In every case the clipboard ends as the user had it, unless they copied something newer,
which stays; if it cannot be saved completely, it is not touched. Our own text from
another owner is not a newer copy: a clipboard manager has copied it, and the window may
read it from there unseen. The transaction does not choose the target, know the focus or
keep a queue. One must end before the next begins, or the next would take this one's
text for the user's. Pure but for its ports; the caller supplies the time.

    WAITING --modifiers up--> READING --read, then quiet--> over
       |                         |---read, then copied by the user--> over
       |                         `---never read-----------> over
       `---held too long, keys refused, cannot be saved---> over

The user has “theirs” on the clipboard and dictates “Hello.” into a window:

    0.00  evaluate   a modifier is held                           WAITING
    0.30  evaluate   snapshot “theirs”, publish “Hello.”,
                     send Ctrl+V                                  READING
    0.34             the window reads “Hello.”
    0.35  evaluate   a receipt                                    READING
    0.55  evaluate   QUIET_S without a further read:
                     restore “theirs”                             over: INSERTED
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mica.errors import InsertionError, MicaError, ModifierHeld
from mica.host.ports import Clipboard, Paster, WindowProbe
from mica.host.values import Snapshot, Target
from mica.insertion.clipboard_guard import ClipboardGuard
from mica.insertion.hung_windows import cannot_probe
from mica.insertion.outcome import ClipboardState, InsertOutcome, InsertResult
from mica.insertion.receipts import Receipts
from mica.insertion.timing import UNREAD_S, ModifierWait

QUIET_S: Final = 0.2  # no further read for this long ends it (Handy's paste_tx)
ANONYMOUS_QUIET_S: Final = 0.5  # if the reader may have been another program
REPORT_S: Final = 1.5  # report a window that handled the keys without reading


class PasteTransaction:
    """Pastes one text into one target.

    on_borrow   called with the clipboard's content right before the text replaces it;
                None: do not save or restore it, and leave the text there
    problem     why the target may not get the text, called right before the keys; None:
                it may
    probe       ports.Host.probe_window
    Threads: main thread, evaluate() every POLL_S until it returns an outcome.
    """

    def __init__(
        self,
        text: str,
        target: Target,
        clipboard: Clipboard,
        paster: Paster,
        *,
        on_borrow: Callable[[Snapshot], None] | None = lambda before: None,
        problem: Callable[[], str | None] = lambda: None,
        probe: Callable[[Target], WindowProbe] = cannot_probe,
    ) -> None:
        self.text, self.target = text, target
        self.outcome: InsertOutcome | None = None
        self._clipboard, self._paster = clipboard, paster
        self._on_borrow, self._problem, self._probe = on_borrow, problem, probe
        self._modifiers = ModifierWait()
        self._is_sending = False
        self._receipts: Receipts | None = None

    @property
    def is_borrowing(self) -> bool:
        """Whether the text is on the clipboard."""
        return self._receipts is not None and self.outcome is None

    def evaluate(self, now_s: float) -> InsertOutcome | None:
        """Do the next step; the outcome, or None until it is over.

        Calls after the end do nothing, nor do reentrant ones: reading some clipboards
        runs the event loop, and the keys would be sent twice.
        """
        if self.outcome is None and not self._is_sending:
            if self._receipts is None:
                self._wait_and_send(now_s)
            else:
                self._wait_for_reads(self._receipts, now_s)
        return self.outcome

    def provisional_result(self, now_s: float) -> InsertResult | None:
        """A result to report while the text is still offered: the target has handled
        the keys without reading. None while it is too early, and once it has read."""
        receipts = self._receipts
        if receipts is None or self.outcome is not None:
            return None
        is_due = now_s - receipts.sent_s >= REPORT_S and receipts.has_handled_keys
        return receipts.result() if is_due and receipts.received_s is None else None

    def cancel(self) -> InsertOutcome:
        """End at once, as when the app quits, and restore the clipboard."""
        if self.outcome is None:
            if self._receipts is None:
                self._refuse(None)
            else:
                self._finish(self._receipts)
        assert self.outcome is not None
        return self.outcome

    def _wait_and_send(self, now_s: float) -> None:
        """Send the keys once no modifier is held."""
        may_wait = not self._modifiers.is_over(now_s)
        if self._paster.ready():
            self._is_sending = True
            try:
                self._send(now_s, may_wait=may_wait)
            finally:
                self._is_sending = False
        elif not may_wait:
            self._refuse(None)

    def _send(self, now_s: float, *, may_wait: bool) -> None:
        clipboard, count = self._clipboard, self._clipboard.change_count()
        before = clipboard.snapshot() if self._on_borrow is not None else Snapshot()
        if may_wait and clipboard.change_count() != count:
            return  # the user copied during the read: read again
        if before.left_out:
            unsaved = InsertResult.UNSAVED, ClipboardState.AS_BEFORE
            self.outcome = InsertOutcome(*unsaved)
            return
        problem = self._problem()
        if problem is not None:
            self._refuse(InsertionError(problem))
            return
        if self._on_borrow is not None:
            self._on_borrow(before)
        clipboard.publish(self.text)
        self._receipts = Receipts(self.target, clipboard, before, self._probe, now_s)
        try:
            self._paster.press_paste_keys(self.target)
        except MicaError as error:
            known = None if isinstance(error, ModifierHeld) else error
            refused = InsertResult.REFUSED, ClipboardState.NEWER, known
            self._receipts.poll_owner()
            self.outcome = self._restored(self._receipts, InsertOutcome(*refused))

    def _wait_for_reads(self, receipts: Receipts, now_s: float) -> None:
        receipts.poll(now_s)
        is_late = now_s - receipts.sent_s >= UNREAD_S
        if receipts.received_s is None:
            # Also after a newer copy by the user: a slow target pastes that, but it
            # must not find the next dictation there instead.
            is_over = is_late
        elif receipts.has_newer_copy:
            is_over = True
        else:
            is_known = receipts.identifies_readers
            quiet_s = QUIET_S if is_known else ANONYMOUS_QUIET_S
            is_over = is_late or now_s - receipts.received_s >= quiet_s
        if is_over:
            self._finish(receipts)

    def _finish(self, receipts: Receipts) -> None:
        receipts.poll_owner()
        result = receipts.result()
        by_manager = receipts.is_overtaken or receipts.is_displaced
        ended = InsertOutcome(
            result,
            ClipboardState.NEWER,
            unanswered=receipts.unanswered_keys(),
            is_overtaken=by_manager and result is InsertResult.UNKNOWN,
        )
        self.outcome = self._restored(receipts, ended)

    def _refuse(self, error: MicaError | None) -> None:
        """End before the text reached the clipboard."""
        refused = InsertResult.REFUSED, ClipboardState.AS_BEFORE, error
        self.outcome = InsertOutcome(*refused)

    def _restored(self, receipts: Receipts, ended: InsertOutcome) -> InsertOutcome:
        """The outcome, with the clipboard restored unless the user has copied since."""
        if not receipts.has_newer_copy:
            if self._on_borrow is None:
                return replace(ended, clipboard=ClipboardState.TEXT)
            self._clipboard.restore(receipts.before)
            ended = replace(ended, clipboard=ClipboardState.AS_BEFORE)
        guard = ClipboardGuard(self.target, receipts.before, self._clipboard)
        return replace(ended, guard=guard)
