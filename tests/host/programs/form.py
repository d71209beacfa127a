"""A form of three fields, the second for a password, in a process of its own: form.py
TITLE. Each holds its name, with the caret behind it."""

import sys

from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

app = QApplication([])
form = QWidget()
form.setWindowTitle(sys.argv[1])
rows = QVBoxLayout(form)
for name in ("first", "second", "third"):
    field = QLineEdit(name)
    rows.addWidget(field)
    if name == "second":
        field.setEchoMode(QLineEdit.EchoMode.Password)
form.show()
app.exec()
