"""What the user can ask of final texts, and what became of them.

The last dictation can be inserted again or copied. How a text gets into a window, and
in which order, is insertion/queue.py's business.
"""

from collections.abc import Callable
from dataclasses import replace

from mica.dictation.strings import (
    COPIED,
    LAST_FAILED,
    LAST_LOST,
    LAST_WORKING,
    MISSED,
    NO_TEXT,
)
from mica.host.ports import Focus
from mica.insertion.options import options_for
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertReport, InsertRequest
from mica.library.store import EntryStatus, LibraryEntry
from mica.library.writer import LibraryWriter, has_samples
from mica.settings import Settings


class FinalTexts:
    """Main thread only.

    settings       those in force
    away           the user is; nothing is inserted
    show_message   a line for the user
    """

    def __init__(
        self,
        focus: Focus,
        writer: LibraryWriter,
        insertion: InsertionQueue,
        settings: Callable[[], Settings],
        keywords: Callable[[], list[str]],
        show_message: Callable[[str], None],
    ) -> None:
        self._focus, self._writer, self._insertion = focus, writer, insertion
        self._settings, self._keywords, self._show_message = (
            settings,
            keywords,
            show_message,
        )
        self.away = self._missed = False
        self._offered: int | None = None  # an earlier one that got its text just now

    @property
    def last(self) -> str:
        """The newest text of the history; empty where there is none."""
        entry = self._writer.last()
        return entry.text if entry is not None else ""

    def offer(self, entry: LibraryEntry | None) -> None:
        """This one is the last dictation, until another one has its text; None: the
        newest is."""
        self._offered = entry.id if entry is not None else None

    def record_missed(self, utterance: int) -> None:
        """The user was away when its text was ready: the history alone has it."""
        self._writer.set_status(utterance, EntryStatus.WRITTEN, MISSED)

    def paste_last(self) -> None:
        """Insert the last dictation again, where the keyboard is now."""
        if self.away:
            return
        entry = self._last()
        if entry is None or self._insertion.is_inserting(entry.id):
            return
        target = self._focus.current()
        options = options_for(self._settings(), target)
        options_now = replace(options, style=entry.style, submits=False)
        keywords = tuple(self._keywords())
        request = InsertRequest(entry.id, entry.text, target, options_now, keywords)
        self._insertion.add(request)

    def copy_last(self) -> None:
        """Leave it on the clipboard, for the user to paste."""
        entry = self._last()
        if entry is not None:
            self._insertion.copy(entry.text, COPIED)

    def _last(self) -> LibraryEntry | None:
        """The last dictation; never silently another one. None: the user was told."""
        if self._offered is not None:
            return self._writer.entry(self._offered)
        newest = self._writer.newest()
        if newest is None:
            self._show_message(NO_TEXT)
        elif newest.status is EntryStatus.WORKING:
            self._show_message(LAST_WORKING)
        elif newest.status is not EntryStatus.FAILED:
            return newest
        elif has_samples(newest):
            self._show_message(LAST_FAILED)
        else:  # there never was a recording, or it is gone
            last = self._writer.last()
            self._show_message(NO_TEXT if last is None else LAST_LOST)
            return last
        return None

    def suspend(self, working: bool) -> None:
        """The user went: nothing is on its way any more, and nothing begins.

        working   something was under way; they hear of it when they are back
        """
        self.away = True
        self._missed |= working
        self._insertion.cancel()

    def resume(self) -> None:
        """The user is here again."""
        self.away = False
        if self._missed:
            self._missed = False
            self._show_message(MISSED)

    def on_report(self, report: InsertReport) -> bool:
        """Write and say what became of one; whether it arrived and there is nothing to
        say about it."""
        if report.utterance is not None:
            self._writer.set_status(report.utterance, report.status, report.message)
        if report.message is not None:
            self._show_message(report.message)
        return report.status is EntryStatus.INSERTED and report.message is None
