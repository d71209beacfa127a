"""A separate process with a field that accepts only digits: digits.py TITLE."""

import sys

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QApplication, QLineEdit

app = QApplication([])
field = QLineEdit("12")
field.setValidator(QIntValidator())
field.setWindowTitle(sys.argv[1])
field.show()
app.exec()
