"""Pictures of windows: looks, checks of colors, and sheets that combine pictures.

The sheets are written to screenshots/; look at them.
"""

from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from mica.ui import theme

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
LOOKS = {"light": theme.LIGHT, "dark": theme.DARK}
BACKGROUNDS = {"light": "#c8d4e0", "dark": "#101014"}  # typical desktop colors
GAP = 14


def has(image: QImage, color: QColor, where: QRect | None = None) -> bool:
    """Whether any pixel in the image, or in part of it, has exactly this color."""
    wanted, part = color.rgb(), where or image.rect()
    return any(
        image.pixel(x, y) == wanted
        for y in range(part.top(), part.bottom() + 1)
        for x in range(part.left(), part.right() + 1)
    )


def sheet(images: list[QImage], name: str, look: str) -> None:
    """Save all images as one picture."""
    wide = max(image.width() for image in images) + 2 * GAP
    tall = sum(image.height() + GAP for image in images) + GAP
    whole = QImage(wide, tall, images[0].format())
    whole.fill(QColor(BACKGROUNDS[look]))
    painter, top = QPainter(whole), GAP
    for image in images:
        painter.drawImage((wide - image.width()) // 2, top, image)
        top += image.height() + GAP
    painter.end()
    SCREENSHOTS.mkdir(exist_ok=True)
    assert whole.save(str(SCREENSHOTS / f"{name}-{look}.png"))
