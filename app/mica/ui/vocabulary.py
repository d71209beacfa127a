"""The window for the keyword list: add, remove, paste many. Saved at once."""

from collections.abc import Callable

from PySide6.QtCore import QSortFilterProxyModel, QStringListModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mica.text.vocabulary import Keywords, clean_keyword, split_keywords
from mica.ui import parts


class VocabularyWindow(QWidget):
    """The user's names and terms."""

    def __init__(self, keywords: Keywords) -> None:
        super().__init__()
        self._keywords = keywords
        self.setWindowTitle("Keywords")
        self.resize(420, 520)
        self._model = QStringListModel(self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._model)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._build()
        self.refresh()

    def _build(self) -> None:
        about = parts.note("Names and terms Mica should spell as you do.")
        self._word = QLineEdit()
        self._word.setPlaceholderText("New keyword")
        self._word.returnPressed.connect(self._add)
        self._add_button = QPushButton("Add")
        self._add_button.setEnabled(False)
        self._add_button.clicked.connect(self._add)
        self._word.textChanged.connect(
            lambda text: self._add_button.setEnabled(clean_keyword(text) is not None)
        )
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._shown.setFilterFixedString)
        self._list = QListView()
        self._list.setModel(self._shown)
        self._list.setUniformItemSizes(True)
        self._list.setSpacing(2)
        self._list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.selectionModel().selectionChanged.connect(self._selected)
        self._remove_button = QPushButton("Remove")
        self._remove_button.setEnabled(False)
        self._remove_button.clicked.connect(self._remove)
        paste = QPushButton("Paste Many…")
        paste.clicked.connect(self._paste)
        self._count = QLabel()
        rows = parts.column(self)
        rows.addWidget(about)
        rows.addLayout(parts.row(self._word, self._add_button))
        rows.addWidget(self._search)
        rows.addWidget(self._list, 1)
        rows.addLayout(parts.row(self._count, self._remove_button, paste))

    def refresh(self) -> None:
        """Show what the file holds now."""
        words = self._keywords.all()
        self._model.setStringList(words)
        self._tell_count(len(words))
        self._selected()  # a new list has no selection and tells nobody

    def paste_text(self, text: str) -> None:
        """Add every line or comma-separated part of a text."""
        before = len(self._keywords.all())
        added = self._saved(lambda: self._keywords.import_text(text))
        if added is None:
            return
        cleaned = sum(clean_keyword(part) != part for part in split_keywords(text))
        told = f"{added} new, " + (f"{cleaned} cleaned, " if cleaned else "")
        self._tell_count(before + added, told)

    def _tell_count(self, count: int, lead: str = "") -> None:
        noun = "keyword" if count == 1 else "keywords"
        self._count.setText(f"{lead}{count:,} {noun}")

    def _add(self) -> None:
        word = clean_keyword(self._word.text())
        if word is None:
            return
        added = self._saved(lambda: self._keywords.add([word]))
        if added is not None:
            self._word.clear()
        if added == 0:
            self._count.setText(f"“{word}” is listed already")

    def _remove(self) -> None:
        chosen = [index.data() for index in self._list.selectedIndexes()]
        self._saved(lambda: self._keywords.remove(chosen))

    def _saved(self, change: Callable[[], int]) -> int | None:
        """How many keywords a change was about; None where the disk refused it."""
        try:
            count = change()
        except OSError as why:
            self._count.setText(f"Not saved: {why.strerror}")
            return None
        self.refresh()
        return count

    def _selected(self) -> None:
        self._remove_button.setEnabled(bool(self._list.selectedIndexes()))

    def _paste(self) -> None:
        dialog = QDialog(self)
        dialog.setWindowTitle("Paste Many")
        dialog.resize(380, 320)
        field = QPlainTextEdit()
        field.setPlaceholderText("One keyword a line, or with commas")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(dialog.accept)
        buttons.rejected.connect(dialog.reject)
        rows = QVBoxLayout(dialog)
        rows.addWidget(field)
        rows.addWidget(buttons)
        dialog.accepted.connect(lambda: self.paste_text(field.toPlainText()))
        dialog.open()
