"""What our windows are made of, so that they look alike."""

from PySide6.QtGui import QFont, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

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
