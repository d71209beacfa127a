"""A text field in a process of its own: field.py TITLE FILE.

Writes what it holds to FILE on every change. A line of input empties it and makes its
event loop sleep that many milliseconds at every key, as a busy program does.
"""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit


class Field(QPlainTextEdit):
    """Late to read, where asked."""

    slow_s = 0.0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        time.sleep(self.slow_s)
        super().keyPressEvent(event)

    def start_anew(self) -> None:
        line = sys.stdin.readline()
        if not line:
            app.quit()
            return
        self.slow_s = float(line) / 1000
        if line.startswith("+"):
            return
        self.clear()
        save()


app = QApplication([])
field = Field()
field.setWindowTitle(sys.argv[1])
out = Path(sys.argv[2])


def save() -> None:
    out.write_text(field.toPlainText(), "utf-8")


field.textChanged.connect(save)
notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(field.start_anew)
field.resize(600, 120)
field.show()
app.exec()
