"""Final texts: into the window they are meant for, and the newest of them once more.

It can be inserted again, copied, taken out of its window, or put there without its
punctuation. How that is done, and in which order, is queue.py's business.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mica import paths
from mica.dictation.utterances import PendingUtterance
from mica.host.ports import Host
from mica.insertion.borrowed_clipboard import BorrowedClipboard
from mica.insertion.insert_job import InsertRequest
from mica.insertion.options import options_for
from mica.insertion.queue import InsertionQueue
from mica.library.store import EntryStatus, LibraryEntry
from mica.library.writer import LibraryWriter, is_kept
from mica.settings import Settings

COPIED: Final = "Last dictation copied."
KEPT: Final = (
    "Your computer was locked before the text was ready. "
    "Choose Paste Last Dictation to insert it."
)
NO_TEXT: Final = "There is no dictation yet."
FAILED: Final = "The last dictation has no text yet. Choose Transcribe Again first."
WORKING: Final = "The last dictation is still being transcribed."
OLDER: Final = "The last dictation could not be kept. This is the one before it."


class FinalTexts:
    """Main thread only; tick() every host.paste.POLL_S while busy.

    settings    those in force
    away        the user is; nothing is inserted
    say         a line for the user
    on_asked    called when the user asked for something: it may be busy now
    """

    def __init__(
        self,
        host: Host,
        writer: LibraryWriter,
        settings: Callable[[], Settings],
        keywords: Callable[[], list[str]],
        say: Callable[[str], None],
        on_asked: Callable[[], None],
    ) -> None:
        self._host, self._writer = host, writer
        self._settings, self._keywords = settings, keywords
        self._say, self._on_asked = say, on_asked
        borrowed = BorrowedClipboard(paths.borrowed_file())
        host.tell_held(borrowed.hold)
        borrowed.give_back(host.clipboard)
        self._insertion = InsertionQueue(host, borrowed)
        self.away = self._missed = False
        self._offered: int | None = None  # an earlier one that got its text just now

    @property
    def busy(self) -> bool:
        """Whether ticks are needed."""
        return self._insertion.busy or self._insertion.watching

    @property
    def working(self) -> bool:
        """Whether one is on its way."""
        return self._insertion.working

    @property
    def last(self) -> str:
        """The newest text of the history; empty where there is none."""
        entry = self._writer.last()
        return entry.text if entry is not None else ""

    def offer(self, entry: LibraryEntry) -> None:
        """This one is the last dictation, until another one has its text."""
        self._offered = entry.id

    @property
    def keeps_clipboard(self) -> bool:
        """Whether what the clipboard held can be had back."""
        return bool(self._insertion.set_aside)

    def look(self, pending: PendingUtterance) -> None:
        """It is spoken: find out what stands where it is meant to go."""
        if pending.target is not None and pending.options.spaced:
            self._insertion.look(pending.target)

    def insert(self, pending: PendingUtterance, text: str) -> None:
        """Where the keyboard was when its key went down, unless the user left since."""
        number, self._offered = pending.recording.utterance, None
        if pending.kept:
            self._writer.mark(number, EntryStatus.WRITTEN, KEPT)
            return
        place = (pending.target, pending.options, pending.recording.options.keywords)
        self._insertion.add(InsertRequest(number, text, *place))

    def paste_last(self) -> None:
        """Insert the newest text of the history again, where the keyboard is now."""
        if self.away:
            return
        entry = self._last()
        # it may be on its way already
        if entry is not None and not self._insertion.holds(entry.id):
            target = self._host.focus.current()
            options = options_for(self._settings(), target)
            again = replace(options, style=entry.style, submits=False)
            words = InsertRequest(
                entry.id, entry.text, target, again, tuple(self._keywords())
            )
            self._insertion.add(words)
        self._on_asked()

    def copy_last(self) -> None:
        """Leave it on the clipboard, for the user to paste."""
        entry = self._last()
        if entry is not None:
            self.copy(entry.text, COPIED)

    def copy(self, text: str, said: str) -> None:
        """What the user wants on the clipboard, in its turn; then that is said."""
        self._insertion.copy(text, said)
        self._on_asked()

    def _last(self) -> LibraryEntry | None:
        """The last dictation; never silently another one. None: the user was told."""
        if self._offered is not None:
            return self._writer.entry(self._offered)
        newest = self._writer.newest()
        if newest is None:
            self._say(NO_TEXT)
        elif newest.status is EntryStatus.WORKING:
            self._say(WORKING)
        elif newest.status is not EntryStatus.FAILED:
            return newest
        elif is_kept(newest):
            self._say(FAILED)
        else:  # there never was a recording, or it is gone
            last = self._writer.last()
            self._say(NO_TEXT if last is None else OLDER)
            return last
        return None

    def take_back(self) -> None:
        """Take the newest insertion out of its window, if it still stands there."""
        self._insertion.take_back()
        self._on_asked()

    def make_raw(self) -> None:
        """Put its words there without punctuation and capitals of sentences."""
        self._insertion.make_raw(tuple(self._keywords()))
        self._on_asked()

    def restore_clipboard(self) -> None:
        """Have back what the clipboard held."""
        self._insertion.restore_clipboard()
        self._on_asked()

    def leave(self, working: bool) -> None:
        """The user went: nothing is on its way any more, and nothing begins.

        working   something was under way; they hear of it when they are back
        """
        self.away = True
        self._missed |= working
        self._insertion.abandon()

    def come_back(self) -> None:
        """The user is here again."""
        self.away = False
        if self._missed:
            self._missed = False
            self._say(KEPT)

    def close(self) -> None:
        """The app quits."""
        self._insertion.abandon()

    def tick(self, now_s: float, *, speaking: bool) -> bool:
        """Whether one has just arrived and there is nothing to say about it.

        speaking   the hold key is down, or a dictation is spoken
        """
        report = self._insertion.tick(now_s, speaking=speaking)
        if report is None:
            return False
        if report.utterance is not None:
            self._writer.mark(report.utterance, report.status, report.message)
        if report.message is not None:
            self._say(report.message)
        return report.status is EntryStatus.INSERTED and report.message is None
