"""Draws the disk image's background from resources/dmg-background.svg.

    python dmg_background.py FOLDER

Writes dmg-background.png and, for Retina displays, dmg-background@2x.png; dmgbuild
combines the two.
"""

import argparse
import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).parents[2] / "resources" / "dmg-background.svg"


def picture(scale: int) -> QImage:
    """The drawing, rendered at `scale` pixels per point."""
    renderer = QSvgRenderer(str(DRAWING))
    image = QImage(renderer.defaultSize() * scale, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    _application = QGuiApplication(sys.argv[:1])
    folder.mkdir(parents=True, exist_ok=True)
    for scale, suffix in ((1, ""), (2, "@2x")):
        picture(scale).save(str(folder / f"dmg-background{suffix}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
