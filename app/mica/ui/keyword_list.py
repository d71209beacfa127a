"""A list of words: filtered, edited in place, with words removed by Delete.

It changes nothing itself; signals report what the user wants.
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

MARGIN: Final = 24  # around the text of an empty list


class _Words(QStringListModel):
    """Signals an edit instead of applying it, which is up to the file."""

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
    """The list of keywords. Main thread only.

    edited           the old word and the one the user typed
    removal_wanted   remove the selected words
    edit_ended       an editor was closed, whether or not it changed a word
    empty            the text shown if the list is empty
    """

    edited = Signal(str, str)
    removal_wanted = Signal()
    edit_ended = Signal()

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
        # Queued until the editor is closed, because it is on the row that is replaced.
        queued = Qt.ConnectionType.QueuedConnection
        self._words.edited.connect(self.edited, queued)
        self.itemDelegate().closeEditor.connect(lambda: self.edit_ended.emit(), queued)
        for key in Qt.Key.Key_Delete, Qt.Key.Key_Backspace:
            self._on_key(key).activated.connect(self.removal_wanted)
        for key in Qt.Key.Key_Return, Qt.Key.Key_Enter:
            self._on_key(key).activated.connect(lambda: self.edit(self.currentIndex()))

    @property
    def selected(self) -> list[str]:
        rows = sorted(self.selectedIndexes(), key=QModelIndex.row)
        return [str(index.data()) for index in rows]

    @property
    def is_edited(self) -> bool:
        """Whether a word is being edited in place."""
        return self.state() is QAbstractItemView.State.EditingState

    def show_words(self, words: Sequence[str]) -> None:
        """Show the words, sorted as people look them up."""
        self._words.setStringList(sorted(words, key=_by_letters))
        self.viewport().update()

    def filter(self, text: str) -> None:
        """Show only words that contain this text."""
        self._shown.setFilterFixedString(text)
        self.viewport().update()

    def select(self, words: Iterable[str]) -> None:
        """Select these words if they are visible, and scroll to the first one."""
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
        """A shortcut for when the list itself has the focus, not the editor in it."""
        context = Qt.ShortcutContext.WidgetShortcut
        return QShortcut(QKeySequence(key), self, context=context)


def _by_letters(word: str) -> str:
    """The sort key: Ä is next to A, and case is ignored."""
    return unicodedata.normalize("NFD", word.casefold())
