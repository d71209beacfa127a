"""The small window that says what Mica is doing. It never takes the focus.

Shown from key press until the text is in place, and for a message. The mouse goes
through it; its buttons are windows of their own. It decides nothing: status.py tells it
what to show.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mica.settings import OverlayStyle
from mica.ui import picture as pictures
from mica.ui.buttons import Button, Cross
from mica.ui.floating import Floating, Lift, Where
from mica.ui.picture import BARS, GAP, RADIUS, WIDEST, Layout, Picture
from mica.ui.theme import Tone

FROM_BOTTOM: Final = 96
FROM_SIDES: Final = 20
FRAME_MS: Final = 33  # 30 pictures a second, only while the meter is shown
MESSAGE_MS: Final = 6000
READ_MS: Final = 70  # a character, at an unhurried 170 words a minute


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is shown whenever no message covers it."""

    text: str
    tone: Tone
    metered: bool
    undoable: bool


class Overlay(Floating):
    """A rounded bar near the bottom of the screen with the focused window.

    style   OFF shows messages of trouble and nothing else; MINIMAL no words but those
            of messages
    still   no bar of the meter travels
    where, lift   see Floating
    """

    undo_wanted = Signal()

    def __init__(
        self,
        style: OverlayStyle = OverlayStyle.LIVE,
        *,
        still: bool = False,
        where: Where = lambda: None,
        lift: Lift = lambda window: None,
    ) -> None:
        super().__init__("Mica overlay", RADIUS, where, lift)
        self._style, self._still = style, still
        self._from_bottom = FROM_BOTTOM
        self._picture = Picture(Tone.QUIET)
        self._standing: _Standing | None = None
        self._live, self._level = "", 0.0
        self._levels: deque[float] = deque([0.0] * BARS, BARS)
        self._area = QGuiApplication.primaryScreen().availableGeometry()
        self._undo = Button("Undo")
        self._undo.clicked.connect(self.undo_wanted)
        self._dismiss = Cross("Dismiss")
        self._dismiss.clicked.connect(self._message_over)
        self._button: Button | None = None  # that is up
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._advance)
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.timeout.connect(self._message_over)

    def restyle(self, style: OverlayStyle, *, still: bool) -> None:
        """From the next picture on."""
        self._style, self._still = style, still

    def stand_on(self, reach: int) -> None:
        """Keep above what takes so many pixels at the bottom of the screen."""
        self._from_bottom = max(FROM_BOTTOM, reach + GAP)
        if self.isVisible():
            self._place()

    @property
    def text(self) -> str:
        return self._picture.text

    @property
    def undo(self) -> QWidget:
        """A button; shown only while undo can be wanted."""
        return self._undo

    @property
    def dismiss(self) -> QWidget:
        """A button; shown only with what went wrong, which goes by itself as well."""
        return self._dismiss

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
        self._area = self.area()
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
        self._area = self.area()
        self._show(Picture(tone, text), self._dismiss if tone is Tone.TROUBLE else None)
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
        self._hide.stop()
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
            ),
            self._undo if standing.undoable else None,
        )

    def _vanish(self) -> None:
        self._frames.stop()
        self._undo.hide()
        self._dismiss.hide()
        self.hide()

    def _show(self, picture: Picture, button: Button | None) -> None:
        if button is not None:
            picture = replace(picture, button=button.sizeHint())
        if picture == self._picture and self.isVisible():
            return
        if picture.metered and not self._picture.metered:
            self._levels.extend([0.0] * BARS)
        self._picture, self._button = picture, button
        self._place()
        if not self.isVisible():
            self.bring(self)
        self.update()
        for other in {self._undo, self._dismiss} - {button}:
            other.hide()
        if button is not None:
            self.bring(button)
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

    def _place(self) -> None:
        size, area = self.placed.size, self._area
        left = area.center().x() - size.width() // 2
        top = area.bottom() - self._from_bottom - size.height()
        self.place(QRect(left, top, size.width(), size.height()))
        if self._button is not None:
            self._button.setGeometry(self.placed.button.translated(self.pos()))
