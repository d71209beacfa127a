"""A clipboard manager: manager.py FILE.

Reads every new text the moment it is offered, as such programs do, and adds it to FILE
unless it is marked as passing. All it read is in FILE.read.
"""

import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication

PASSING = "x-kde-passwordManagerHint"
app = QGuiApplication([])
kept = Path(sys.argv[1])
kept.touch()
read = Path(f"{kept}.read")


def keep() -> None:
    data = app.clipboard().mimeData()
    text = data.text()
    with read.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")
    if not data.hasFormat(PASSING):
        with kept.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")


app.clipboard().dataChanged.connect(keep)
app.exec()
