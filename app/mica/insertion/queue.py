"""The queue of texts on their way into windows, one after the other, and back out.

What is done with one is insert_job.py's and undo_job.py's business; what the user wants
on the clipboard is done here, when it is its turn. It keeps, in memory, what was
inserted lately, and what the clipboard held before something was left there.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mica.host.ports import Host, Permission, Snapshot, Target
from mica.insertion.borrowed_clipboard import BorrowedClipboard
from mica.insertion.clip_text import text_of
from mica.insertion.clipboard_guard import ClipboardGuard, GuardVerdict
from mica.insertion.context import CaretContext
from mica.insertion.hung_windows import HungWindows
from mica.insertion.insert_job import InsertJob, InsertReport, InsertRequest
from mica.insertion.method import KEPT, InsertTools
from mica.insertion.paste import Fate, Outcome
from mica.insertion.recent import RecentInsertions
from mica.insertion.undo_job import UndoJob
from mica.library.store import EntryStatus

MOST: Final = 4  # set aside: by one text, an undo before it, and what is put back
TYPED: Final = 3  # texts after a manager took one over, then one is pasted again
TYPED_MOST: Final = 48
COPIED: Final = "The text is on the clipboard."
WITHDRAWN: Final = (
    "The text left on the clipboard was taken off it; it is in the history."
)
NOT_REPLACED: Final = "Nothing to restore."
RESTORED: Final = "Clipboard restored."
NOT_LEFT: Final = f"What is on the clipboard could not be saved, so it stays. {KEPT}"
UNSAVED: Final = "What was there before could not be saved."
TAKEN_OVER: Final = (
    "Another program keeps putting the text on the clipboard. "
    "Restore Clipboard in the menu brings back what it held."
)
MAYBE_TAKEN_OVER: Final = (
    "The text is on the clipboard, and you may have copied it. If you did not: "
    "Restore Clipboard in the menu brings back what it held."
)


class ClipboardJob:
    """Something the user wants on the clipboard, when it is its turn. One step."""

    is_told = True  # there is nothing to wait for
    is_borrowing = False

    def __init__(self, act: Callable[[], InsertReport]) -> None:
        self._act = act

    def step(self, now_s: float, *, speaking: bool) -> InsertReport:
        return self._act()

    def give_up(self, now_s: float) -> InsertReport:
        return self._act()

    def abandon(self) -> tuple[Snapshot, ...]:
        """Done at once; Report.replaced."""
        return self._act().replaced


class InsertionQueue:
    """Main thread only; tick() every host.paste.POLL_S while busy or watching.

    set_aside   what the clipboard held before a text of ours, or before a copy that may
                not be the user's; oldest first
    """

    def __init__(self, host: Host, borrowed: BorrowedClipboard | None = None) -> None:
        """borrowed   where the clipboard's content is on disk meanwhile, if anywhere"""
        self.set_aside: tuple[Snapshot, ...] = ()
        self._host, self._borrowed = host, borrowed
        self._hung_windows = HungWindows()
        recent = RecentInsertions(host.hotkeys, host.strokes_since)
        self._context = CaretContext(host.query, host.hotkeys, recent)
        self._parts = InsertTools(
            host=host,
            context=self._context,
            hung_windows=self._hung_windows,
            leave=self._leave,
            is_typed=lambda now_s: (
                self._hung_windows.any_hung(now_s) or self._typed_due > 0
            ),
            keep=self._keep_on_disk,
            on_outcome=self._on_outcome,
            ask=self._ask,
        )
        self._waiting: deque[InsertJob | UndoJob | ClipboardJob] = deque()
        self._left: str | None = None  # the text of ours that was left there last
        self._guard: ClipboardGuard | None = None  # of what was put back last
        self._presses: int | None = None  # the user's, then
        self._typed_due = 0  # texts, since a manager was quicker than a window
        self._typed_next = TYPED  # as many, should it be so again
        self._now_s = 0.0
        self._withdrew = False  # and it was not said yet
        self._asked = False  # for the permission to paste; once is enough

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self._waiting)

    @property
    def working(self) -> bool:
        """Whether the user waits for the end of it."""
        return any(not job.is_told for job in self._waiting)

    @property
    def watching(self) -> bool:
        """Whether what was put back is watched for a while."""
        return self._guard is not None

    def add(self, words: InsertRequest) -> None:
        """Insert them when it is their turn."""
        self._waiting.append(InsertJob(words, self._parts))

    def look(self, target: Target) -> None:
        """A text for it is being spoken: find out what stands there."""
        self._context.look(target)

    def take_back(self) -> None:
        """Delete the newest insertion, when it is its turn."""
        self._waiting.append(UndoJob(self._parts))

    def make_raw(self, keywords: tuple[str, ...]) -> None:
        """Put the words alone where the newest insertion stands."""
        self._waiting.append(UndoJob(self._parts, keywords))

    def copy(self, text: str, said: str) -> None:
        """What the user wants there; what it takes the place of is set aside."""
        self._waiting.append(ClipboardJob(lambda: self._copied(text, said)))

    def restore_clipboard(self) -> None:
        """Put there again what was set aside last, when it is its turn."""
        self._waiting.append(ClipboardJob(self._restored))

    def holds(self, utterance: int) -> bool:
        """Whether its text is on its way, for all the user knows."""
        jobs = (job for job in self._waiting if isinstance(job, InsertJob))
        return any(job.words.utterance == utterance for job in jobs if not job.is_told)

    def tick(self, now_s: float, *, speaking: bool) -> InsertReport | None:
        """Do what is due; a report when one is done with, or there is news of it.

        speaking   the hold key is down: wait for it as long as it takes
        """
        self._now_s = now_s
        job = self._waiting[0] if self._waiting else None
        # what a job is about to save must be the user's
        warning = self._watch(now_s) if job is None or not job.is_borrowing else None
        if job is None or warning is not None:
            return warning
        if job.is_told and len(self._waiting) > 1:
            report = job.give_up(now_s)
        else:
            report = job.step(now_s, speaking=speaking)
        if report is not None:
            self._keep(report.replaced)
        self._withdraw()
        if report is None:
            return None
        if report.is_over:
            self._waiting.popleft()
            self._context.forget()
        if not self._withdrew:
            return report
        self._withdrew = False
        said = f"{report.message} {WITHDRAWN}" if report.message else WITHDRAWN
        return replace(report, message=said)

    def abandon(self) -> None:
        """The app quits, or the user went: the clipboard is put back now."""
        for job in self._waiting:
            self._keep(job.abandon())
        self._waiting.clear()
        self._withdraw()
        self._withdrew = False  # nobody is here to be told

    def _on_outcome(self, outcome: Outcome) -> None:
        self._hung_windows.add(outcome.debt)
        self._count(outcome)
        if outcome.guard is not None:
            self._guard = outcome.guard
            self._presses = self._host.hotkeys.other_presses()
        if self._borrowed is not None:
            self._borrowed.drop()

    def _count(self, outcome: Outcome) -> None:
        """How many texts are typed before the next is pasted, to see whether that
        manager still runs; each time it does, twice as many."""
        if outcome.is_overtaken:
            self._typed_due = self._typed_next
            self._typed_next = min(self._typed_next * 2, TYPED_MOST)
        elif outcome.guard is not None and outcome.fate is Fate.INSERTED:
            self._typed_next = TYPED
        elif outcome.fate in (Fate.TYPED, Fate.INSERTED) and self._typed_due:
            self._typed_due -= 1

    def _watch(self, now_s: float) -> InsertReport | None:
        """That what was put back stays there."""
        guard = self._guard
        if guard is None:
            return None
        presses = self._host.hotkeys.other_presses()
        went_on = presses is None or presses != self._presses
        current = self._host.focus.current
        ended = guard.evaluate(now_s, went_on=went_on, current=current)
        if ended is None:
            return None
        self._guard = None
        if ended is GuardVerdict.KEPT:
            return None
        self._keep((guard.before,))
        said = TAKEN_OVER if ended is GuardVerdict.LOST else MAYBE_TAKEN_OVER
        return (
            InsertReport(None, EntryStatus.WRITTEN, said)
            if guard.before.pieces
            else None
        )

    def _leave(self, text: str) -> tuple[EntryStatus, str]:
        """On the clipboard, for the user to paste, unless it must not be."""
        if self._hung_windows.any_hung(self._now_s):
            return EntryStatus.WRITTEN, KEPT
        board = self._host.clipboard
        held = board.snapshot()
        if held.left_out:
            return EntryStatus.WRITTEN, NOT_LEFT
        if not self._is_left(held):
            self._keep((held,))
        board.copy(text)
        self._left = text
        self._guard = self._guard and self._guard.anew()
        return EntryStatus.COPIED, COPIED

    def _copied(self, text: str, said: str) -> InsertReport:
        held = self._host.clipboard.snapshot()
        self._host.clipboard.copy(text)
        self._guard = self._guard and self._guard.anew()
        replaced = () if self._is_left(held) else (held,)
        message = f"{said} {UNSAVED}" if held.left_out else said
        return InsertReport(None, EntryStatus.WRITTEN, message, replaced)

    def _restored(self) -> InsertReport:
        held = self._host.clipboard.snapshot()
        back = self._exchange(held)
        if back is None:
            return InsertReport(None, EntryStatus.WRITTEN, NOT_REPLACED)
        self._host.clipboard.restore(back)
        self._guard = self._guard and self._guard.anew()
        message = f"{RESTORED} {UNSAVED}" if held.left_out else RESTORED
        return InsertReport(None, EntryStatus.WRITTEN, message)

    def _withdraw(self) -> None:
        """A text that was left on the clipboard, lest a window that hangs paste it."""
        if self._left is None or not self._hung_windows.any_hung(self._now_s):
            return
        board = self._host.clipboard
        if self._is_left(board.snapshot()):
            aside = [held for held in self.set_aside if not self._is_left(held)]
            self.set_aside = tuple(aside)
            board.restore(aside[-1] if aside else Snapshot())
            self._withdrew = True
        self._left = None

    def _is_left(self, held: Snapshot) -> bool:
        return self._left is not None and text_of(held) == self._left

    def _keep(self, replaced: tuple[Snapshot, ...]) -> None:
        new = [Snapshot(held.pieces) for held in replaced if held.pieces]
        old = [held for held in self.set_aside if held not in new]
        self.set_aside = (*old, *new)[-MOST:]

    def _keep_on_disk(self, text: str, before: Snapshot) -> None:
        if self._borrowed is not None:
            self._borrowed.keep(text, before)

    def _exchange(self, held: Snapshot) -> Snapshot | None:
        """The newest that was set aside, for what the clipboard holds; that becomes the
        oldest, so that asked again and again each comes in turn. None: there is none.
        It stays set aside too: a window may yet copy over it.
        """
        held = Snapshot(held.pieces)
        others = [other for other in self.set_aside if other != held]
        if not others:
            return None
        first = (held,) if held.pieces else ()
        self.set_aside = (*first, *others[1 - MOST :])
        return others[-1]

    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._host.permissions.request(Permission.INSERTION)
