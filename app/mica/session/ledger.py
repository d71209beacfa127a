"""What becomes of utterances, written to the history; a history that fails is said.

Words go on even where nothing can be kept. It decides nothing.
"""

from collections.abc import Callable
from pathlib import Path

from mica.audio.journal import extent
from mica.errors import HistoryError
from mica.events import Language, Style, Transcript
from mica.history.store import Entry, History, Status


class Ledger:
    """Main thread only. on_trouble: a line for the user."""

    def __init__(self, history: History, on_trouble: Callable[[str], None]) -> None:
        self._history, self._on_trouble = history, on_trouble

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
        try:
            return self._history.add(now_s, style, target, captions=captions, to=to)
        except HistoryError as why:
            self._on_trouble(why.line())
            return int(now_s)  # far above any row's, so it meets no other

    def mark(self, utterance: int, status: Status, error: str | None = None) -> None:
        self._keep(lambda: self._history.mark(utterance, status, error))

    def set_committed(self, utterance: int, text: str) -> None:
        self._keep(lambda: self._history.set_committed(utterance, text))

    def set_text(self, utterance: int, transcript: Transcript) -> None:
        self._keep(lambda: self._history.set_text(utterance, transcript))

    def set_journal(self, utterance: int, journal: Path) -> None:
        self._keep(lambda: self._history.set_journal(utterance, journal))

    def entry(self, utterance: int) -> Entry | None:
        return self._look(lambda: self._history.entry(utterance))

    def last(self) -> Entry | None:
        """The newest dictation that has its text."""
        return self._look(self._history.last)

    def newest(self) -> Entry | None:
        """The newest dictation that was spoken, whatever became of it."""
        return self._look(self._history.newest)

    def failed(self) -> Entry | None:
        """The newest that has a recording on the disk instead of a whole text."""
        return self._look(lambda: next(filter(is_kept, self._history.failed()), None))

    def _look(self, find: Callable[[], Entry | None]) -> Entry | None:
        try:
            return find()
        except HistoryError as why:
            self._on_trouble(why.line())
            return None

    def _keep(self, write: Callable[[], None]) -> None:
        try:
            write()
        except HistoryError as why:
            self._on_trouble(why.line())


def is_kept(entry: Entry) -> bool:
    """Whether there is something in its recording to make text of."""
    return entry.journal is not None and extent(entry.journal)[1] > 0
