"""The queue of insertions, undos and clipboard changes, done one at a time.

A job is one operation the user waits for: insert_job.py inserts a text, undo_job.py
deletes one, ClipboardJob changes the clipboard. Only the first job runs, because it may
use the clipboard; tick() steps it.

    add(“One.”), add(“Two.”)      InsertJob, InsertJob
    tick … tick                   the first pastes “One.”, reports and is dropped
    copy(“x”, “Copied.”)          InsertJob, ClipboardJob
    tick … tick                   “Two.” is pasted; then x is on the clipboard
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from mica import paths
from mica.host.ports import Host
from mica.host.values import Permission, Snapshot, Target
from mica.insertion import strings
from mica.insertion.borrowed_clipboard import BorrowedClipboard
from mica.insertion.context import CaretContext
from mica.insertion.hung_windows import HungWindows
from mica.insertion.insert_job import InsertJob
from mica.insertion.outcome import InsertOutcome, InsertResult
from mica.insertion.recent import DictatedWindows, RecentInsertions
from mica.insertion.request import InsertReport, InsertRequest
from mica.insertion.transactions import InsertTools
from mica.insertion.undo_job import UndoJob
from mica.insertion.user_clipboard import UserClipboard

TYPED: Final = 3  # texts to type after a manager took one; then one is pasted again
MAX_TYPED: Final = 48


class ClipboardJob:
    """Puts something on the clipboard for the user, in its turn. One step."""

    is_reported = True  # there is nothing to wait for
    is_borrowing = False

    def __init__(self, act: Callable[[], InsertReport]) -> None:
        self._act = act

    def step(self, now_s: float, *, speaking: bool) -> InsertReport:
        return self._act()

    def yield_to_next(self, now_s: float) -> InsertReport:
        return self._act()

    def cancel(self) -> tuple[Snapshot, ...]:
        """Do it at once; see InsertReport.replaced."""
        return self._act().replaced


class InsertionQueue:
    """Runs insertion jobs; call tick() every POLL_S while is_ticking.

    clipboard   what the user has on the clipboard, and what can be restored
    Threads: main thread only.
    """

    def __init__(
        self,
        host: Host,
        borrowed: BorrowedClipboard | None = None,
        on_request: Callable[[], None] = lambda: None,
        windows: DictatedWindows | None = None,
    ) -> None:
        """
        borrowed     the backup of the clipboard's content on disk, if any
        on_request   called when a job is added, so that ticks are needed
        """
        self._host, self._borrowed, self._on_request = host, borrowed, on_request
        self._hung_windows = HungWindows()
        self.clipboard = UserClipboard(host, self._any_hung)
        recent = RecentInsertions(
            host.hotkeys, host.keystrokes_since, windows or DictatedWindows()
        )
        self._context = CaretContext(host.query_surrounding, host.hotkeys, recent)
        self._tools = InsertTools(
            host=host,
            context=self._context,
            hung_windows=self._hung_windows,
            leave_on_clipboard=self.clipboard.leave_on_clipboard,
            must_type=lambda now_s: (
                self._hung_windows.any_hung(now_s) or self._to_type > 0
            ),
            on_borrow=self._save_on_disk,
            on_outcome=self._on_outcome,
            request_permission=self._request_permission,
        )
        self._jobs: deque[InsertJob | UndoJob | ClipboardJob] = deque()
        self._to_type = 0  # texts to type, since a manager overtook a window
        self._to_type_next = TYPED  # as many the next time
        self._now_s = 0.0
        self._has_requested_permission = False  # once is enough

    @property
    def is_ticking(self) -> bool:
        """Whether tick() must be called."""
        return self.busy or self.clipboard.is_watched

    @property
    def busy(self) -> bool:
        """Whether any job is left."""
        return bool(self._jobs)

    @property
    def working(self) -> bool:
        """Whether the user is waiting for a job."""
        return any(not job.is_reported for job in self._jobs)

    def look(self, target: Target) -> None:
        """Query the text in the target while the user dictates for it."""
        self._context.look(target)

    def add(self, request: InsertRequest) -> None:
        """Insert a text in its turn."""
        self._append(InsertJob(request, self._tools))

    def undo(self) -> None:
        """Delete the newest insertion in the focused window, in its turn."""
        self._append(UndoJob(self._tools))

    def remove_punctuation(self) -> None:
        """Replace the newest insertion in the focused window by its words alone."""
        self._append(UndoJob(self._tools, reinserts_words=True))

    def copy(self, text: str, message: str) -> None:
        """Copy a text the user asked for; `message` is shown when that is done."""
        self._append(ClipboardJob(lambda: self.clipboard.copy(text, message)))

    def restore_clipboard(self) -> None:
        """Restore the clipboard content that was set aside last, in its turn."""
        self._append(ClipboardJob(self.clipboard.restore))

    def is_inserting(self, utterance: int) -> bool:
        """Whether the utterance's text is on its way, without a report so far."""
        jobs = (job for job in self._jobs if isinstance(job, InsertJob))
        mine = (job for job in jobs if job.request.utterance == utterance)
        return any(not job.is_reported for job in mine)

    def tick(self, now_s: float, *, speaking: bool) -> InsertReport | None:
        """Do the next step; a report when a job is over or has news.

        speaking   the hold key is down: wait however long that takes
        """
        self._now_s = now_s
        job = self._jobs[0] if self._jobs else None
        if job is None or not job.is_borrowing:
            # what the next job saves must be the user's
            warning = self.clipboard.poll_guard(now_s)
            if job is None or warning is not None:
                return warning
        if job.is_reported and len(self._jobs) > 1:
            report = job.yield_to_next(now_s)
        else:
            report = job.step(now_s, speaking=speaking)
        if report is not None:
            self.clipboard.add(report.replaced)
        self.clipboard.withdraw()
        if report is None:
            return None
        if report.is_over:
            self._jobs.popleft()
            self._context.forget()
        return self._with_withdrawal(report)

    def cancel(self) -> None:
        """Cancel all jobs and restore the clipboard, at quit or when the user is
        away."""
        for job in self._jobs:
            self.clipboard.add(job.cancel())
        self._jobs.clear()
        self.clipboard.withdraw()
        self.clipboard.has_withdrawn = False  # the user cannot be told

    def _append(self, job: InsertJob | UndoJob | ClipboardJob) -> None:
        self._jobs.append(job)
        self._on_request()

    def _with_withdrawal(self, report: InsertReport) -> InsertReport:
        """The report, which also says that a text was removed from the clipboard."""
        if not self.clipboard.has_withdrawn:
            return report
        self.clipboard.has_withdrawn = False
        withdrawn = strings.WITHDRAWN
        return replace(
            report,
            message=f"{report.message} {withdrawn}" if report.message else withdrawn,
        )

    def _any_hung(self) -> bool:
        return self._hung_windows.any_hung(self._now_s)

    def _on_outcome(self, outcome: InsertOutcome) -> None:
        self._hung_windows.add(outcome.unanswered)
        self._count_typed(outcome)
        if outcome.guard is not None:
            self.clipboard.watch(outcome.guard)
        if self._borrowed is not None:
            self._borrowed.release()

    def _count_typed(self, outcome: InsertOutcome) -> None:
        """Count the texts to type before the next paste, which tests whether the
        clipboard manager still runs; doubled each time it does."""
        result = outcome.result
        if outcome.is_overtaken:
            self._to_type = self._to_type_next
            self._to_type_next = min(self._to_type_next * 2, MAX_TYPED)
        elif outcome.guard is not None and result is InsertResult.INSERTED:
            self._to_type_next = TYPED
        elif result in (InsertResult.TYPED, InsertResult.INSERTED) and self._to_type:
            self._to_type -= 1

    def _save_on_disk(self, text: str, before: Snapshot) -> None:
        if self._borrowed is not None:
            self._borrowed.save(text, before)

    def _request_permission(self) -> None:
        if not self._has_requested_permission:
            self._has_requested_permission = True
            self._host.permissions.request(Permission.INSERTION)


def open_queue(
    host: Host,
    on_request: Callable[[], None],
    private_texts: Callable[[], Sequence[str]] = tuple,
) -> InsertionQueue:
    """The app's queue. Restores what the clipboard held if Mica was killed, and backs
    up its content while Mica borrows the clipboard, except private texts."""
    borrowed = BorrowedClipboard(paths.borrowed_file(), private_texts)
    host.watch_held_content(borrowed.save_held)
    borrowed.restore(host.clipboard)
    windows = DictatedWindows(paths.dictated_windows_file())
    return InsertionQueue(host, borrowed, on_request, windows)
