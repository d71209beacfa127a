"""The small window that says what Mica is doing. It never takes the focus.

Shown from key press until the text is in place, and for a message. The mouse goes
through it. It decides nothing: desktop.py tells it what to show.
"""

from collections import deque
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QBitmap,
    QColor,
    QCursor,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from mica.ui import theme
from mica.ui.theme import Tone

HEIGHT: Final = 44
PADDING: Final = 18
METER_BARS: Final = 9
BAR_WIDTH: Final = 3
BAR_GAP: Final = 3
METER_WIDTH: Final = METER_BARS * (BAR_WIDTH + BAR_GAP)
DOT: Final = 10
GAP: Final = 12
WIDEST: Final = 520
FROM_BOTTOM: Final = 96
FRAME_MS: Final = 33  # 30 pictures a second, only while the meter is shown
MESSAGE_MS: Final = 6000
READ_MS: Final = 70  # a character, at an unhurried 170 words a minute
_FLAGS: Final = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
    | Qt.WindowType.WindowTransparentForInput
    | Qt.WindowType.X11BypassWindowManagerHint
)


class Overlay(QWidget):
    """A rounded bar near the bottom of the screen with the pointer."""

    def __init__(self) -> None:
        super().__init__(None, _FLAGS)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        # Without a compositor X11 shows translucency as black; a mask works always.
        self._masked = QGuiApplication.platformName() == "xcb"
        if not self._masked:
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWindowTitle("Mica overlay")
        self._tone = Tone.QUIET
        self._text = ""
        self._metered = False
        self._level = 0.0
        self._levels: deque[float] = deque([0.0] * METER_BARS, METER_BARS)
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._advance)
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.timeout.connect(self._message_over)
        self._standing: tuple[str, Tone, bool] | None = None

    @property
    def text(self) -> str:
        return self._text

    def say(
        self, text: str, tone: Tone, *, metered: bool = False, waits: bool = False
    ) -> None:
        """Show this until told otherwise.

        waits   a message that is up stays its while first
        """
        self._standing = (text, tone, metered)
        if waits and self._hide.isActive():
            return
        self._hide.stop()
        self._picture(text, tone, metered=metered)

    def message(self, text: str, tone: Tone, shown_ms: int | None = None) -> None:
        """Show this for a while, by default long enough to read it; then again what
        it covers."""
        self._picture(text, tone, metered=False)
        read_ms = max(MESSAGE_MS, READ_MS * len(text))
        self._hide.start(read_ms if shown_ms is None else shown_ms)

    def leave(self) -> None:
        """Nothing to say; a message still stays its while."""
        self._standing = None
        self._frames.stop()
        if not self._hide.isActive():
            self.hide()

    def level(self, level: float) -> None:
        """0 to 1; shown with the next picture."""
        self._level = level

    def _message_over(self) -> None:
        if self._standing is None:
            self.hide()
        else:
            text, tone, metered = self._standing
            self._picture(text, tone, metered=metered)

    def _picture(self, text: str, tone: Tone, *, metered: bool) -> None:
        self._text, self._tone, self._metered = text, tone, metered
        self._levels.extend([0.0] * METER_BARS)
        self._place()
        self.show()
        self.raise_()
        self.update()
        if metered:
            self._frames.start()
        else:
            self._frames.stop()

    def sizeHint(self) -> QSize:
        around = 2 * PADDING + DOT + GAP
        around += GAP + METER_WIDTH if self._metered else 0
        lines = self._text_rect(WIDEST - around)
        return QSize(lines.width() + around, max(HEIGHT, lines.height() + 24))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colours.edge, 1))
        painter.setBrush(colours.back)
        painter.drawRoundedRect(body, HEIGHT / 2, HEIGHT / 2)
        self._paint_dot(painter)
        left = PADDING + DOT + GAP
        right = PADDING + (METER_WIDTH + GAP if self._metered else 0)
        painter.setPen(colours.text)
        painter.setFont(self.font())
        room = QRect(left, 0, self.width() - left - right + 2, self.height())
        wrapped = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(wrapped), self._text)
        if self._metered:
            self._paint_meter(painter, theme.ACCENTS[self._tone])
        painter.end()

    def _paint_dot(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.ACCENTS[self._tone])
        painter.drawEllipse(QRectF(PADDING, (self.height() - DOT) / 2, DOT, DOT))

    def _paint_meter(self, painter: QPainter, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        x = self.width() - PADDING - METER_WIDTH + BAR_GAP
        for level in self._levels:
            height = BAR_WIDTH + level * (self.height() - 2 * 11 - BAR_WIDTH)
            top = (self.height() - height) / 2
            painter.drawRoundedRect(
                QRectF(x, top, BAR_WIDTH, height), BAR_WIDTH / 2, BAR_WIDTH / 2
            )
            x += BAR_WIDTH + BAR_GAP

    def _advance(self) -> None:
        self._levels.append(self._level)
        self.update()

    def _text_rect(self, width: int) -> QRect:
        room = QRect(0, 0, width, 400)
        flags = int(Qt.TextFlag.TextWordWrap)
        return QFontMetrics(self.font()).boundingRect(room, flags, self._text)

    def _place(self) -> None:
        size = self.sizeHint()
        screen = QGuiApplication.screenAt(QCursor.pos())
        area = (screen or QGuiApplication.primaryScreen()).availableGeometry()
        left = area.center().x() - size.width() // 2
        self.setGeometry(
            left,
            area.bottom() - FROM_BOTTOM - size.height(),
            size.width(),
            size.height(),
        )
        if self._masked:
            self.setMask(_rounded(size))


def _rounded(size: QSize) -> QBitmap:
    mask = QBitmap(size)
    mask.fill(Qt.GlobalColor.color0)
    painter = QPainter(mask)
    painter.setBrush(Qt.GlobalColor.color1)
    painter.setPen(Qt.GlobalColor.color1)
    painter.drawRoundedRect(QRectF(0, 0, size.width() - 1, size.height() - 1), 22, 22)
    painter.end()
    return mask
