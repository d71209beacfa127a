"""What the user can do with saved recordings and texts: from the menu, and by commands.

Without Qt; every outcome is a message to the user. Main thread only.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from mica import paths
from mica.dictation.captions import Captions
from mica.dictation.controller import Dictation
from mica.dictation.strings import (
    ALL_DELETED,
    NO_RECORDING,
    NOT_ENDED,
    RECORDING_DELETED,
    RETRY_BUSY,
)
from mica.errors import LibraryError, MicaError
from mica.library import erasure
from mica.library.entries import IN_PROGRESS, LibraryEntry
from mica.library.store import Library
from mica.library.writer import has_samples

LISTED: Final = 12  # in the menu
CONSIDERED: Final = 100  # of the newest


class LibraryActions:
    """on_deleted     called after something was deleted
    show_message   a line for the user, and whether it is trouble
    """

    def __init__(
        self,
        library: Library,
        dictation: Dictation,
        captions: Captions,
        show_message: Callable[[str, bool], None],
    ) -> None:
        self.on_deleted: Callable[[], None] = lambda: None
        self._library, self._dictation, self._captions = library, dictation, captions
        self._show_message = show_message

    def listed(self) -> list[LibraryEntry]:
        """The newest recordings and texts that have ended, newest first; if there is no
        room for all, those that failed come first."""
        with suppress(LibraryError):
            first = [e for e in self._library.failed() if has_samples(e)]
            kept = self._library.kept(CONSIDERED)
            others = [e for e in kept if e.text or has_samples(e)]
            found = {e.id: e for e in (*first, *others) if e.status not in IN_PROGRESS}
            chosen = list(found.values())[:LISTED]
            return sorted(chosen, key=lambda e: e.started_s, reverse=True)
        return []

    def transcribe(self, number: int) -> None:
        """Transcribe a recording again."""
        self._dictation.retry_failed(number)

    def insert(self, number: int) -> None:
        """Insert its text into the focused window."""
        self._dictation.texts.insert(number)

    def copy(self, number: int) -> None:
        """Copy its text."""
        self._dictation.texts.copy(number)

    def delete(self, number: int) -> None:
        """Delete a recording and its text. Raises MicaError."""
        entry = self._library.entry(number)
        if entry is None:
            raise MicaError(NO_RECORDING)
        if entry.status in IN_PROGRESS:
            raise MicaError(NOT_ENDED)
        if self._dictation.retry.is_transcribing(number):
            raise MicaError(RETRY_BUSY)
        erasure.erase(self._library, number)
        self.on_deleted()
        self._show_message(RECORDING_DELETED, False)

    def delete_all(self) -> None:
        """Delete all recordings and texts. Raises MicaError."""
        if self._dictation.is_working or not self._captions.is_quiet:
            raise MicaError(erasure.BEING_RECORDED, erasure.STOP_FIRST)
        try:
            erasure.erase_all(self._library, paths.home())
        finally:
            self._dictation.texts.forget()
            self._captions.forget()
            self.on_deleted()
        self._show_message(ALL_DELETED, False)
