"""A clipboard manager: manager.py FILE [MILLISECONDS].

Reads every new text as soon as it is offered, as such programs do, and appends it to
FILE unless it is marked as transient. Everything it has read is in FILE.read. With
MILLISECONDS, it claims the clipboard with every text after that time, regardless of its
markers, and appends it to FILE.claimed.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

PASSING = "x-kde-passwordManagerHint"
app = QGuiApplication([])
saved, greedy = Path(sys.argv[1]), len(sys.argv) > 2
saved.touch()
read, claimed = Path(f"{saved}.read"), Path(f"{saved}.claimed")


def save() -> None:
    if app.clipboard().ownsClipboard():
        return
    data = app.clipboard().mimeData()
    text = data.text()
    if greedy and text:
        later = int(sys.argv[2])
        QTimer.singleShot(later, lambda: claim(text))
    with read.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")
    if not data.hasFormat(PASSING):
        with saved.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")


def claim(text: str) -> None:
    app.clipboard().setText(text)
    with claimed.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


app.clipboard().dataChanged.connect(save)
app.exec()
