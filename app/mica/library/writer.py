"""What becomes of utterances, written to the history; a history that fails is said.

Words go on even where nothing can be kept. What could not be written is written as soon
as it can be: it is tried before anything else is written or read. It decides nothing.
"""

from collections.abc import Callable
from pathlib import Path

from mica.audio.journal import extent
from mica.errors import HistoryError
from mica.events import Language, Style, Transcript
from mica.library.store import EntryStatus, Library, LibraryEntry


class LibraryWriter:
    """Main thread only. on_trouble: a line for the user, once for each utterance."""

    def __init__(self, history: Library, on_trouble: Callable[[str], None]) -> None:
        self._history, self._on_trouble = history, on_trouble
        self._told = ""  # since the newest utterance began
        self._hung_windows: dict[tuple[int, str], Callable[[], None]] = {}  # in order

    def begin(
        self,
        now_s: float,
        style: Style,
        target: str,
        *,
        captions: bool = False,
        to: Language | None = None,
    ) -> int:
        """The utterance's number: its row's."""
        self._told = ""
        self.settle()
        try:
            return self._history.add(now_s, style, target, captions=captions, to=to)
        except HistoryError as why:
            self._tell(why)
            return int(now_s)  # far above any row's, so it meets no other

    def mark(
        self, utterance: int, status: EntryStatus, error: str | None = None
    ) -> None:
        self._keep(
            (utterance, "mark"), lambda: self._history.mark(utterance, status, error)
        )

    def set_committed(self, utterance: int, text: str) -> None:
        self._keep(
            (utterance, "set_committed"),
            lambda: self._history.set_committed(utterance, text),
        )

    def set_text(self, utterance: int, transcript: Transcript) -> None:
        self._keep(
            (utterance, "set_text"),
            lambda: self._history.set_text(utterance, transcript),
        )

    def set_journal(self, utterance: int, journal: Path) -> None:
        self._keep(
            (utterance, "set_journal"),
            lambda: self._history.set_journal(utterance, journal),
        )

    def entry(self, utterance: int) -> LibraryEntry | None:
        return self._look(lambda: self._history.entry(utterance))

    def last(self) -> LibraryEntry | None:
        """The newest dictation that has its text."""
        return self._look(self._history.last)

    def newest(self) -> LibraryEntry | None:
        """The newest dictation that was spoken, whatever became of it."""
        return self._look(self._history.newest)

    def failed(self) -> LibraryEntry | None:
        """The newest that has a recording on the disk instead of a whole text."""
        return self._look(lambda: next(filter(is_kept, self._history.failed()), None))

    def settle(self) -> None:
        """Write what could not be written until now."""
        for key, write in list(self._hung_windows.items()):
            try:
                write()
            except HistoryError as why:
                self._tell(why)
                return
            del self._hung_windows[key]

    def _look(self, find: Callable[[], LibraryEntry | None]) -> LibraryEntry | None:
        self.settle()
        try:
            return find()
        except HistoryError as why:
            self._tell(why)
            return None

    def _keep(self, key: tuple[int, str], write: Callable[[], None]) -> None:
        """Behind all that is owed; of writes of a kind the last counts."""
        self._hung_windows.pop(key, None)
        self._hung_windows[key] = write
        self.settle()

    def _tell(self, why: HistoryError) -> None:
        if why.line() != self._told:
            self._told = why.line()
            self._on_trouble(self._told)


def is_kept(entry: LibraryEntry) -> bool:
    """Whether there is something in its recording to make text of."""
    return entry.journal is not None and extent(entry.journal)[1] > 0
