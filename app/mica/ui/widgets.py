"""What our windows are made of, so that they look alike.

A window as large as its contents where the screen has room; else they scroll.

The window of a desktop that shows no tray icon: how Mica is used, and its menu.
"""

import sys
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence, QShortcut, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mica.host.key_names import label
from mica.ui import strings

MARGINS = (18, 16, 18, 16)
SPACING = 10
NOTE_SIZE = 0.92  # of other text


class PopUp(QComboBox):
    """A pop-up menu to choose from. The wheel scrolls what it is in, as on a Mac: a
    choice that it passes over stays as it is."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def column(window: QWidget) -> QVBoxLayout:
    """The window's parts, one below the other."""
    rows = QVBoxLayout(window)
    rows.setContentsMargins(*MARGINS)
    rows.setSpacing(SPACING)
    return rows


def row(*widgets: QWidget) -> QHBoxLayout:
    """Side by side; the first takes what room there is."""
    beside = QHBoxLayout()
    for widget in widgets:
        beside.addWidget(widget, 1 if widget is widgets[0] else 0)
    return beside


def heading(text: str) -> QLabel:
    label = QLabel(text)
    font = QFont(label.font())
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, SPACING, 0, 0)
    return label


def note(text: str = "") -> QLabel:
    """A line of explanation, a little smaller; it wraps."""
    label = QLabel(text)
    label.setWordWrap(True)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * NOTE_SIZE)
    label.setFont(font)
    return label


def form() -> QFormLayout:
    """Names on the left, what they name on the right."""
    fields = QFormLayout()
    fields.setHorizontalSpacing(16)
    fields.setVerticalSpacing(SPACING - 2)
    fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return fields


def align(forms: Sequence[QFormLayout], *, together: bool) -> None:
    """Begin the fields of all forms at the same place, or each form's at its own."""
    role = QFormLayout.ItemRole.LabelRole
    places = [(form, row) for form in forms for row in range(form.rowCount())]
    items = [form.itemAt(row, role) for form, row in places]
    parts = [item.widget() for item in items if item is not None]
    names = [part for part in parts if part is not None]
    width = max(name.sizeHint().width() for name in names) if together else 0
    for name in names:
        name.setMinimumWidth(width)


FRAME = QSize(16, 48)  # of the window's own: its edges and its title bar


class ScrollingWindow(QWidget):
    """Put everything in `contents`; call fit() when what they need has changed.

    The user may make it smaller; it grows by itself only as far as the screen goes.
    Esc and the system's own shortcut close it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.contents = QWidget()
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.contents)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._scroll)
        for keys in (QKeySequence.StandardKey.Close, QKeySequence.StandardKey.Cancel):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)

    @property
    def room(self) -> QSize:
        """The height and width the screen has for the contents."""
        screen = self.screen() or QGuiApplication.primaryScreen()
        return screen.availableGeometry().size() - FRAME

    def fit(self, width: int) -> None:
        """Resize to the contents' height at this width, as far as there is room."""
        layout = self.contents.layout()
        assert layout is not None
        layout.activate()  # what came or went counts at once
        room, bar = self.room, self._scroll.verticalScrollBar().sizeHint().width()
        width = min(max(width, layout.minimumSize().width()), room.width())
        tall = layout.totalHeightForWidth(width)
        if tall > room.height():  # the bar takes some of the width
            width = min(width + bar, room.width())
        self.resize(width, min(tall, room.height()))


WIDTH = 440


class ControlWindow(QWidget):
    """menu: the tray icon's, which has all there is."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.setWindowTitle(strings.APP)
        self._hint = QLabel()
        self._hint.setWordWrap(True)
        self.button = QPushButton(strings.MENU_BUTTON)
        self.button.setMenu(menu)
        rows = column(self)
        rows.addWidget(self._hint)
        rows.addWidget(note(strings.NO_ICON))
        rows.addWidget(self.button)
        self.setFixedWidth(WIDTH)

    def show_key(self, name: str) -> None:
        """Show the key to hold."""
        self._hint.setText(
            strings.HOW_TO_DICTATE.format(label(name, mac=sys.platform == "darwin"))
        )
