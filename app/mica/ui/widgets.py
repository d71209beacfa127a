"""The common parts of Mica's windows: layouts, labels, a scrolling window, and the
window for desktops that show no tray icon.
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
NOTE_SIZE = 0.92  # relative to other text


class PopUp(QComboBox):
    """A pop-up menu. As on a Mac, the wheel scrolls the window around it instead of
    changing the choice under the pointer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def column(window: QWidget) -> QVBoxLayout:
    """A window's layout, with parts one below the other."""
    rows = QVBoxLayout(window)
    rows.setContentsMargins(*MARGINS)
    rows.setSpacing(SPACING)
    return rows


def row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side; the first one gets the remaining width."""
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
    """Rows with a label on the left and a field on the right."""
    fields = QFormLayout()
    fields.setHorizontalSpacing(16)
    fields.setVerticalSpacing(SPACING - 2)
    fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return fields


def align(forms: Sequence[QFormLayout], *, together: bool) -> None:
    """Align the fields of all forms with each other, or only those of each form."""
    role = QFormLayout.ItemRole.LabelRole
    places = [(form, row) for form in forms for row in range(form.rowCount())]
    items = [form.itemAt(row, role) for form, row in places]
    parts = [item.widget() for item in items if item is not None]
    names = [part for part in parts if part is not None]
    width = max(name.sizeHint().width() for name in names) if together else 0
    for name in names:
        name.setMinimumWidth(width)


FRAME = QSize(16, 48)  # the window's own edges and title bar


class ScrollingWindow(QWidget):
    """A window as large as its contents if the screen has room; else they scroll.

    Put everything in `contents`; call fit() when the space they need has changed. The
    user may make it smaller; it grows only as far as the screen allows. Esc and the
    system's own shortcut close it.
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
        layout.activate()  # so that added and removed parts count at once
        room, bar = self.room, self._scroll.verticalScrollBar().sizeHint().width()
        width = min(max(width, layout.minimumSize().width()), room.width())
        tall = layout.totalHeightForWidth(width)
        if tall > room.height():  # the scroll bar takes some of the width
            width = min(width + bar, room.width())
        self.resize(width, min(tall, room.height()))


WIDTH = 440


class ControlWindow(QWidget):
    """How to use Mica, and its menu (the tray icon's), for a desktop without a tray."""

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
