"""A program that copies rich content for each line of input: owner.py.

Offers text, HTML, an image and a private type, like an office program. Prints "owned"
each time.
"""

import sys

from PySide6.QtCore import QByteArray, QMimeData, QSocketNotifier
from PySide6.QtGui import QGuiApplication, QImage

app = QGuiApplication([])


def copy() -> None:
    if not sys.stdin.readline():
        app.quit()
        return
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0xFF3366)
    data = QMimeData()
    data.setText("earlier ✓ text")
    data.setHtml("<b>earlier</b>")
    data.setImageData(image)
    data.setData("application/x-private", QByteArray(b"\0\1\2"))
    app.clipboard().setMimeData(data)
    print("owned", flush=True)


notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(copy)
app.exec()
