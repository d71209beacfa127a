"""The window for the keyword list: add, change, remove, search. Saves at once."""

from collections.abc import Callable
from typing import Final, TypeVar

from PySide6.QtCore import QEvent, QFileSystemWatcher, QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from mica.errors import MicaError
from mica.text.additions import Additions, plural
from mica.text.keywords import Keywords, clean_keyword
from mica.ui import strings, widgets
from mica.ui.keyword_list import KeywordList

Result = TypeVar("Result")

SIZE: Final = (420, 520)
TITLE_BAR: Final = 40  # the most that a window manager puts around a window


class KeywordsWindow(QWidget):
    """Shows and edits the user's names and terms."""

    def __init__(self, keywords: Keywords) -> None:
        super().__init__()
        self._keywords = keywords
        self._undo: Callable[[], object] | None = None
        self._placed = False
        self._stamp: tuple[int, ...] | None = None  # of the file as shown
        self._watcher = QFileSystemWatcher(self)  # of its folder: the file is replaced
        self.setWindowTitle(strings.KEYWORDS_TITLE)
        self._search = QLineEdit()
        self._word = QLineEdit()
        self._list = KeywordList(strings.NO_KEYWORDS, strings.NO_MATCH)
        self._add_button = QPushButton(strings.ADD)
        self._remove_button = QPushButton(strings.REMOVE)
        self._note = widgets.note()
        self._count = QLabel()
        self._build()
        self._listen()
        self.refresh()

    def refresh(self) -> None:
        """Show the file's current keywords."""
        self._stamp = self._file_stamp()
        try:
            words = self._keywords.read()
        except (MicaError, OSError) as why:
            words = []
            self._show_note(_reason(strings.UNREADABLE_KEYWORDS, why))
        else:
            self._show_note("")
        self._list.show_words(words)
        self._count.setText(f"{len(words):,} {plural(len(words), 'keyword')}")
        self._selected()  # a new list has no selection, and emits no signal

    def paste_text(self, text: str) -> None:
        """Add every line or comma-separated part of a text."""
        self._apply(lambda: self._keywords.import_text(text))

    def changeEvent(self, event: QEvent) -> None:
        """Show the file's keywords if they were changed in another app."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        """Center the window at first, and make it fit the screen."""
        super().showEvent(event)
        self._watcher.addPath(str(self._keywords.folder))
        if not self._placed:
            self._placed = True
            room = self.screen().availableGeometry().adjusted(0, 0, 0, -TITLE_BAR)
            self.resize(QSize(*SIZE).boundedTo(room.size()))
            self.move(room.center() - self.rect().center())

    def _build(self) -> None:
        self._search.setPlaceholderText(strings.SEARCH)
        self._search.setClearButtonEnabled(True)
        self._word.setPlaceholderText(strings.NEW_KEYWORD)
        self._add_button.setEnabled(False)
        several = QPushButton(strings.ADD_SEVERAL)
        several.clicked.connect(self._add_several)
        rows = widgets.column(self)
        rows.addWidget(widgets.note(strings.ABOUT_KEYWORDS))
        rows.addWidget(self._search)
        rows.addWidget(self._list, 1)
        rows.addLayout(widgets.row(self._word, self._add_button))
        rows.addWidget(self._note)
        rows.addLayout(widgets.row(self._count, self._remove_button, several))
        self._word.setFocus()

    def _listen(self) -> None:
        self._search.textChanged.connect(self._list.filter)
        self._word.returnPressed.connect(self._add)
        self._word.textChanged.connect(
            lambda text: self._add_button.setEnabled(clean_keyword(text) is not None)
        )
        self._add_button.clicked.connect(self._add)
        self._remove_button.clicked.connect(self._remove)
        self._list.selectionModel().selectionChanged.connect(self._selected)
        self._list.removal_wanted.connect(self._remove)
        self._list.edited.connect(self._edit)
        self._list.edit_ended.connect(self._follow)
        self._watcher.directoryChanged.connect(self._follow)
        for keys, does in (
            (QKeySequence.StandardKey.Close, self.close),
            (QKeySequence.StandardKey.Cancel, self._leave),
            (QKeySequence.StandardKey.Find, self._search.setFocus),
            (QKeySequence.StandardKey.Undo, self._undo_last),
        ):
            QShortcut(keys, self).activated.connect(does)

    def _follow(self) -> None:
        """Show the file if it was changed elsewhere, but not during an edit."""
        can_change = self.isVisible() and not self._list.is_edited
        if can_change and self._file_stamp() != self._stamp:
            selected = self._list.selected
            self.refresh()
            self._list.select(selected)

    def _file_stamp(self) -> tuple[int, ...] | None:
        try:
            return self._keywords.stamp()
        except OSError:
            return None

    def _add(self) -> None:
        word = self._word.text()
        if clean_keyword(word) is None:
            return
        added = self._apply(lambda: self._keywords.add([word]))
        if added is None:
            return
        self._word.clear()
        if not added.words and added.duplicates == 1:
            self._show_note(strings.IN_LIST.format(word.strip()))
        elif not added.words and len(added.respelled) == 1:
            self._show_note(strings.RESPELLED.format(*added.respelled[0]))

    def _edit(self, before: str, after: str) -> None:
        """Change a keyword, and keep it selected."""
        saved = self._saved(lambda: self._keywords.rename(before, after))
        if saved is None:
            return
        if saved.words:
            self._undo = lambda: self._keywords.rename(saved.words[0], before)
        elif saved.duplicates:
            self._show_note(strings.IN_LIST.format(after.strip()))
        self._list.select(saved.words or [before])

    def _remove(self) -> None:
        chosen = self._list.selected
        removed = self._saved(lambda: self._keywords.remove(chosen)) if chosen else None
        if removed:
            self._undo = lambda: self._keywords.restore(removed)
            self._show_note(
                strings.REMOVED.format(len(removed), plural(len(removed), "keyword"))
            )

    def _undo_last(self) -> None:
        undo, self._undo = self._undo, None
        if undo is not None:
            self._saved(undo)

    def _apply(self, add: Callable[[], Additions]) -> Additions | None:
        """Add words, show them, and report the result."""
        added = self._saved(add)
        if added is None:
            return None
        if added.words or added.respelled:
            self._undo = lambda: self._undo_addition(added)
            self._list.select([*added.words, *(after for _, after in added.respelled)])
        self._show_note(added.line())
        return added

    def _undo_addition(self, added: Additions) -> None:
        """Undo an addition."""
        self._keywords.remove(added.words)
        self._keywords.respell(before for before, _ in added.respelled)

    def _saved(self, change: Callable[[], Result]) -> Result | None:
        """The result of a change; None if it could not be saved."""
        try:
            result = change()
        except (MicaError, OSError) as why:
            self._show_note(_reason(strings.NOT_SAVED, why))
            return None
        self.refresh()
        return result

    def _selected(self) -> None:
        self._remove_button.setEnabled(bool(self._list.selectedIndexes()))

    def _leave(self) -> None:
        """Esc clears the search first, as in any search field."""
        if self._search.hasFocus() and self._search.text():
            self._search.clear()
        else:
            self.close()

    def _show_note(self, line: str) -> None:
        self._note.setText(line)
        self._note.setVisible(bool(line))

    def _add_several(self) -> None:
        dialog = SeveralDialog(self)
        dialog.accepted.connect(lambda: self.paste_text(dialog.text))
        dialog.open()


def _reason(lead: str, why: MicaError | OSError) -> str:
    if isinstance(why, MicaError):
        return f"{lead}{why.line()}"
    return f"{lead}{why.strerror or why}."


class SeveralDialog(QDialog):
    """Takes several keywords at once. Typed text is not discarded without asking."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(strings.ADD_SEVERAL_TITLE)
        self.resize(380, 320)
        self._field = QPlainTextEdit()
        self._field.setPlaceholderText(strings.HOW_TO_ADD)
        self._field.setTabChangesFocus(True)
        buttons = QDialogButtonBox()
        roles = QDialogButtonBox.ButtonRole
        add = buttons.addButton(strings.ADD, roles.AcceptRole)
        cancel = buttons.addButton(strings.CANCEL, roles.RejectRole)
        add.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        rows = widgets.column(self)
        rows.addWidget(self._field)
        rows.addWidget(buttons)
        QWidget.setTabOrder(self._field, add)
        QWidget.setTabOrder(add, cancel)

    @property
    def text(self) -> str:
        return self._field.toPlainText()

    def reject(self) -> None:
        """Close, by Cancel, Esc or the title bar; ask first if there is text."""
        if not self.text.strip():
            super().reject()
            return
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setWindowTitle(strings.ADD_SEVERAL_TITLE)
        question.setText(strings.DISCARD_KEYWORDS)
        discard = question.addButton(
            strings.DISCARD, QMessageBox.ButtonRole.DestructiveRole
        )
        keep_button = question.addButton(
            strings.KEEP_EDITING, QMessageBox.ButtonRole.RejectRole
        )
        question.setDefaultButton(keep_button)
        question.setEscapeButton(keep_button)
        discard.clicked.connect(lambda: self.done(QDialog.DialogCode.Rejected))
        question.open()
