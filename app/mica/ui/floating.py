"""Windows that float above all others and never take the focus, and their buttons.

Mouse events pass through a Floating window, so each of its buttons is a separate small
window, which takes clicks but never the focus.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBitmap,
    QCursor,
    QEnterEvent,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from mica.ui import theme

ScreenPoint = Callable[[], tuple[int, int] | None]
RaiseAbove = Callable[[int], None]
FLAGS = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
    | Qt.WindowType.X11BypassWindowManagerHint
    | Qt.WindowType.NoDropShadowWindowHint  # a Mac's surrounds the whole frame
)


class Floating(QWidget):
    """A rounded window without decorations, positioned by the app.

    radius         of its corners
    screen_point   a point on the screen to use, in the system's coordinates; None: use
                   the pointer's
    raise_above    called with the native id of each window that is shown
    """

    def __init__(
        self,
        title: str,
        radius: float,
        screen_point: ScreenPoint,
        raise_above: RaiseAbove,
    ) -> None:
        super().__init__(None, FLAGS | Qt.WindowType.WindowTransparentForInput)
        never_activate(self)
        # Without a compositor X11 shows translucency as black; a mask always works.
        self._masked = QGuiApplication.platformName() == "xcb"
        if not self._masked:
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowTitle(title)
        self._radius, self._screen_point, self._raise_above = (
            radius,
            screen_point,
            raise_above,
        )

    def area(self) -> QRect:
        """The available area of the screen to use now."""
        point = self._screen_point()
        screen = _screen_at(*point) if point is not None else None
        screen = screen or QGuiApplication.screenAt(QCursor.pos())
        screen = screen or QGuiApplication.primaryScreen()
        return screen.availableGeometry()

    def place(self, place: QRect) -> None:
        """Set the window's position and size."""
        if self.geometry() == place:
            return
        self.setGeometry(place)
        if self._masked:
            self.setMask(_rounded(place.size(), self._radius))

    def bring(self, window: QWidget) -> None:
        """Show this window, or its button, above all others."""
        window.show()
        # On a Mac raise_above does that; QCocoaWindow::raise would also activate the
        # app.
        if QGuiApplication.platformName() != "cocoa":
            window.raise_()
        self._raise_above(int(window.winId()))


def never_activate(window: QWidget) -> None:
    """Keep a window visible over other programs without ever taking the focus."""
    window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    window.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
    window.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _screen_at(x: int, y: int) -> QScreen | None:
    """The screen with this point. X11 counts pixels; there Qt scales only sizes."""
    is_x11 = QGuiApplication.platformName() == "xcb"
    for screen in QGuiApplication.screens():
        area = screen.geometry()
        size = area.size() * (screen.devicePixelRatio() if is_x11 else 1.0)
        if QRect(area.topLeft(), size).contains(x, y):
            return screen
    return None


def _rounded(size: QSize, radius: float) -> QBitmap:
    mask = QBitmap(size)
    mask.fill(Qt.GlobalColor.color0)
    painter = QPainter(mask)
    painter.setBrush(Qt.GlobalColor.color1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(QRect(QPoint(0, 0), size)), radius, radius)
    painter.end()
    return mask


HEIGHT: Final = 28
PADDING: Final = 14
CLOSE_SIZE: Final = 22
ARM: Final = 4.0  # half the width of the cross


class Button(QWidget):
    """A button with one word."""

    clicked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(None, FLAGS)
        never_activate(self)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setWindowTitle(f"Mica {text}")
        self.setAccessibleName(text)
        self._text, self._is_under = text, False

    def sizeHint(self) -> QSize:
        across = self.fontMetrics().horizontalAdvance(self._text)
        return QSize(across + 2 * PADDING, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colors.back)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.edge, 1))
        painter.setBrush(colors.edge if self._is_under else colors.raised)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(body, HEIGHT / 2, HEIGHT / 2)
        painter.setPen(colors.text)
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


class CloseButton(Button):
    """A button that closes its window; faint until the mouse is over it."""

    def sizeHint(self) -> QSize:
        return QSize(CLOSE_SIZE, CLOSE_SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colors.back)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_under:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.raised)
            painter.drawEllipse(self.rect())
        painter.setPen(QPen(colors.text if self._is_under else colors.faint, 1.6))
        middle = QRectF(self.rect()).center()
        for arm in (QPointF(ARM, ARM), QPointF(ARM, -ARM)):
            painter.drawLine(middle - arm, middle + arm)
        painter.end()
