"""A separate process with a form of three fields, the second for a password: form.py
TITLE. Each field contains its name, with the caret after it."""

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
