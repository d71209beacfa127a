"""A button that shows a key and records another: click it, then press the key.

`KeyField` is that button with a cross that clears it and a line that says why a key
cannot be used.
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
#: The host and Qt report a key independently, with different delays.
WAIT_MS: Final = 300
CLEAR_MARGIN: Final = 3  # around the cross in the button
_CLEARS = ("backspace", "delete")
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
_NAMED = {  # keys for which Qt has no short name
    Qt.Key.Key_CapsLock: strings.CAPS_LOCK,
    Qt.Key.Key_NumLock: strings.NUM_LOCK,
    Qt.Key.Key_ScrollLock: strings.SCROLL_LOCK,
}


class KeyButton(QPushButton):
    """Shows a key and records another. Main thread only.

    learn      calls back with the next key's name, on this thread; None: stop
               (ports.Hotkeys)
    optional   Backspace clears the key
    unusable   emitted for a key without a name in the host, with its name for people
    ended      emitted when recording ends
    """

    chosen = Signal(object)  # the key's name; None for no key
    unusable = Signal(str)
    ended = Signal()

    def __init__(self, learn: Learn, *, optional: bool) -> None:
        super().__init__()
        self._learn, self._optional = learn, optional
        self._name: str | None = None
        self._learning = self._is_trying = False
        self._down: set[int] = set()  # keys that Qt saw go down during recording
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
        """Leaves room for the cross that KeyField adds to an optional key."""
        hint = super().sizeHint()
        return hint + QSize(2 * hint.height(), 0) if self._optional else hint

    def event(self, event: QEvent) -> bool:
        """Swallow keys while recording, and afterwards those of the recorded key, whose
        press or release may reach Qt late."""
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
        """Refuse the key just emitted: record another one, once that is released."""
        if self._is_trying:
            self._stale = set(self._down)
            self._deaf.start()
            self._begin()

    def _look_at(self, event: QKeyEvent) -> None:
        """Note a key event. A released key that the host did not report has no name
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
        """Emit a signal, in whose handler try_again() may be called."""
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
    """A line right below the widget it is about. It covers what is there and lets
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
        """`over`: a parent of the widget, which the line may cover."""
        self.setParent(over)
        self.setText(text)
        self.setFixedWidth(widget.width())
        self.setFixedHeight(self.heightForWidth(widget.width()))
        self.move(widget.mapTo(over, widget.rect().bottomLeft()))
        self.raise_()
        self.show()


class KeyField(QWidget):
    """A KeyButton with its extras; it shows what show_key sets. Main thread only."""

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
        """Put the cross inside the button, so that a column's widgets end at one
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
        """Show why a key cannot be used, and record another at once; None: hide it."""
        if problem is None:
            self._problem.hide()
        else:
            over = self.parentWidget() or self
            self._problem.show_below(self.button, f"⚠ {problem}", over)
            self.button.try_again()
