"""A window as large as its contents where the screen has room; else they scroll."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

FRAME = QSize(16, 48)  # of the window's own: its edges and its title bar


class ScrollingWindow(QWidget):
    """Put everything in `contents`; call fit() when what they need has changed.

    The user may make it smaller; it grows by itself only as far as the screen goes.
    Esc and the system's own shortcut close it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.contents = QWidget()
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.contents)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._scroll)
        for keys in (QKeySequence.StandardKey.Close, QKeySequence.StandardKey.Cancel):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)

    @property
    def room(self) -> QSize:
        """What the screen has for contents."""
        screen = self.screen() or QGuiApplication.primaryScreen()
        return screen.availableGeometry().size() - FRAME

    def fit(self, width: int) -> None:
        """As tall as the contents are at this width, as far as there is room."""
        layout = self.contents.layout()
        assert layout is not None
        layout.activate()  # what came or went counts at once
        room, bar = self.room, self._scroll.verticalScrollBar().sizeHint().width()
        width = min(max(width, layout.minimumSize().width()), room.width())
        tall = layout.totalHeightForWidth(width)
        if tall > room.height():  # the bar takes some of the width
            width = min(width + bar, room.width())
        self.resize(width, min(tall, room.height()))
