"""A button that shows a key and takes another one: click it, press the key.

`KeyField` is that button with what belongs to it: a cross in it that clears it, and the
line that says why a key cannot be taken.
"""

import sys
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from mica.host.key_names import label
from mica.ui import strings

Learn = Callable[[Callable[[str], None] | None], None]
MAC = sys.platform == "darwin"
#: The host and Qt hear of a key on their own ways, each in its own time.
WAIT_MS: Final = 300
CLEAR_MARGIN: Final = 3  # around the cross in its button
_CLEARS = ("backspace", "delete")
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
_NAMED = {  # what Qt has no short name for
    Qt.Key.Key_CapsLock: strings.CAPS_LOCK,
    Qt.Key.Key_NumLock: strings.NUM_LOCK,
    Qt.Key.Key_ScrollLock: strings.SCROLL_LOCK,
}


class KeyButton(QPushButton):
    """Main thread only.

    learn      tells the next key by name, on this thread; None: no more (ports.Hotkeys)
    optional   Backspace takes the key away
    unusable   a key was pressed that the host has no name for; how people call it
    ended      it learns no more
    """

    chosen = Signal(object)  # the key's name, or None for no key
    unusable = Signal(str)
    ended = Signal()

    def __init__(self, learn: Learn, *, optional: bool) -> None:
        super().__init__()
        self._learn, self._optional = learn, optional
        self._name: str | None = None
        self._learning = self._is_trying = False
        self._down: set[int] = set()  # keys Qt saw go down while it learns
        self._stale: set[int] = set()  # those of them that were refused
        self._unnamed = ""
        self._deaf = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._late = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._late.timeout.connect(self._refuse)
        self.setMinimumWidth(170)
        self.clicked.connect(self._clicked)

    def show_key(self, name: str | None) -> None:
        self._name = name
        self._show()

    def sizeHint(self) -> QSize:
        """With room for the cross that KeyField puts in one that is optional."""
        hint = super().sizeHint()
        return hint + QSize(2 * hint.height(), 0) if self._optional else hint

    def event(self, event: QEvent) -> bool:
        """While it learns, keys do nothing else; nor does the key it has just learnt,
        whose press or release may reach Qt only now."""
        if event.type() in _KEYS and (self._learning or self._deaf.isActive()):
            if isinstance(event, QKeyEvent) and not event.isAutoRepeat():
                self._look_at(event)
            event.accept()
            return True
        if self._learning and event.type() is QEvent.Type.FocusOut:
            self._end()
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._end()
        super().hideEvent(event)

    def try_again(self) -> None:
        """The key it has just told is refused: it learns another once that is up."""
        if self._is_trying:
            self._stale = set(self._down)
            self._deaf.start()
            self._begin()

    def _look_at(self, event: QKeyEvent) -> None:
        """A key that comes up again, and of which the host told nothing, has no name
        there."""
        if event.type() is QEvent.Type.KeyPress:
            self._down.add(event.key())
            if self._deaf.isActive():
                self._stale.add(event.key())
                return
            named = _NAMED.get(Qt.Key(event.key()))
            self._unnamed = named or QKeySequence(event.key()).toString()
        elif event.type() is QEvent.Type.KeyRelease:
            self._down.discard(event.key())
            self._stale.discard(event.key())
            if not self._down:
                self._late.start()

    def _refuse(self) -> None:
        if self._learning and self._unnamed:
            self._end()
            self._tell(self.unusable, self._unnamed)

    def _clicked(self) -> None:
        if self._learning:
            self._end()
            return
        self._down.clear()
        self._stale.clear()
        self._deaf.stop()
        self.setFocus()
        self._begin()

    def _begin(self) -> None:
        self._learning, self._unnamed = True, ""
        self._learn(self._learnt)
        self._show()

    def _learnt(self, name: str) -> None:
        if not self._learning or self._stale or self._deaf.isActive():
            return
        self._end()
        self._deaf.start()
        if name in _CLEARS and self._optional:
            self._tell(self.chosen, None)
        elif name != "escape":
            self._tell(self.chosen, name)

    def _tell(self, signal: object, what: str | None) -> None:
        """Who hears of it may call try_again()."""
        self._is_trying = True
        signal.emit(what)  # type: ignore[attr-defined]
        self._is_trying = False

    def _end(self) -> None:
        if self._learning:
            self._learning = False
            self._late.stop()
            self._learn(None)
            self._show()
            self.ended.emit()

    def _show(self) -> None:
        if self._learning:
            self.setText(strings.PRESS_A_KEY)
        else:
            self.setText(
                label(self._name, mac=MAC) if self._name else strings.RECORD_SHORTCUT
            )


class Callout(QLabel):
    """A line right below what it is about. It lies over what stands there and lets
    clicks through, so that nothing moves under the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self.setMargin(3)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_below(self, widget: QWidget, text: str, over: QWidget) -> None:
        """`over`: what holds the widget, and all that may be covered."""
        self.setParent(over)
        self.setText(text)
        self.setFixedWidth(widget.width())
        self.setFixedHeight(self.heightForWidth(widget.width()))
        self.move(widget.mapTo(over, widget.rect().bottomLeft()))
        self.raise_()
        self.show()


class KeyField(QWidget):
    """Main thread only. Changes nothing itself: what is chosen is shown when told."""

    chosen = Signal(object)

    def __init__(self, learn: Learn, *, optional: bool) -> None:
        super().__init__()
        self.button = KeyButton(learn, optional=optional)
        self.button.chosen.connect(self.chosen)
        self.button.unusable.connect(
            lambda key: self.show_problem(strings.UNUSABLE_KEY.format(key))
        )
        self._clear = QToolButton(self)
        self._clear.setText("✕")
        self._clear.setAutoRaise(True)
        self._clear.setToolTip(strings.CLEAR_SHORTCUT)
        self._clear.setAccessibleName(strings.CLEAR_SHORTCUT)
        self._clear.clicked.connect(lambda: self.chosen.emit(None))
        self._clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._optional = optional
        self._problem = Callout()
        self.button.ended.connect(self._problem.hide)
        alone = QHBoxLayout(self)
        alone.setContentsMargins(0, 0, 0, 0)
        alone.addWidget(self.button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cross stands in the button, so that all that is in a column ends at one
        edge."""
        super().resizeEvent(event)
        side = self.height() - 2 * CLEAR_MARGIN
        left = self.width() - CLEAR_MARGIN - side
        self._clear.setGeometry(left, CLEAR_MARGIN, side, side)
        self._clear.raise_()

    @property
    def problem(self) -> QLabel:
        return self._problem

    def show_key(self, name: str | None) -> None:
        self.button.show_key(name)
        self._clear.setVisible(self._optional and name is not None)

    def show_problem(self, problem: str | None) -> None:
        """Why a key is not taken, where another can be pressed at once; None: nothing
        is wrong."""
        if problem is None:
            self._problem.hide()
        else:
            over = self.parentWidget() or self
            self._problem.show_below(self.button, f"⚠ {problem}", over)
            self.button.try_again()
