"""What becomes of utterances, written to the history; a history that fails is said.

Words go on even where nothing can be kept. It decides nothing.
"""

from collections.abc import Callable
from pathlib import Path

from mica.errors import HistoryError
from mica.events import Style, Transcript
from mica.history.store import Entry, History, Status


class Ledger:
    """Main thread only. on_trouble: a line for the user."""

    def __init__(self, history: History, on_trouble: Callable[[str], None]) -> None:
        self._history, self._on_trouble = history, on_trouble

    def begin(
        self, now_s: float, style: Style, target: str, *, captions: bool = False
    ) -> int:
        """The utterance's number: its row's."""
        try:
            return self._history.add(now_s, style, target, captions=captions)
        except HistoryError as why:
            self._on_trouble(why.line())
            return int(now_s)  # far above any row's, so it meets no other

    def mark(self, utterance: int, status: Status, error: str | None = None) -> None:
        self._keep(lambda: self._history.mark(utterance, status, error))

    def set_text(self, utterance: int, transcript: Transcript) -> None:
        self._keep(lambda: self._history.set_text(utterance, transcript))

    def set_journal(self, utterance: int, journal: Path) -> None:
        self._keep(lambda: self._history.set_journal(utterance, journal))

    def last(self) -> Entry | None:
        """The newest dictation that has a text."""
        try:
            return self._history.last()
        except HistoryError as why:
            self._on_trouble(why.line())
            return None

    def _keep(self, write: Callable[[], None]) -> None:
        try:
            write()
        except HistoryError as why:
            self._on_trouble(why.line())
