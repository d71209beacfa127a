"""A button that shows a key and takes another one: click it, press the key.

`KeyField` is that button with what belongs to it: a cross that clears it, and the line
that says why a key cannot be taken.
"""

import sys
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from mica.host.key_names import label
from mica.ui import strings

Learn = Callable[[Callable[[str], None] | None], None]
MAC = sys.platform == "darwin"
#: The host and Qt hear of a key on their own ways, each in its own time.
WAIT_MS: Final = 300
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
    """

    chosen = Signal(object)  # the key's name, or None for no key
    unusable = Signal(str)

    def __init__(self, learn: Learn, *, optional: bool) -> None:
        super().__init__()
        self._learn, self._optional = learn, optional
        self._name: str | None = None
        self._learning = False
        self._down: set[int] = set()  # keys Qt saw go down while it learns
        self._unnamed = ""
        self._deaf = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._late = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._late.timeout.connect(self._refuse)
        self.setMinimumWidth(170)
        self.clicked.connect(self._clicked)

    def show_key(self, name: str | None) -> None:
        self._name = name
        self._show()

    def event(self, event: QEvent) -> bool:
        """While it learns, keys do nothing else; nor does the key it has just learnt,
        whose press or release may reach Qt only now."""
        if event.type() in _KEYS and (self._learning or self._deaf.isActive()):
            if self._learning and isinstance(event, QKeyEvent):
                self._look_at(event)
            event.accept()
            return True
        if self._learning and event.type() is QEvent.Type.FocusOut:
            self._end()
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._end()
        super().hideEvent(event)

    def _look_at(self, event: QKeyEvent) -> None:
        """A key that comes up again, and of which the host told nothing, has no name
        there."""
        if event.isAutoRepeat():
            return
        if event.type() is QEvent.Type.KeyPress:
            self._down.add(event.key())
            named = _NAMED.get(Qt.Key(event.key()))
            self._unnamed = named or QKeySequence(event.key()).toString()
        elif event.type() is QEvent.Type.KeyRelease:
            self._down.discard(event.key())
            if not self._down:
                self._late.start()

    def _refuse(self) -> None:
        if self._learning and self._unnamed:
            name = self._unnamed
            self._end()
            self.unusable.emit(name)

    def _clicked(self) -> None:
        if self._learning:
            self._end()
            return
        self._learning, self._unnamed = True, ""
        self._down.clear()
        self.setFocus()
        self._learn(self._learnt)
        self._show()

    def _learnt(self, name: str) -> None:
        if not self._learning:
            return
        self._end()
        self._deaf.start()
        if name in _CLEARS and self._optional:
            self.chosen.emit(None)
        elif name != "escape":
            self.chosen.emit(name)

    def _end(self) -> None:
        if self._learning:
            self._learning = False
            self._late.stop()
            self._learn(None)
            self._show()

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
        self._clear = QToolButton()
        self._clear.setText("✕")
        self._clear.setAutoRaise(True)
        self._clear.setToolTip(strings.CLEAR_SHORTCUT)
        self._clear.setAccessibleName(strings.CLEAR_SHORTCUT)
        self._clear.clicked.connect(lambda: self.chosen.emit(None))
        policy = QSizePolicy(self._clear.sizePolicy())
        policy.setRetainSizeWhenHidden(True)  # all buttons end at the same place
        self._clear.setSizePolicy(policy)
        self._optional = optional
        self._problem = Callout()
        beside = QHBoxLayout(self)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.button, 1)
        beside.addWidget(self._clear)

    @property
    def problem(self) -> QLabel:
        return self._problem

    def show_key(self, name: str | None) -> None:
        self.button.show_key(name)
        self._clear.setVisible(self._optional and name is not None)

    def show_problem(self, problem: str | None) -> None:
        """Why a key is not taken; None: nothing is wrong."""
        if problem is None:
            self._problem.hide()
        else:
            over = self.parentWidget() or self
            self._problem.show_below(self.button, f"⚠ {problem}", over)
