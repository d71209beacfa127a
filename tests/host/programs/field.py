"""A separate process with a text field: field.py TITLE FILE.

Writes its text to FILE on every change. A line of input with a number clears the field
and makes the event loop sleep that many milliseconds at every key, like a busy program.
"""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit


class Field(QPlainTextEdit):
    """A text field that handles keys late if requested."""

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
