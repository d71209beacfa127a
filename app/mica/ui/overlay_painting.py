"""The overlay's appearance: the layout of its parts and how they are painted.

A picture is a value; equal pictures look the same. Uses no window, timer or screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen

from mica.ui import theme
from mica.ui.theme import StatusColor

HEIGHT: Final = 44
RADIUS: Final = HEIGHT / 2
PADDING: Final = 18
ABOVE: Final = 12  # above and below the text
GAP: Final = 12
ICON: Final = 14
WIDEST: Final = 520
BARS: Final = 9
BAR_WIDTH: Final = 3
BAR_STRIDE: Final = 6
METER_WIDTH: Final = BARS * BAR_STRIDE - (BAR_STRIDE - BAR_WIDTH)
METER_HEIGHT: Final = 22
LIVE_LINES: Final = 2
LIVE_TAIL: Final = 400  # characters, more than fit in two lines


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that a picture of the overlay shows.

    text      empty: only the icon
    is_live   the text is being spoken: its end is shown, in lines that do not reflow
    is_faint  it is about to be replaced
    hint      a fainter line below live text; otherwise it is part of the text
    locked    the icon is a padlock
    button    the size of a button at the right, for which room is kept
    """

    tone: StatusColor
    text: str = ""
    metered: bool = False
    is_live: bool = False
    is_faint: bool = False
    button: QSize | None = None
    hint: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True)
class PictureLayout:
    """The places of a picture's parts, in the overlay's own pixels.

    texts   a rectangle for each of `lines`
    hinted  the last line is the hint
    """

    size: QSize
    icon: QRectF
    lines: tuple[str, ...]
    texts: tuple[QRect, ...]
    meter: QRectF
    button: QRect
    hinted: bool


def lay_out(
    picture: Picture, metrics: QFontMetrics, widest: int = WIDEST
) -> PictureLayout:
    """The smallest layout that holds everything; live text takes the full width."""
    button = picture.button or QSize(0, 0)
    trailing = METER_WIDTH if picture.metered else button.width()
    around = 2 * PADDING + ICON
    if trailing:
        around += GAP + trailing
    room = max(1, widest - around - GAP)
    lines: list[str] = []
    if picture.text:
        shown = _last_characters(picture.text) if picture.is_live else picture.text
        lines = wrapped(shown, metrics, room)
        lines = lines[-LIVE_LINES:] if picture.is_live else lines
    hinted = bool(lines and picture.hint)
    if hinted:
        lines.append(wrapped(picture.hint, metrics, room)[0])
    widths = [metrics.horizontalAdvance(line) for line in lines]
    text_width = room if picture.is_live and lines else max(widths, default=0)
    width = around + (GAP + text_width if lines else 0)
    spacing = metrics.lineSpacing()
    height = max(HEIGHT, len(lines) * spacing + 2 * ABOVE)
    top, x = (height - len(lines) * spacing) // 2, PADDING + ICON + GAP
    texts = tuple(
        QRect(x, top + row * spacing, across, spacing)
        for row, across in enumerate(widths)
    )
    right, middle = width - PADDING, height / 2
    across, down = button.width(), button.height()
    return PictureLayout(
        size=QSize(width, height),
        icon=QRectF(PADDING, middle - ICON / 2, ICON, ICON),
        lines=tuple(lines),
        texts=texts,
        meter=QRectF(
            right - METER_WIDTH, middle - METER_HEIGHT / 2, METER_WIDTH, METER_HEIGHT
        ),
        button=QRect(right - across, (height - down) // 2, across, down),
        hinted=hinted,
    )


def wrapped(text: str, metrics: QFontMetrics, room: int) -> list[str]:
    """The text in lines no wider than `room`; a wider word is split."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if metrics.horizontalAdvance(longer) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _pieces(word, metrics, room)
            lines += full
        lines.append(line)
    return lines


def paint(
    painter: QPainter, picture: Picture, layout: PictureLayout, levels: Sequence[float]
) -> None:
    """Paint a picture, with these levels (0 to 1) in its meter."""
    colors = theme.palette()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colors.edge, 1))
    painter.setBrush(colors.back)
    body = QRectF(0.5, 0.5, layout.size.width() - 1, layout.size.height() - 1)
    painter.drawRoundedRect(body, RADIUS, RADIUS)
    accent = theme.ACCENTS[picture.tone]
    icon = _padlock if picture.locked else ICONS[picture.tone]
    icon(painter, layout.icon, accent)
    ascent = painter.fontMetrics().ascent()
    for number, (line, place) in enumerate(
        zip(layout.lines, layout.texts, strict=True)
    ):
        is_hint = layout.hinted and number == len(layout.lines) - 1
        painter.setPen(colors.faint if picture.is_faint or is_hint else colors.text)
        painter.drawText(place.left(), place.top() + ascent, line)
    if picture.metered:
        _meter(painter, layout.meter, accent, levels)


def _last_characters(text: str) -> str:
    """The end of the text, starting where it still starts a few words later, so that
    lines do not reflow."""
    start = max(0, len(text) // LIVE_TAIL - 1) * LIVE_TAIL
    return text[start:].split(" ", 1)[-1] if start else text


def _pieces(word: str, metrics: QFontMetrics, room: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and metrics.horizontalAdvance(pieces[-1] + letter) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _meter(
    painter: QPainter, place: QRectF, color: QColor, levels: Sequence[float]
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for number, level in enumerate(levels):
        height = BAR_WIDTH + min(1.0, level) * (METER_HEIGHT - BAR_WIDTH)
        x, top = place.left() + number * BAR_STRIDE, place.center().y() - height / 2
        bar = QRectF(x, top, BAR_WIDTH, height)
        painter.drawRoundedRect(bar, BAR_WIDTH / 2, BAR_WIDTH / 2)


def _ring(painter: QPainter, place: QRectF, color: QColor) -> None:
    painter.setPen(QPen(color, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(place.adjusted(2, 2, -2, -2))


def _dot(painter: QPainter, place: QRectF, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(place.adjusted(1.5, 1.5, -1.5, -1.5))


def _padlock(painter: QPainter, place: QRectF, color: QColor) -> None:
    x, y = place.left(), place.top()
    painter.setPen(QPen(color, 1.8))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shackle = QPainterPath(QPointF(x + 4, y + 7))
    shackle.arcTo(QRectF(x + 4, y + 0.9, 6, 7), 180, -180)
    shackle.lineTo(x + 10, y + 7)
    painter.drawPath(shackle)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(x + 1.5, y + 6.5, 11, 7.5), 1.8, 1.8)


def _dots(painter: QPainter, place: QRectF, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for step in (-5, 0, 5):
        painter.drawEllipse(place.center() + QPointF(step, 0), 1.8, 1.8)


def _tick(painter: QPainter, place: QRectF, color: QColor) -> None:
    x, y = place.left(), place.top()
    path = QPainterPath(QPointF(x + 1.5, y + 7.5))
    path.lineTo(x + 5.5, y + 11.5)
    path.lineTo(x + 12.5, y + 3)
    painter.strokePath(path, _round_pen(color, 2.4))


def _warning(painter: QPainter, place: QRectF, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(place)
    painter.setPen(_round_pen(QColor("#1d1d1f"), 2))
    x, y = place.center().x(), place.top()
    painter.drawLine(QPointF(x, y + 3.5), QPointF(x, y + 7.5))
    painter.drawPoint(QPointF(x, y + 10.6))


def _round_pen(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


ICONS: Final = {
    StatusColor.QUIET: _ring,
    StatusColor.LISTENING: _dot,
    StatusColor.WORKING: _dots,
    StatusColor.DONE: _tick,
    StatusColor.TROUBLE: _warning,
}
