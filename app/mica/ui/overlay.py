"""The small window that shows what Mica is doing, and one above it for messages.

The first is shown from the key press until the text is inserted; a message never covers
it. Neither takes the focus, and mouse events pass through both; their buttons are
separate windows. They make no decisions: status.py tells them what to show.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mica.settings import OverlayStyle
from mica.ui import overlay_painting as pictures
from mica.ui import strings
from mica.ui.floating import Button, CloseButton, Floating, RaiseAbove, ScreenPoint
from mica.ui.overlay_painting import BARS, GAP, RADIUS, WIDEST, Picture, PictureLayout
from mica.ui.theme import StatusColor

FROM_BOTTOM: Final = 96
FROM_SIDES: Final = 20
FRAME_MS: Final = 33  # 30 frames a second, only while the meter is shown
MESSAGE_MS: Final = 6000
READ_MS: Final = 70  # per character, at an unhurried 170 words a minute


@dataclass(frozen=True, slots=True)
class _CurrentMessage:
    """What is shown for a state."""

    text: str
    tone: StatusColor
    metered: bool
    undoable: bool
    hint: str
    locked: bool


class Pill(Floating):
    """A rounded bar with a picture in it, and optionally a button.

    bottom   its lower edge, in screen pixels; and `area`, the available area of the
             screen
    """

    def __init__(
        self, title: str, screen_point: ScreenPoint, raise_above: RaiseAbove
    ) -> None:
        super().__init__(title, RADIUS, screen_point, raise_above)
        self._picture = Picture(StatusColor.QUIET)
        self._button: Button | None = None
        self._levels: deque[float] = deque([0.0] * BARS, BARS)
        self._area = QGuiApplication.primaryScreen().availableGeometry()
        self._bottom = self._area.bottom() - FROM_BOTTOM

    @property
    def text(self) -> str:
        return self._picture.text

    @property
    def placed(self) -> PictureLayout:
        """The layout of the picture."""
        widest = min(WIDEST, self._area.width() - 2 * FROM_SIDES)
        return pictures.lay_out(self._picture, self.fontMetrics(), widest)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        pictures.paint(painter, self._picture, self.placed, self._levels)
        painter.end()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._button is not None:
            self._button.hide()

    def show_picture(self, picture: Picture, button: Button | None) -> None:
        """Show a picture until hide() is called."""
        if button is not None:
            picture = replace(picture, button=button.sizeHint())
        if picture == self._picture and self.isVisible():
            return
        if picture.metered and not self._picture.metered:
            self._levels.extend([0.0] * BARS)
        if self._button is not None and self._button is not button:
            self._button.hide()
        self._picture, self._button = picture, button
        self.settle(self._area, self._bottom)
        if not self.isVisible():
            self.bring(self)
        self.update()
        if button is not None:
            self.bring(button)

    def settle(self, area: QRect, bottom: int) -> None:
        """Move to its place on the screen."""
        self._area, self._bottom = area, bottom
        size = self.placed.size
        x = area.center().x() - size.width() // 2
        self.place(QRect(x, bottom - size.height(), size.width(), size.height()))
        if self._button is not None:
            self._button.setGeometry(self.placed.button.translated(self.pos()))


class Overlay(Pill):
    """The overlay, near the bottom of the screen with the focused window.

    style                       OFF shows only messages of trouble; MINIMAL no words
                                except messages
    still                       the meter's bars do not travel
    screen_point, raise_above   see Floating
    notice                      the window for messages, above the state
    """

    undo_wanted = Signal()
    dismissed = Signal()  # the user closed a message of trouble

    def __init__(
        self,
        style: OverlayStyle = OverlayStyle.LIVE,
        *,
        still: bool = False,
        screen_point: ScreenPoint = lambda: None,
        raise_above: RaiseAbove = lambda window: None,
    ) -> None:
        super().__init__(strings.OVERLAY_NAME, screen_point, raise_above)
        self.notice = Pill(strings.MESSAGE_NAME, screen_point, raise_above)
        self._style, self._still = style, still
        self._from_bottom = FROM_BOTTOM
        self._message: _CurrentMessage | None = None
        self._live, self._level = "", 0.0
        self._undo = Button(strings.UNDO)
        self._undo.clicked.connect(self.undo_wanted)
        self._dismiss = CloseButton(strings.DISMISS)
        self._dismiss.clicked.connect(self._on_dismiss)
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._advance)
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.timeout.connect(self.notice.hide)

    def restyle(self, style: OverlayStyle, *, still: bool) -> None:
        """Set the style, for the next picture on."""
        self._style, self._still = style, still

    def set_bottom_inset(self, reach: int) -> None:
        """Stay above what covers this many pixels at the bottom of the screen."""
        self._from_bottom = max(FROM_BOTTOM, reach + GAP)
        self._stack(self._area)

    @property
    def undo(self) -> QWidget:
        """The undo button; shown only while undo is possible."""
        return self._undo

    @property
    def dismiss(self) -> QWidget:
        """The close button; shown only with trouble, which also times out."""
        return self._dismiss

    def show_message(
        self,
        text: str,
        tone: StatusColor,
        *,
        metered: bool = False,
        undoable: bool = False,
        hint: str = "",
        locked: bool = False,
    ) -> None:
        """Show a state until the next call.

        hint     how to end it, if that is not obvious
        locked   it can be ended in no other way
        """
        if tone is StatusColor.QUIET:
            self._live = ""  # something that begins or ended has no live text
        self._message = _CurrentMessage(text, tone, metered, undoable, hint, locked)
        self._area = self.area()
        self._show_current()

    def live(self, text: str) -> None:
        """Show the words so far of the current utterance."""
        if text == self._live or self._style is not OverlayStyle.LIVE:
            return
        self._live = text
        self._show_current()

    def message(
        self, text: str, tone: StatusColor, shown_ms: int | None = None
    ) -> None:
        """Show a message for a while, by default long enough to read it; above the
        state, if one is shown."""
        if self._style is OverlayStyle.OFF and tone is not StatusColor.TROUBLE:
            return
        button = self._dismiss if tone is StatusColor.TROUBLE else None
        self._stack(self.area())
        self.notice.show_picture(Picture(tone, text), button)
        read_ms = max(MESSAGE_MS, READ_MS * len(text))
        self._hide.start(read_ms if shown_ms is None else shown_ms)

    def forget(self) -> None:
        """Hide the message."""
        self._hide.stop()
        self.notice.hide()

    def clear(self) -> None:
        """Stop showing a state; a message stays for its time, where it is."""
        self._message = None
        self._show_current()

    def level(self, level: float) -> None:
        """Set the level, 0 to 1; shown with the next frame."""
        self._level = level

    def _on_dismiss(self) -> None:
        self.forget()
        self.dismissed.emit()

    def _show_current(self) -> None:
        message = self._message
        if message is None or self._style is OverlayStyle.OFF:
            self._frames.stop()
            self.hide()
            return
        is_live = bool(self._live) and message.tone in (
            StatusColor.LISTENING,
            StatusColor.WORKING,
        )
        text = self._live if is_live else f"{message.text} {message.hint}".strip()
        wordless = self._style is OverlayStyle.MINIMAL and not message.undoable
        picture = Picture(
            message.tone,
            "" if wordless else text,
            metered=message.metered,
            is_live=is_live,
            is_faint=is_live and message.tone is StatusColor.WORKING,
            hint=message.hint if is_live else "",
            locked=message.locked,
        )
        self.show_picture(picture, self._undo if message.undoable else None)
        self._stack(self._area)
        if not message.metered:
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

    def _stack(self, area: QRect) -> None:
        """Move the state to the bottom and the message above it."""
        bottom = area.bottom() - self._from_bottom
        self.settle(area, bottom)
        above = bottom - self.height() - GAP if self.isVisible() else bottom
        self.notice.settle(area, above)
