"""The overlay in every state, light and dark, as pictures and by measure.

The pictures are in screenshots/overlay-*.png afterwards: look at them.
"""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from mica.settings import OverlayStyle
from mica.ui import theme
from mica.ui.overlay import Overlay
from ui.overlay_states import STATES, arming, done, listening, made, working

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
LOOKS = {"light": theme.LIGHT, "dark": theme.DARK}
ACCENTS = [QColor(name) for name in ("#ff453a", "#0a84ff", "#ff9f0a", "#30a14e")]


@pytest.fixture(params=LOOKS)
def look(request, qtbot, monkeypatch) -> str:
    """The offscreen screen has no scheme to choose."""
    monkeypatch.setattr(theme, "palette", lambda: LOOKS[request.param])
    return str(request.param)


@pytest.mark.parametrize("style", OverlayStyle, ids=lambda style: style.value)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_clipped_or_overlaps(qtbot, state, style):
    overlay = made(qtbot, style)
    state(overlay)
    if not overlay.isVisible():
        assert style is OverlayStyle.OFF
        return
    layout, metrics = overlay.placed, overlay.fontMetrics()
    whole = QRect(QPoint(0, 0), layout.size)
    assert overlay.size() == layout.size
    assert overlay.screen().availableGeometry().contains(overlay.geometry())
    right = whole.right() - 12
    if overlay._picture.metered:
        assert layout.meter.right() <= right and whole.contains(layout.meter.toRect())
        right = int(layout.meter.left())
    if overlay._picture.button is not None:
        assert whole.contains(layout.button)
        right = layout.button.left()
    assert bool(layout.lines) == bool(overlay.text)
    for line, place in zip(layout.lines, layout.texts, strict=True):
        drawn = metrics.boundingRect(line).translated(
            place.left(), place.top() + metrics.ascent()
        )
        for rectangle in (place, drawn):
            assert rectangle.left() >= layout.mark.right()
            assert rectangle.right() <= right
            assert rectangle.top() >= 4 and rectangle.bottom() <= whole.bottom() - 4


def test_every_state_looks_its_part(qtbot, look):
    pictures = {}
    for state in STATES:
        overlay = made(qtbot)
        state(overlay)
        pictures[state.__name__] = shown(overlay)
    colours = {
        name: tuple(accent.getRgb() for accent in ACCENTS if has(image, accent))
        for name, image in pictures.items()
    }
    assert colours["listening"] == colours["long_live"] == (ACCENTS[0].getRgb(),)
    assert colours["working"] == (ACCENTS[1].getRgb(),)
    assert colours["error"] == (ACCENTS[2].getRgb(),)
    assert colours["done"] == (ACCENTS[3].getRgb(),)
    colours_of_all = (LOOKS[look].back, LOOKS[look].edge)
    for image in pictures.values():
        assert all(has(image, colour) for colour in colours_of_all)
    for state in (arming, listening, working, done):
        overlay = made(qtbot, OverlayStyle.MINIMAL)
        state(overlay)
        pictures[f"minimal {state.__name__}"] = shown(overlay)
    sheet(list(pictures.values()), look)


def shown(overlay: Overlay) -> QImage:
    """As the user sees it: the button over the body."""
    image = overlay.grab().toImage()
    painter = QPainter(image)
    for button in (overlay.undo, overlay.dismiss):
        if button.isVisible():
            painter.drawPixmap(overlay.placed.button.topLeft(), button.grab())
    painter.end()
    return image


def has(image: QImage, colour: QColor) -> bool:
    wanted = colour.rgb()
    return any(
        image.pixel(x, y) == wanted
        for y in range(image.height())
        for x in range(image.width())
    )


def sheet(images: list[QImage], look: str) -> None:
    """All states on one picture."""
    whole = QImage(
        560, sum(image.height() + 14 for image in images) + 14, images[0].format()
    )
    whole.fill(QColor("#101014" if look == "dark" else "#c8d4e0"))
    painter, top = QPainter(whole), 14
    for image in images:
        painter.drawImage((whole.width() - image.width()) // 2, top, image)
        top += image.height() + 14
    painter.end()
    SCREENSHOTS.mkdir(exist_ok=True)
    assert whole.save(str(SCREENSHOTS / f"overlay-{look}.png"))
