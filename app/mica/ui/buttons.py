"""A button on what floats: a small window of its own, for what floats lets clicks pass.

It takes clicks and never the keyboard.
"""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from mica.ui import theme
from mica.ui.floating import FLAGS, keep_back

HEIGHT: Final = 28
PADDING: Final = 14
CROSS: Final = 22
ARM: Final = 4.0  # of the cross, from its middle


class Button(QWidget):
    """One word to click, on the colour below it."""

    clicked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(None, FLAGS)
        keep_back(self)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setWindowTitle(f"Mica {text}")
        self.setAccessibleName(text)
        self._text, self._is_under = text, False

    def sizeHint(self) -> QSize:
        across = self.fontMetrics().horizontalAdvance(self._text)
        return QSize(across + 2 * PADDING, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.back)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.edge, 1))
        painter.setBrush(colours.edge if self._is_under else colours.raised)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(body, HEIGHT / 2, HEIGHT / 2)
        painter.setPen(colours.text)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(True)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def _hover(self, is_under: bool) -> None:
        self._is_under = is_under
        self.update()


class Cross(Button):
    """It takes away what it stands on; faint until the mouse is over it."""

    def sizeHint(self) -> QSize:
        return QSize(CROSS, CROSS)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.back)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_under:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.raised)
            painter.drawEllipse(self.rect())
        painter.setPen(QPen(colours.text if self._is_under else colours.faint, 1.6))
        middle = QRectF(self.rect()).center()
        for arm in (QPointF(ARM, ARM), QPointF(ARM, -ARM)):
            painter.drawLine(middle - arm, middle + arm)
        painter.end()
