"""The band of live captions at the bottom of the screen. It never takes the focus.

The mouse goes through it; its one button is a window of its own. It decides nothing:
desktop.py tells it what to show.
"""

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
from mica.ui import theme
from mica.ui.buttons import Button
from mica.ui.captions_text import CaptionLines, Line
from mica.ui.floating import Floating, Lift, Where
from mica.ui.picture import GAP, MARK, MARKS, PADDING
from mica.ui.theme import Tone

ROWS: Final = 3
TEXT_PX: Final = 26
WIDEST: Final = 1240  # longer lines are hard to follow
FROM_BOTTOM: Final = 24
FROM_SIDES: Final = 20
ABOVE: Final = 14  # and below the text
RADIUS: Final = 18
HINTS: Final = {
    Phase.ARMING: "Getting ready…",
    Phase.LISTENING: "Listening…",
    Phase.ASIDE: "Captions go on after your dictation.",
}


class CaptionsBand(Floating):
    """Three lines over the full width of the screen with the focused window."""

    stop_wanted = Signal()

    def __init__(
        self,
        where: Where = lambda: None,
        lift: Lift = lambda window: None,
    ) -> None:
        super().__init__("Mica captions", RADIUS, where, lift)
        self.setAccessibleName("Live captions")
        font = QFont(self.font())
        font.setPixelSize(TEXT_PX)
        self._font, self._metrics = font, QFontMetrics(font)
        self._phase = Phase.OFF
        self._lines = CaptionLines(ROWS, self._metrics, WIDEST)
        self._stop = Button("Stop")
        self._stop.clicked.connect(self.stop_wanted)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._screens_change)
        application.screenRemoved.connect(self._screens_change)

    @property
    def stop(self) -> QWidget:
        """The button."""
        return self._stop

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines with words in them."""
        return self._lines.shown

    @property
    def reach(self) -> int:
        """Pixels from the bottom of the screen to its upper edge; 0 while hidden."""
        return FROM_BOTTOM + self.height() if self.isVisible() else 0

    def show_phase(self, phase: Phase) -> None:
        """What captions are doing now; they begin with no words."""
        before, self._phase = self._phase, phase
        if phase is Phase.OFF:
            self._stop.hide()
            self.hide()
            return
        if before is Phase.OFF:
            self._lines = CaptionLines(ROWS, self._metrics, WIDEST)
        if before in (Phase.OFF, Phase.ASIDE):
            self._settle()
        self._say()

    def hear(self, committed: str, tentative: str) -> None:
        """Words that are final now, and all that may still change."""
        before = self.shown
        self._lines.hear(committed, tentative)
        if self.shown != before:
            self._say()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, phase = theme.palette(), self._phase
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.edge, 1))
        painter.setBrush(colours.back)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(body, RADIUS, RADIUS)
        tone = Tone.LISTENING if phase is Phase.LISTENING else Tone.QUIET
        middle = ABOVE + self._metrics.lineSpacing() / 2  # of the first line
        mark = QRectF(PADDING, middle - MARK / 2, MARK, MARK)
        MARKS[tone](painter, mark, theme.ACCENTS[tone])
        painter.setFont(self._font)
        for row, line in enumerate(self.shown or (Line("", HINTS.get(phase, "")),)):
            self._paint_line(painter, row, line)
        painter.end()

    def _paint_line(self, painter: QPainter, row: int, line: Line) -> None:
        colours = theme.palette()
        left = PADDING + MARK + GAP
        base = ABOVE + row * self._metrics.lineSpacing() + self._metrics.ascent()
        painter.setPen(colours.text)
        painter.drawText(left, base, line.committed)
        if line.committed:
            left += self._metrics.horizontalAdvance(f"{line.committed} ")
        painter.setPen(colours.faint)
        painter.drawText(left, base, line.tentative)

    def _settle(self) -> None:
        """Where the user looks now."""
        area, button = self.area(), self._stop.sizeHint()
        width = min(WIDEST, area.width() - 2 * FROM_SIDES)
        height = ROWS * self._metrics.lineSpacing() + 2 * ABOVE
        left = area.center().x() - width // 2
        top = area.bottom() + 1 - FROM_BOTTOM - height
        self.place(QRect(left, top, width, height))
        self._lines.fit(width - 2 * (PADDING + GAP) - MARK - button.width())
        at = QRect(self.geometry().topLeft(), button)
        at.translate(width - PADDING - button.width(), (height - button.height()) // 2)
        self._stop.setGeometry(at)
        for window in (self, self._stop):
            self.bring(window)

    def _screens_change(self, screen: QScreen) -> None:
        """For hours the user may not dictate. Told before it has come or gone."""
        QTimer.singleShot(0, self, lambda: self._settle() if self.isVisible() else None)

    def _say(self) -> None:
        said = " ".join(f"{one.committed} {one.tentative}" for one in self.shown)
        self.setAccessibleDescription(" ".join(said.split()))
        self.update()
