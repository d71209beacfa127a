"""Colors and the tray icon, for dark and light mode. Makes no decisions."""

import sys
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer

from mica import paths

ICON_SIZES = (16, 22, 32, 44, 64)
TEMPLATE_SIZES = (18, 36)  # at one and two pixels per point


class StatusColor(Enum):
    """The meanings of colors."""

    QUIET = "quiet"
    LISTENING = "listening"
    WORKING = "working"
    DONE = "done"
    TROUBLE = "trouble"
    PAUSED = "paused"
    CAPTIONS = "captions"  # captions are being recorded
    STANDBY = "standby"  # a microphone is open, but nothing is recorded


@dataclass(frozen=True, slots=True)
class Palette:
    """The overlay's colors.

    raised   a button
    """

    back: QColor
    raised: QColor
    edge: QColor
    text: QColor
    faint: QColor


DARK = Palette(
    back=QColor("#26262a"),
    raised=QColor("#36363b"),
    edge=QColor("#4c4c54"),
    text=QColor("#f5f5f7"),
    faint=QColor("#a4a4ab"),
)
LIGHT = Palette(
    back=QColor("#fbfbfd"),
    raised=QColor("#efeff3"),
    edge=QColor("#d0d0d7"),
    text=QColor("#1d1d1f"),
    faint=QColor("#68686e"),
)
ACCENTS = {
    StatusColor.QUIET: QColor("#8e8e93"),
    StatusColor.LISTENING: QColor("#ff453a"),
    StatusColor.WORKING: QColor("#0a84ff"),
    StatusColor.DONE: QColor("#30a14e"),
    StatusColor.TROUBLE: QColor("#ff9f0a"),
    StatusColor.PAUSED: QColor("#8e8e93"),
    StatusColor.CAPTIONS: QColor("#ff453a"),
    StatusColor.STANDBY: QColor("#8e8e93"),
}


def palette() -> Palette:
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def tray_icon(tone: StatusColor) -> QIcon:
    """The icon for the menu bar or tray. It shows the state by color and shape; on a
    Mac by shape alone, in the color of the menu bar."""
    return _template_icon(tone) if sys.platform == "darwin" else disc_icon(tone)


def disc_icon(tone: StatusColor) -> QIcon:
    """A microphone on a disc; the shape of its badge shows the state too."""
    icon = QIcon()
    for size in ICON_SIZES:
        icon.addPixmap(_disc(tone, size))
    return icon


def _template_icon(tone: StatusColor) -> QIcon:
    """A template image: macOS uses only its opacity, and adapts it to the wallpaper, a
    dark menu bar and clicks. Qt takes the largest size that fits the menu bar, at most
    18 points high (QCocoaSystemTrayIcon::updateIcon)."""
    icon = QIcon()
    renderer = QSvgRenderer(str(paths.resource(f"menubar/{tone.value}.svg")))
    for size in TEMPLATE_SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        icon.addPixmap(pixmap)
    icon.setIsMask(True)
    return icon


def _disc(tone: StatusColor, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 32, size / 32)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ACCENTS[tone])
    painter.drawEllipse(QRectF(1, 1, 30, 30))
    _microphone(painter)
    if tone in _SHAPES:
        _SHAPES[tone](painter)
    painter.end()
    return pixmap


def _microphone(painter: QPainter) -> None:
    white = QColor("white")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(white)
    painter.drawRoundedRect(QRectF(12.5, 6, 7, 12), 3.5, 3.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(white, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    path = QPainterPath(QPointF(9.5, 15))
    path.arcTo(QRectF(9.5, 8.5, 13, 13), 180, 180)
    painter.drawPath(path)
    painter.drawLine(QPointF(16, 21.5), QPointF(16, 25))
    painter.drawLine(QPointF(12.5, 25), QPointF(19.5, 25))


def _badge(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#1d1d1f"))
    painter.drawEllipse(QRectF(17, 17, 15, 15))


def _dots(painter: QPainter) -> None:
    _badge(painter)
    painter.setBrush(QColor("white"))
    for x in (20.5, 24.5, 28.5):
        painter.drawEllipse(QPointF(x, 24.5), 1.4, 1.4)


def _tick(painter: QPainter) -> None:
    _badge(painter)
    painter.setPen(_white_pen(2.2))
    painter.drawLine(QPointF(21, 25), QPointF(23.5, 27.5))
    painter.drawLine(QPointF(23.5, 27.5), QPointF(28.5, 21.5))


def _paint_check_mark(painter: QPainter) -> None:
    _badge(painter)
    painter.setPen(_white_pen(2.4))
    painter.drawLine(QPointF(24.5, 20.5), QPointF(24.5, 25))
    painter.drawPoint(QPointF(24.5, 28.6))


def _bars(painter: QPainter) -> None:
    _badge(painter)
    painter.setPen(_white_pen(2.2))
    for x in (22.5, 26.5):
        painter.drawLine(QPointF(x, 21.5), QPointF(x, 27.5))


def _waves(painter: QPainter) -> None:
    """Sound on both sides of the microphone."""
    painter.setPen(_white_pen(2.2))
    for middle in (0, 180):
        painter.drawArc(QRectF(5, 3.5, 22, 17), 16 * (middle - 38), 16 * 76)


def _lines(painter: QPainter) -> None:
    """Lines of text."""
    _badge(painter)
    painter.setPen(_white_pen(2.2))
    painter.drawLine(QPointF(20.5, 22.5), QPointF(28.5, 22.5))
    painter.drawLine(QPointF(20.5, 27), QPointF(26, 27))


def _ring(painter: QPainter) -> None:
    """An empty record button."""
    _badge(painter)
    painter.setPen(_white_pen(2.2))
    painter.drawEllipse(QPointF(24.5, 24.5), 3.4, 3.4)


def _white_pen(width: float) -> QPen:
    return QPen(QColor("white"), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


_SHAPES = {
    StatusColor.LISTENING: _waves,
    StatusColor.WORKING: _dots,
    StatusColor.DONE: _tick,
    StatusColor.TROUBLE: _paint_check_mark,
    StatusColor.PAUSED: _bars,
    StatusColor.CAPTIONS: _lines,
    StatusColor.STANDBY: _ring,
}
