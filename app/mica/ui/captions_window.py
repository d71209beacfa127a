"""The window of live captions, and the layout of its lines.

A band at the bottom of the screen that never takes the focus. Mouse events pass through
it, so its button is a separate window. It makes no decisions: desktop.py tells it what
to show.

A full line stays as it is, because committed words never change; lines only move up.
Words that may still change follow the committed ones.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, QTimer, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from mica.dictation.captions import Phase
from mica.ui import strings, theme
from mica.ui.floating import Button, Floating, RaiseAbove, ScreenPoint
from mica.ui.overlay_painting import GAP, ICON, ICONS, PADDING, wrapped
from mica.ui.theme import StatusColor


@dataclass(frozen=True, slots=True)
class Line:
    """A line of captions: its final text, then its tentative text."""

    committed: str
    tentative: str = ""


class CaptionLines:
    """All words since captions began, as far as they are still visible.

    rows    the maximum number of lines shown
    """

    def __init__(self, rows: int, metrics: QFontMetrics, room: int) -> None:
        self._rows, self._metrics, self._room = rows, metrics, room
        self._full: list[str] = []  # committed lines, the last ones only
        self._rest = ""  # committed words of the line that is not full
        self._tentative = ""
        self._top = 0  # the index of the first line shown

    def set_words(self, committed: str, tentative: str) -> None:
        """Add words that are final, and replace those that may still change."""
        self._tentative = tentative
        if committed:
            *full, self._rest = self._wrapped(self._rest, committed)
            self._full += full
        total = len(self._all())
        # fewer words than before leave room at the bottom; lines never move back down
        self._top = max(total - self._rows, min(self._top, total - 1), 0)
        hidden = max(0, min(self._top, len(self._full) - self._rows))
        del self._full[:hidden]
        self._top -= hidden

    def fit(self, room: int) -> None:
        """Set the width of the lines, in pixels."""
        if room != self._room:
            text = " ".join([*self._full, self._rest])
            self._room, self._full, self._rest, self._top = room, [], "", 0
            self.set_words(text, self._tentative)

    @property
    def shown(self) -> tuple[Line, ...]:
        """The visible lines, from the top."""
        return tuple(self._all()[self._top :])

    def _all(self) -> list[Line]:
        lines = [Line(full) for full in self._full]
        if not self._rest and not self._tentative:
            return lines
        final = _letters(self._rest)
        for line in self._wrapped(self._rest, self._tentative):
            stop = _after(line, final)
            lines.append(Line(line[:stop].rstrip(), line[stop:].lstrip()))
            final -= _letters(line[:stop])
        return lines

    def _wrapped(self, before: str, after: str) -> list[str]:
        return wrapped(f"{before} {after}".strip(), self._metrics, self._room)


def _letters(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _after(line: str, letters: int) -> int:
    """The index in the line after that many letters."""
    for place, character in enumerate(line):
        if letters == 0:
            return place
        letters -= not character.isspace()
    return len(line)


ROWS: Final = 3
TEXT_PX: Final = 26
WIDEST: Final = 1240  # longer lines are hard to follow
FROM_BOTTOM: Final = 24
FROM_SIDES: Final = 20
ABOVE: Final = 14  # above and below the text
RADIUS: Final = 18
HINTS: Final = {
    Phase.ARMING: strings.GETTING_READY,
    Phase.LISTENING: strings.LISTENING,
    Phase.PAUSED: strings.CAPTIONS_PAUSED,
}


class CaptionsWindow(Floating):
    """Three lines over the full width of the screen with the focused window."""

    stop_wanted = Signal()

    def __init__(
        self,
        screen_point: ScreenPoint = lambda: None,
        raise_above: RaiseAbove = lambda window: None,
    ) -> None:
        super().__init__(strings.CAPTIONS_TITLE, RADIUS, screen_point, raise_above)
        self.setAccessibleName(strings.CAPTIONS_NAME)
        font = QFont(self.font())
        font.setPixelSize(TEXT_PX)
        self._font, self._metrics = font, QFontMetrics(font)
        self._phase = Phase.OFF
        self._lines = CaptionLines(ROWS, self._metrics, WIDEST)
        self._stop = Button(strings.STOP)
        self._stop.clicked.connect(self.stop_wanted)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._screens_change)
        application.screenRemoved.connect(self._screens_change)

    @property
    def stop(self) -> QWidget:
        """The stop button."""
        return self._stop

    @property
    def shown(self) -> tuple[Line, ...]:
        """The visible lines."""
        return self._lines.shown

    @property
    def reach(self) -> int:
        """Pixels from the bottom of the screen to its upper edge; 0 while hidden."""
        return FROM_BOTTOM + self.height() if self.isVisible() else 0

    def show_phase(self, phase: Phase) -> None:
        """Show a phase; captions that begin have no words yet."""
        before, self._phase = self._phase, phase
        if phase is Phase.OFF:
            self._stop.hide()
            self.hide()
            return
        if before is Phase.OFF:
            self._lines = CaptionLines(ROWS, self._metrics, WIDEST)
        if before in (Phase.OFF, Phase.PAUSED):
            self._settle()
        self._announce()

    def set_words(self, committed: str, tentative: str) -> None:
        """Add words that are final, and replace those that may still change."""
        before = self.shown
        self._lines.set_words(committed, tentative)
        if self.shown != before:
            self._announce()

    def paintEvent(self, event: QPaintEvent) -> None:
        colors, phase = theme.palette(), self._phase
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.edge, 1))
        painter.setBrush(colors.back)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(body, RADIUS, RADIUS)
        tone = StatusColor.LISTENING if phase is Phase.LISTENING else StatusColor.QUIET
        middle = ABOVE + self._metrics.lineSpacing() / 2  # of the first line
        icon = QRectF(PADDING, middle - ICON / 2, ICON, ICON)
        ICONS[tone](painter, icon, theme.ACCENTS[tone])
        painter.setFont(self._font)
        for row, line in enumerate(self.shown or (Line("", HINTS.get(phase, "")),)):
            self._paint_line(painter, row, line)
        painter.end()

    def _paint_line(self, painter: QPainter, row: int, line: Line) -> None:
        colors = theme.palette()
        x = PADDING + ICON + GAP
        base = ABOVE + row * self._metrics.lineSpacing() + self._metrics.ascent()
        painter.setPen(colors.text)
        painter.drawText(x, base, line.committed)
        if line.committed:
            x += self._metrics.horizontalAdvance(f"{line.committed} ")
        painter.setPen(colors.faint)
        painter.drawText(x, base, line.tentative)

    def _settle(self) -> None:
        """Move to the screen with the focused window."""
        area, button = self.area(), self._stop.sizeHint()
        width = min(WIDEST, area.width() - 2 * FROM_SIDES)
        height = ROWS * self._metrics.lineSpacing() + 2 * ABOVE
        x = area.center().x() - width // 2
        top = area.bottom() + 1 - FROM_BOTTOM - height
        self.place(QRect(x, top, width, height))
        self._lines.fit(width - 2 * (PADDING + GAP) - ICON - button.width())
        at = QRect(self.geometry().topLeft(), button)
        at.translate(width - PADDING - button.width(), (height - button.height()) // 2)
        self._stop.setGeometry(at)
        for window in (self, self._stop):
            self.bring(window)

    def _screens_change(self, screen: QScreen) -> None:
        """Move after a change of screens. The signal comes before that change."""
        QTimer.singleShot(0, self, lambda: self._settle() if self.isVisible() else None)

    def _announce(self) -> None:
        text = " ".join(f"{one.committed} {one.tentative}" for one in self.shown)
        self.setAccessibleDescription(" ".join(text.split()))
        self.update()
