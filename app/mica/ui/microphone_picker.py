"""Chooses a microphone: the system's, one, or the first connected one of a list."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mica.audio.choice import Wanted

SYSTEM: Final = "Follow the system"
LIST: Final = "The first one connected of a list"
GONE: Final = "{} (not connected)"
ROWS: Final = 4  # shown at once
_NAME: Final = Qt.ItemDataRole.UserRole
_TICK, _NO_TICK = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class MicrophonePicker(QWidget):
    """Main thread only. Changes nothing itself: what is chosen is shown when told."""

    chosen = Signal(object)  # what is wanted: audio.choice.Wanted

    def __init__(self) -> None:
        super().__init__()
        self._wanted: Wanted = None
        self._connected: Sequence[str] = ()
        self._options: list[str | None] = []  # the combo's, but for its last
        self._combo = QComboBox()
        self._combo.activated.connect(self._picked)
        self._list = QListWidget()
        self._list.itemChanged.connect(self._ticked)
        self._list.currentRowChanged.connect(self._allow_moves)
        self._up = self._arrow(Qt.ArrowType.UpArrow, "Earlier", -1)
        self._down = self._arrow(Qt.ArrowType.DownArrow, "Later", 1)
        self._below = QWidget()
        self._build()

    def show_choice(self, wanted: Wanted, connected: Sequence[str]) -> None:
        """What is in force, and the names of what is there."""
        self._wanted, self._connected = wanted, connected
        one = [wanted] if isinstance(wanted, str) else []
        names = list(dict.fromkeys([*connected, *one]))
        self._options = [None, *names]
        self._combo.clear()
        self._combo.addItems([SYSTEM, *map(self._label, names), LIST])
        if isinstance(wanted, tuple):
            self._combo.setCurrentIndex(len(self._options))
        else:
            self._combo.setCurrentIndex(self._options.index(wanted))
        self._below.setVisible(isinstance(wanted, tuple))
        self._fill()
        self.updateGeometry()  # now, not with the next event

    def _build(self) -> None:
        arrows = QVBoxLayout()
        arrows.addWidget(self._up)
        arrows.addWidget(self._down)
        arrows.addStretch(1)
        beside = QHBoxLayout(self._below)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self._list, 1)
        beside.addLayout(arrows)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._combo)
        rows.addWidget(self._below)

    def _arrow(self, way: Qt.ArrowType, tip: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setArrowType(way)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: self._move(step))
        return button

    def _label(self, name: str) -> str:
        return name if name in self._connected else GONE.format(name)

    def _names(self) -> list[str]:
        """The list's: first what is ticked, in its order."""
        return list(self._wanted) if isinstance(self._wanted, tuple) else []

    def _fill(self) -> None:
        """In place, for a tick may have come of a click that is not over yet."""
        ticked = self._names()
        shown = list(dict.fromkeys([*ticked, *self._connected]))
        with QSignalBlocker(self._list):
            while self._list.count() > len(shown):
                self._list.takeItem(self._list.count() - 1)
            while self._list.count() < len(shown):
                self._list.addItem(QListWidgetItem())
            for row, name in enumerate(shown):
                item = self._list.item(row)
                item.setText(self._label(name))
                item.setData(_NAME, name)
                item.setCheckState(_TICK if name in ticked else _NO_TICK)
        height = self._list.sizeHintForRow(0) * min(ROWS, max(1, len(shown)))
        self._list.setFixedHeight(height + 2 * self._list.frameWidth())
        self._allow_moves()

    def _picked(self, index: int) -> None:
        if index < len(self._options):
            self.chosen.emit(self._options[index])
        elif not isinstance(self._wanted, tuple):
            first = [self._wanted] if self._wanted else []
            self._choose(list(dict.fromkeys([*first, *self._connected])))

    def _ticked(self, item: QListWidgetItem) -> None:
        names, name = self._names(), item.data(_NAME)
        if item.checkState() is _TICK:
            self._choose([*names, name])
        else:
            self._choose([other for other in names if other != name])

    def _move(self, step: int) -> None:
        names, row = self._names(), self._list.currentRow()
        names[row], names[row + step] = names[row + step], names[row]
        self._list.setCurrentRow(row + step)
        self._choose(names)

    def _choose(self, names: list[str]) -> None:
        """An empty list is no choice."""
        self.chosen.emit(tuple(names) or None)

    def _allow_moves(self, _: int = 0) -> None:
        row, last = self._list.currentRow(), len(self._names()) - 1
        self._up.setEnabled(0 < row <= last)
        self._down.setEnabled(0 <= row < last)
