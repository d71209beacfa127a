"""A separate process with a window that has no text field: label.py TITLE."""

import sys

from PySide6.QtWidgets import QApplication, QLabel

app = QApplication([])
label = QLabel("Nothing to write in")
label.setWindowTitle(sys.argv[1])
label.resize(400, 120)
label.show()
app.exec()
