"""The window of a desktop that shows no tray icon: how Mica is used, and its menu."""

import sys

from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from mica.host.key_names import label
from mica.ui import parts

WIDTH = 440
HOW = "Hold {} and speak. When you let go, the words appear at the cursor."
NO_TRAY = (
    "This desktop shows no icon for Mica. Everything is in the menu below; "
    "open Mica again to come back to this window."
)


class ControlWindow(QWidget):
    """menu: the tray icon's, which has all there is."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.setWindowTitle("Mica")
        self._how = QLabel()
        self._how.setWordWrap(True)
        self.button = QPushButton("Mica Menu")
        self.button.setMenu(menu)
        rows = parts.column(self)
        rows.addWidget(self._how)
        rows.addWidget(parts.note(NO_TRAY))
        rows.addWidget(self.button)
        self.setFixedWidth(WIDTH)

    def show_key(self, name: str) -> None:
        """The one to hold."""
        self._how.setText(HOW.format(label(name, mac=sys.platform == "darwin")))
