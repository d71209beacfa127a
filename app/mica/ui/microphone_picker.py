"""Chooses a microphone: the system's, a given one, or the first available of a list."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mica.audio.device_selection import WantedDevice
from mica.ui import strings, widgets

ROWS: Final = 4  # shown at once
SPACING: Final = 4  # around each row
_NAME: Final = Qt.ItemDataRole.UserRole
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class MicrophonePicker(QWidget):
    """Picks microphones. Main thread only. It shows only what show_choice sets.

    While visible, rows of the list keep their places, checked or not, unless the user
    moves them; and the list stays even if none is checked: until one is, the system
    chooses.
    """

    chosen = Signal(object)  # audio.device_selection.WantedDevice

    def __init__(self) -> None:
        super().__init__()
        self._wanted: WantedDevice = None
        self._connected: Sequence[str] = ()
        self._options: list[str | None] = []  # of the combo box, except its last one
        self._rows: list[str] = []  # of the list, checked or not
        self._emptied = False  # whether the user unchecked the last one
        self._combo = widgets.PopUp()
        self._combo.activated.connect(self._picked)
        self._list = QListWidget()
        self._list.setSpacing(SPACING)
        self._list.itemChanged.connect(self._on_item_changed)
        self._list.currentRowChanged.connect(self._allow_moves)
        self._up = self._arrow(Qt.ArrowType.UpArrow, strings.MOVE_UP, -1)
        self._down = self._arrow(Qt.ArrowType.DownArrow, strings.MOVE_DOWN, 1)
        self._arrows = QVBoxLayout()
        self._below = QWidget()
        self._build()

    def show_choice(self, wanted: WantedDevice, connected: Sequence[str]) -> None:
        """Show the chosen microphones and the connected ones."""
        self._wanted, self._connected = wanted, connected
        self._emptied &= wanted is None
        one = [wanted] if isinstance(wanted, str) else []
        names = list(dict.fromkeys([*connected, *one]))
        self._options = [None, *names]
        self._combo.clear()
        self._combo.addItems(
            [strings.SYSTEM_DEFAULT, *map(self._label, names), strings.FIRST_AVAILABLE]
        )
        by_list = isinstance(wanted, tuple) or self._emptied
        chosen = self._options.index(one[0] if one else None)
        self._combo.setCurrentIndex(len(self._options) if by_list else chosen)
        self._below.setVisible(by_list)
        self._fill()
        self.updateGeometry()  # now, not at the next event

    def hideEvent(self, event: QHideEvent) -> None:
        """Drop missing microphones that are not checked."""
        self._rows, self._emptied = [], False
        super().hideEvent(event)

    def _build(self) -> None:
        arrows = self._arrows
        arrows.addWidget(self._up)
        arrows.addWidget(self._down)
        arrows.addStretch(1)
        beside = QHBoxLayout(self._below)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self._list, 1, Qt.AlignmentFlag.AlignTop)
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
        return name if name in self._connected else strings.NOT_CONNECTED.format(name)

    def _names(self) -> list[str]:
        """The checked microphones, in order."""
        return list(self._wanted) if isinstance(self._wanted, tuple) else []

    def _order(self) -> list[str]:
        """The order of the list's rows: unchanged if it agrees with the order of the
        checked ones; otherwise these come first. New ones go to the end."""
        checked = self._names()
        in_order = [name for name in self._rows if name in checked] == checked
        stay = self._rows if in_order else checked
        return list(dict.fromkeys([*stay, *checked, *self._connected]))

    def _fill(self) -> None:
        """Update rows in place: the click that checked one may still be in progress."""
        checked = self._names()
        shown = self._rows = self._order()
        with QSignalBlocker(self._list):
            while self._list.count() > len(shown):
                self._list.takeItem(self._list.count() - 1)
            while self._list.count() < len(shown):
                self._list.addItem(QListWidgetItem())
            for row, name in enumerate(shown):
                item = self._list.item(row)
                item.setText(self._label(name))
                item.setData(_NAME, name)
                item.setCheckState(_CHECKED if name in checked else _UNCHECKED)
        row = self._list.visualItemRect(self._list.item(0)).height()
        frames = 2 * self._list.frameWidth()
        height = (row + 2 * SPACING) * min(ROWS, max(1, len(shown))) + frames
        self._list.setFixedHeight(max(height, self._arrows.sizeHint().height()))
        self._allow_moves()

    def _picked(self, index: int) -> None:
        self._emptied = False
        if index < len(self._options):
            self.chosen.emit(self._options[index])
        elif not isinstance(self._wanted, tuple):
            first = [self._wanted] if self._wanted else []
            self._choose(list(dict.fromkeys([*first, *self._connected])))

    def _on_item_changed(self, _item: QListWidgetItem) -> None:
        items = [self._list.item(row) for row in range(self._list.count())]
        checked = [item.data(_NAME) for item in items if item.checkState() is _CHECKED]
        self._emptied = not checked
        self._choose(checked)

    def _move(self, step: int) -> None:
        rows, row, checked = self._rows, self._list.currentRow(), self._names()
        rows[row], rows[row + step] = rows[row + step], rows[row]
        self._list.setCurrentRow(row + step)
        self._choose([name for name in rows if name in checked])

    def _choose(self, names: list[str]) -> None:
        """Emit the chosen list; None if nothing is checked."""
        self.chosen.emit(tuple(names) or None)

    def _allow_moves(self, _: int = 0) -> None:
        row, last = self._list.currentRow(), self._list.count() - 1
        self._up.setEnabled(0 < row <= last)
        self._down.setEnabled(0 <= row < last)
