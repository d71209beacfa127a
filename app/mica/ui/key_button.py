"""A button that shows a key and takes another one: click it, press the key."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QPushButton

from mica.host.key_names import label

Learn = Callable[[Callable[[str], None] | None], None]
MAC = sys.platform == "darwin"
_CLEARS = ("backspace", "delete")
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)


class KeyButton(QPushButton):
    """Main thread only.

    learn      tells the next key by name, on this thread; None: no more (ports.Hotkeys)
    optional   Backspace takes the key away
    """

    chosen = Signal(object)  # the key's name, or None for no key

    def __init__(self, learn: Learn, *, optional: bool) -> None:
        super().__init__()
        self._learn, self._optional = learn, optional
        self._name: str | None = None
        self._learning = False
        self.setMinimumWidth(170)
        self.clicked.connect(self._clicked)

    def show_key(self, name: str | None) -> None:
        self._name = name
        self._show()

    def event(self, event: QEvent) -> bool:
        """While it learns, keys do nothing else."""
        if self._learning and event.type() in _KEYS:
            event.accept()
            return True
        if self._learning and event.type() is QEvent.Type.FocusOut:
            self._end()
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._end()
        super().hideEvent(event)

    def _clicked(self) -> None:
        if self._learning:
            self._end()
            return
        self._learning = True
        self.setFocus()
        self._learn(self._learnt)
        self._show()

    def _learnt(self, name: str) -> None:
        if not self._learning:
            return
        self._end()
        if name in _CLEARS and self._optional:
            self.chosen.emit(None)
        elif name != "escape":
            self.chosen.emit(name)

    def _end(self) -> None:
        if self._learning:
            self._learning = False
            self._learn(None)
            self._show()

    def _show(self) -> None:
        if self._learning:
            self.setText("Press a key…")
        else:
            self.setText(label(self._name, mac=MAC) if self._name else "None")
