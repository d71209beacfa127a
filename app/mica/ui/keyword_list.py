"""A list of words that behaves like one: filtered, edited in place, emptied by Delete.

It changes nothing by itself; it says what the user wants.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPalette, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QListView

MARGIN: Final = 24  # around what stands in an empty list


class _Words(QStringListModel):
    """Tells of an edit instead of doing it: the file decides what becomes of it."""

    edited = Signal(str, str)

    def setData(
        self,
        index: QModelIndex | QPersistentModelIndex,
        value: Any,
        role: int = Qt.ItemDataRole.EditRole,
    ) -> bool:
        before = str(index.data())
        if value != before:
            self.edited.emit(before, value)
        return False


class KeywordList(QListView):
    """Main thread only.

    edited           what it was, and what the user wrote instead
    removal_wanted   of what is selected
    empty            what stands in it while it holds nothing
    """

    edited = Signal(str, str)
    removal_wanted = Signal()

    def __init__(self, empty: str, no_match: str) -> None:
        super().__init__()
        self._empty, self._no_match = empty, no_match
        self._words = _Words(self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._words)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._shown)
        self.setUniformItemSizes(True)
        self.setSpacing(2)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        # Only after the editor has gone: it stands on the row that is replaced.
        queued = Qt.ConnectionType.QueuedConnection
        self._words.edited.connect(self.edited, queued)
        for key in Qt.Key.Key_Delete, Qt.Key.Key_Backspace:
            self._on_key(key).activated.connect(self.removal_wanted)
        for key in Qt.Key.Key_Return, Qt.Key.Key_Enter:
            self._on_key(key).activated.connect(lambda: self.edit(self.currentIndex()))

    @property
    def selected(self) -> list[str]:
        rows = sorted(self.selectedIndexes(), key=QModelIndex.row)
        return [str(index.data()) for index in rows]

    def show_words(self, words: Sequence[str]) -> None:
        """Sorted, as people look a word up."""
        self._words.setStringList(sorted(words, key=_by_letters))
        self.viewport().update()

    def filter(self, text: str) -> None:
        """Show only what holds this text."""
        self._shown.setFilterFixedString(text)
        self.viewport().update()

    def select(self, words: Iterable[str]) -> None:
        """Select these, as far as they are shown, and bring the first into view."""
        wanted = set(words)
        rows = (self._shown.index(row, 0) for row in range(self._shown.rowCount()))
        found = [index for index in rows if index.data() in wanted]
        chosen = QItemSelection()
        for index in found:
            chosen.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        if found:
            self.selectionModel().setCurrentIndex(found[0], flags.NoUpdate)
            self.scrollTo(found[0])
        self.selectionModel().select(chosen, flags.ClearAndSelect)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._shown.rowCount() > 0:
            return
        text = self._no_match if self._words.rowCount() > 0 else self._empty
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        room = self.viewport().rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        painter.drawText(
            room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text
        )
        painter.end()

    def _on_key(self, key: Qt.Key) -> QShortcut:
        """Only while the list has the keyboard, not the editor in it."""
        context = Qt.ShortcutContext.WidgetShortcut
        return QShortcut(QKeySequence(key), self, context=context)


def _by_letters(word: str) -> str:
    """Ä stands beside A, and capitals count for nothing."""
    return unicodedata.normalize("NFD", word.casefold())
