"""Draws resources/icon.icns from resources/icon.svg, in every size that macOS needs.

    python icon.py [--png FOLDER]

With --png, writes only the pictures, for inspection, along with the menu bar icons on a
light and a dark menu bar.

An .icns file consists of "icns", the length of the file and, for each picture, a
four-letter type, a length and the PNG (as `iconutil` writes it; types from Apple's
IconStorage.h and libicns' documentation).
"""

import argparse
import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

RESOURCES = Path(__file__).parents[2] / "resources"
TYPES = {  # one picture may serve as its own size and as half that size at @2x
    16: ["icp4"],
    32: ["icp5", "ic11"],
    64: ["ic12"],
    128: ["ic07"],
    256: ["ic08", "ic13"],
    512: ["ic09", "ic14"],
    1024: ["ic10"],
}


def picture(renderer: QSvgRenderer, size: int) -> bytes:
    """A PNG of size x size pixels, with transparent corners."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def icns(pictures: dict[int, bytes]) -> bytes:
    """The contents of an .icns file, from a PNG of each size."""
    parts = b"".join(
        struct.pack(">4sI", kind.encode(), 8 + len(png)) + png
        for size, png in pictures.items()
        for kind in TYPES[size]
    )
    return struct.pack(">4sI", b"icns", 8 + len(parts)) + parts


def menu_bar(drawing: Path, size: int, *, is_dark: bool) -> QImage:
    """A template image as macOS shows it: its alpha channel, in the menu bar's text
    color, on the menu bar."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(drawing)).render(painter)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), QColor("#f5f5f7" if is_dark else "#1d1d1f"))
    painter.end()
    shown = QImage(size, size, QImage.Format.Format_RGB32)
    shown.fill(QColor("#26262a" if is_dark else "#ececf0"))
    painter = QPainter(shown)
    painter.drawImage(0, 0, image)
    painter.end()
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--png", type=Path, help="write the pictures here instead")
    folder = parser.parse_args().png
    _application = QGuiApplication(sys.argv)
    renderer = QSvgRenderer(str(RESOURCES / "icon.svg"))
    pictures = {size: picture(renderer, size) for size in TYPES}
    if folder is None:
        (RESOURCES / "icon.icns").write_bytes(icns(pictures))
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for size, png in pictures.items():
        (folder / f"{size}.png").write_bytes(png)
    for drawing in sorted((RESOURCES / "menubar").glob("*.svg")):
        for size in TYPES:
            for look in ("light", "dark"):
                image = menu_bar(drawing, size, is_dark=look == "dark")
                image.save(str(folder / f"{drawing.stem}-{look}-{size}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
