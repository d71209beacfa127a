"""The window for per-app settings. Each choice is saved at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtWidgets import QComboBox, QLineEdit

from mica.dictation.settings_store import SettingsStore
from mica.events import Style
from mica.settings import App, InsertBy
from mica.text.keywords import clean_keyword, typed
from mica.ui import strings, widgets
from mica.ui.widgets import ScrollingWindow

WIDTH: Final = 460
YES_OR_NO: Final = {None: strings.DEFAULT, True: strings.YES, False: strings.NO}
FIELDS: Final[Mapping[str, tuple[str, Mapping[Any, str]]]] = {
    "style": (
        strings.STYLE,
        {
            None: strings.DEFAULT,
            Style.PUNCTUATED: strings.PUNCTUATED,
            Style.RAW: strings.RAW,
        },
    ),
    "insert": (
        strings.INSERT_BY,
        {
            None: strings.AUTOMATIC,
            InsertBy.PASTE: strings.PASTING,
            InsertBy.TYPE: strings.TYPING,
        },
    ),
    "trailing_space": (strings.SPACE_AT_END, YES_OR_NO),
    "auto_submit": (strings.RETURN_AT_END, YES_OR_NO),
}


class PerAppWindow(ScrollingWindow):
    """Edits the settings of one app at a time. Main thread only.

    used   returns the apps dictated into, newest first, each time it is shown
    """

    def __init__(
        self, choices: SettingsStore, used: Callable[[], Sequence[str]]
    ) -> None:
        super().__init__()
        self._choices, self._used = choices, used
        self.setWindowTitle(strings.PER_APP_TITLE)
        self._name = widgets.PopUp()
        self._name.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._name.currentIndexChanged.connect(lambda _index: self._save())
        self._of = ""  # the app whose settings are shown
        self._combos = {field: self._combo(field) for field in FIELDS}
        self._keywords = QLineEdit()
        self._keywords.setPlaceholderText(strings.EXTRA_KEYWORDS)
        self._keywords.editingFinished.connect(self._save)
        self._problem = widgets.note()
        self._build()
        self.refresh()

    def refresh(self) -> None:
        """Show the file's settings, and the apps dictated into recently. While it is
        open, the chosen app stays, whatever its capitals."""
        self._save()
        problem = self._choices.follow()
        chosen = self._name.currentText()
        selected = [chosen] if self.isVisible() else []
        listed = [
            *selected,
            *self._used(),
            *self._choices.now.apps,
        ]  # whose spelling counts
        names = {name.casefold(): name for name in listed if name}
        self._name.blockSignals(True)
        self._name.clear()
        self._name.addItems(sorted(names.values(), key=str.casefold))
        self._name.setCurrentText(names.get(chosen.casefold(), ""))
        self._name.blockSignals(False)
        self._show()
        self._show_problem(problem)

    def _build(self) -> None:
        rows = widgets.form()
        rows.addRow(strings.APP_LABEL, self._name)
        rows.addRow("", widgets.note(strings.ABOUT_PER_APP))
        for field, combo in self._combos.items():
            rows.addRow(FIELDS[field][0], combo)
        rows.addRow(strings.KEYWORDS_LABEL, self._keywords)
        rows.addRow("", self._problem)
        self._rows = widgets.column(self.contents)
        self._rows.addLayout(rows)
        self._rows.addStretch(1)

    def _combo(self, field: str) -> QComboBox:
        _, shown = FIELDS[field]
        combo, values = widgets.PopUp(), list(shown)
        combo.addItems(list(shown.values()))
        combo.activated.connect(lambda index: self._save(**{field: values[index]}))
        return combo

    def _show(self) -> None:
        """Show the chosen app's settings."""
        self._of = name = self._name.currentText()
        app = self._choices.now.apps.get(name, App())
        for field, combo in self._combos.items():
            combo.setCurrentIndex(list(FIELDS[field][1]).index(getattr(app, field)))
        self._keywords.setText(", ".join(app.keywords))
        for widget in (self._name, *self._combos.values(), self._keywords):
            widget.setEnabled(bool(name))

    def _save(self, **fields: object) -> None:
        """Save the fields, and the keywords if they are being edited."""
        if self._keywords.isModified():
            cleaned = map(clean_keyword, typed(self._keywords.text()))
            words = dict.fromkeys(word for word in cleaned if word is not None)
            fields["keywords"] = tuple(words)
        problem = self._choices.change_app(self._of, **fields) if fields else None
        self._show()
        self._show_problem(problem)

    def _show_problem(self, problem: str | None) -> None:
        self._problem.setText(f"⚠ {problem}" if problem else "")
        self._problem.setVisible(problem is not None)
        self.fit(WIDTH)
