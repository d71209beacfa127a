"""The menu of the newest recordings and texts. Shows what it is told; every click emits
a signal with the recording's number.
"""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QMenu

from mica.audio.journal import extent
from mica.events import Certainty
from mica.library.entries import EntryStatus, LibraryEntry
from mica.ui import strings

SHOWN_CHARACTERS: Final = 40


class RecordingsMenu(QMenu):
    """Main thread only. listed: returns the entries, each time it opens."""

    transcribe_wanted = Signal(int)
    insert_wanted = Signal(int)
    copy_wanted = Signal(int)
    delete_wanted = Signal(int)
    delete_all_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(strings.RECORDINGS_MENU)
        self.listed: Callable[[], Sequence[LibraryEntry]] = list
        self.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """List the entries."""
        self.clear()
        for entry in (entries := self.listed()):
            self._add(entry)
        if not entries:
            self.addAction(strings.NO_RECORDINGS).setEnabled(False)
        self.addSeparator()
        self.addAction(strings.DELETE_ALL_ITEM, self.delete_all_wanted.emit)

    def _add(self, entry: LibraryEntry) -> None:
        # SQLite would delay the icon, which has this menu
        from mica.library.writer import has_samples

        menu = self.addMenu(_title(entry))
        menu.menuAction().setToolTip(entry.text)
        if entry.text:
            self._add_action(menu, strings.INSERT, self.insert_wanted, entry)
            self._add_action(menu, strings.COPY, self.copy_wanted, entry)
        if has_samples(entry):
            again = strings.TRANSCRIBE_AGAIN
            self._add_action(menu, again, self.transcribe_wanted, entry)
        self._add_action(menu, strings.DELETE_ITEM, self.delete_wanted, entry)

    def _add_action(
        self, menu: QMenu, text: str, signal: object, entry: LibraryEntry
    ) -> None:
        number = entry.id
        menu.addAction(text, lambda: signal.emit(number))  # type: ignore[attr-defined]


def _title(entry: LibraryEntry) -> str:
    """When it was spoken, and how it begins."""
    at = QDateTime.fromSecsSinceEpoch(round(entry.started_s))
    when = QLocale.system().toString(at, QLocale.FormatType.ShortFormat)
    text = " ".join(entry.text.split())
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS] + "…"
    if entry.certainty is not Certainty.SURE:
        text = f"{text} {strings.CHECK_TEXT}"
    if entry.is_incomplete or not text:
        state = strings.WITHOUT_SPEECH
        if entry.is_incomplete:
            state = strings.NOT_TRANSCRIBED
        elif entry.status is EntryStatus.CANCELLED:
            state = strings.CANCELED_RECORDING
        text = f"{text} {state.format(_length(entry))}".lstrip()
    return f"{when}  {text}".replace("&", "&&")


def _length(entry: LibraryEntry) -> str:
    rate_hz, samples = extent(entry.journal) if entry.journal else (0, 0)
    minutes, seconds = divmod(round(samples / rate_hz) if rate_hz else 0, 60)
    return f"{minutes}:{seconds:02}"
