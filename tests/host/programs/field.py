"""A text field in a process of its own: field.py TITLE FILE [SLOW_MS].

Writes what it holds to FILE on every change. With SLOW_MS its event loop sleeps that
long when keys arrive, as a busy program does.
"""

import sys
import time
from pathlib import Path

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit

slow_s = float(sys.argv[3]) / 1000 if len(sys.argv) > 3 else 0.0


class Field(QPlainTextEdit):
    """Late to read, where asked."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        time.sleep(slow_s)
        super().keyPressEvent(event)


app = QApplication([])
field = Field()
field.setWindowTitle(sys.argv[1])
out = Path(sys.argv[2])
field.textChanged.connect(lambda: out.write_text(field.toPlainText(), "utf-8"))
field.resize(600, 120)
field.show()
app.exec()
