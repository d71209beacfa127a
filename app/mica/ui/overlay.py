"""The small window that says what Mica is doing. It never takes the focus.

Shown from key press until the text is in place, and for a message. The mouse goes
through it; its one button is a window of its own. It decides nothing: desktop.py tells
it what to show.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QBitmap,
    QCursor,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from mica.settings import OverlayStyle
from mica.ui import picture as pictures
from mica.ui.buttons import Button
from mica.ui.picture import BARS, RADIUS, WIDEST, Layout, Picture
from mica.ui.theme import Tone

FROM_BOTTOM: Final = 96
FROM_SIDES: Final = 20
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


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is shown whenever no message covers it."""

    text: str
    tone: Tone
    metered: bool
    undoable: bool


class Overlay(QWidget):
    """A rounded bar near the bottom of the screen with the focused window.

    style   OFF shows messages of trouble and nothing else; MINIMAL no words but those
            of messages
    still   no bar of the meter travels
    where   a point on the screen to use, as the system counts; None: the pointer's
    lift    told of each window that is shown, by its native id
    """

    undo_wanted = Signal()

    def __init__(
        self,
        style: OverlayStyle = OverlayStyle.LIVE,
        *,
        still: bool = False,
        where: Callable[[], tuple[int, int] | None] = lambda: None,
        lift: Callable[[int], None] = lambda window: None,
    ) -> None:
        super().__init__(None, _FLAGS)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        # Without a compositor X11 shows translucency as black; a mask works always.
        self._masked = QGuiApplication.platformName() == "xcb"
        if not self._masked:
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWindowTitle("Mica overlay")
        self._style, self._still, self._where = style, still, where
        self._lift = lift
        self._picture = Picture(Tone.QUIET)
        self._standing: _Standing | None = None
        self._live, self._level = "", 0.0
        self._levels: deque[float] = deque([0.0] * BARS, BARS)
        self._area = QGuiApplication.primaryScreen().availableGeometry()
        self._undo = Button("Undo")
        self._undo.clicked.connect(self.undo_wanted)
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._advance)
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.timeout.connect(self._message_over)

    def restyle(self, style: OverlayStyle, *, still: bool) -> None:
        """From the next picture on."""
        self._style, self._still = style, still

    @property
    def text(self) -> str:
        return self._picture.text

    @property
    def undo(self) -> QWidget:
        """The button; shown only while undo can be wanted."""
        return self._undo

    @property
    def placed(self) -> Layout:
        """Where everything lies."""
        widest = min(WIDEST, self._area.width() - 2 * FROM_SIDES)
        return pictures.lay_out(self._picture, self.fontMetrics(), widest)

    def say(
        self,
        text: str,
        tone: Tone,
        *,
        metered: bool = False,
        waits: bool = False,
        undoable: bool = False,
    ) -> None:
        """Show this until told otherwise.

        waits   a message that is up stays its while first
        """
        if tone is Tone.QUIET:
            self._live = ""  # what begins or ended has no live text
        self._standing = _Standing(text, tone, metered, undoable)
        if waits and self._hide.isActive():
            return
        self._hide.stop()
        self._find_screen()
        self._show_standing()

    def live(self, text: str) -> None:
        """The words so far of what is being said."""
        if text == self._live or self._style is not OverlayStyle.LIVE:
            return
        self._live = text
        if self._standing is not None and not self._hide.isActive():
            self._show_standing()

    def message(self, text: str, tone: Tone, shown_ms: int | None = None) -> None:
        """Show this for a while, by default long enough to read it; then again what
        it covers."""
        if self._style is OverlayStyle.OFF and tone is not Tone.TROUBLE:
            return
        self._find_screen()
        self._show(Picture(tone, text))
        read_ms = max(MESSAGE_MS, READ_MS * len(text))
        self._hide.start(read_ms if shown_ms is None else shown_ms)

    def leave(self) -> None:
        """Nothing to say; a message still stays its while."""
        self._standing = None
        self._frames.stop()
        if not self._hide.isActive():
            self._vanish()

    def level(self, level: float) -> None:
        """0 to 1; shown with the next picture."""
        self._level = level

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        pictures.paint(painter, self._picture, self.placed, self._levels)
        painter.end()

    def _message_over(self) -> None:
        if self._standing is None:
            self._vanish()
        else:
            self._show_standing()

    def _show_standing(self) -> None:
        standing = self._standing
        if standing is None or self._style is OverlayStyle.OFF:
            self._vanish()
            return
        is_live = bool(self._live) and standing.tone in (Tone.LISTENING, Tone.WORKING)
        text = self._live if is_live else standing.text
        wordless = self._style is OverlayStyle.MINIMAL and not standing.undoable
        self._show(
            Picture(
                standing.tone,
                "" if wordless else text,
                metered=standing.metered,
                is_live=is_live,
                is_faint=is_live and standing.tone is Tone.WORKING,
                button=self._undo.sizeHint() if standing.undoable else None,
            )
        )

    def _vanish(self) -> None:
        self._frames.stop()
        self._undo.hide()
        self.hide()

    def _show(self, picture: Picture) -> None:
        if picture == self._picture and self.isVisible():
            return
        if picture.metered and not self._picture.metered:
            self._levels.extend([0.0] * BARS)
        self._picture = picture
        self._place()
        if not self.isVisible():
            self.show()
            self.raise_()
            self._lift(int(self.winId()))
        self.update()
        if picture.button is None:
            self._undo.hide()
        else:
            self._undo.setGeometry(self.placed.button.translated(self.pos()))
            self._undo.show()
            self._undo.raise_()
            self._lift(int(self._undo.winId()))
        if not picture.metered:
            self._frames.stop()
        elif not self._frames.isActive():
            self._frames.start()

    def _advance(self) -> None:
        before = list(self._levels)
        if self._still:
            lit = round(self._level * BARS)
            self._levels.extend([0.6] * lit + [0.0] * (BARS - lit))
        else:
            self._levels.append(self._level)
        if before != list(self._levels):
            self.update()

    def _find_screen(self) -> None:
        where = self._where()
        screen = _screen_at(*where) if where is not None else None
        screen = screen or QGuiApplication.screenAt(QCursor.pos())
        screen = screen or QGuiApplication.primaryScreen()
        self._area = screen.availableGeometry()

    def _place(self) -> None:
        size, area = self.placed.size, self._area
        left = area.center().x() - size.width() // 2
        top = area.bottom() - FROM_BOTTOM - size.height()
        if self.geometry().getRect() == (left, top, size.width(), size.height()):
            return
        self.setGeometry(left, top, size.width(), size.height())
        if self._masked:
            self.setMask(_rounded(size))


def _screen_at(x: int, y: int) -> QScreen | None:
    """The screen with this point; X11 counts pixels, Qt there scales sizes only."""
    is_x11 = QGuiApplication.platformName() == "xcb"
    for screen in QGuiApplication.screens():
        area = screen.geometry()
        size = area.size() * (screen.devicePixelRatio() if is_x11 else 1.0)
        if QRect(area.topLeft(), size).contains(x, y):
            return screen
    return None


def _rounded(size: QSize) -> QBitmap:
    mask = QBitmap(size)
    mask.fill(Qt.GlobalColor.color0)
    painter = QPainter(mask)
    painter.setBrush(Qt.GlobalColor.color1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(QRect(QPoint(0, 0), size)), RADIUS, RADIUS)
    painter.end()
    return mask
