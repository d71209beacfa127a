"""A program that has copied something rich: owner.py. Prints "owned", then lives on.

Text, HTML, an image, and a private type, as an office program offers them.
"""

from PySide6.QtCore import QByteArray, QMimeData, QTimer
from PySide6.QtGui import QGuiApplication, QImage

app = QGuiApplication([])
image = QImage(8, 8, QImage.Format.Format_RGB32)
image.fill(0xFF3366)
data = QMimeData()
data.setText("earlier ✓ text")
data.setHtml("<b>earlier</b>")
data.setImageData(image)
data.setData("application/x-private", QByteArray(b"\0\1\2"))
app.clipboard().setMimeData(data)
QTimer.singleShot(0, lambda: print("owned", flush=True))
app.exec()
