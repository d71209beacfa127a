"""The overlay in every state, light and dark, as pictures and by measurement.

The pictures are written to screenshots/overlay-*.png; look at them.
"""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from mica.settings import OverlayStyle
from mica.ui.overlay import Overlay, Pill
from ui.overlay_states import STATES, arming, done, listening, made, working
from ui.pictures import LOOKS, has, sheet

ACCENTS = [QColor(name) for name in ("#ff453a", "#0a84ff", "#ff9f0a", "#30a14e")]


@pytest.mark.parametrize("style", OverlayStyle, ids=lambda style: style.value)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_overlay_parts_are_neither_clipped_nor_overlapping(qtbot, state, style):
    overlay = made(qtbot, style)
    state(overlay)
    shown = [pill for pill in (overlay, overlay.notice) if pill.isVisible()]
    assert shown or style is OverlayStyle.OFF
    for pill in shown:
        fits(pill)


def fits(overlay: Pill) -> None:
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
        bounds = metrics.boundingRect(line).translated(
            place.left(), place.top() + metrics.ascent()
        )
        for rectangle in (place, bounds):
            assert rectangle.left() >= layout.icon.right()
            assert rectangle.right() <= right
            assert rectangle.top() >= 4 and rectangle.bottom() <= whole.bottom() - 4


def test_every_state_looks_its_part(qtbot, look):
    pictures = {}
    for state in STATES:
        overlay = made(qtbot)
        state(overlay)
        pictures[state.__name__] = shown(overlay)
    colors = {
        name: tuple(accent.getRgb() for accent in ACCENTS if has(image, accent))
        for name, image in pictures.items()
    }
    assert colors["listening"] == colors["long_live"] == (ACCENTS[0].getRgb(),)
    assert colors["working"] == (ACCENTS[1].getRgb(),)
    assert colors["error"] == (ACCENTS[2].getRgb(),)
    assert colors["done"] == (ACCENTS[3].getRgb(),)
    colors_of_all = (LOOKS[look].back, LOOKS[look].edge)
    for image in pictures.values():
        assert all(has(image, color) for color in colors_of_all)
    for state in (arming, listening, working, done):
        overlay = made(qtbot, OverlayStyle.MINIMAL)
        state(overlay)
        pictures[f"minimal {state.__name__}"] = shown(overlay)
    sheet(list(pictures.values()), "overlay", look)


def shown(overlay: Overlay) -> QImage:
    """The overlay as the user sees it: a message above the state, buttons over both."""
    pills = [pill for pill in (overlay.notice, overlay) if pill.isVisible()]
    whole = QRect()
    for pill in pills:
        whole = whole.united(pill.geometry())
    image = QImage(whole.size(), QImage.Format.Format_ARGB32)
    image.fill(QColor("transparent"))
    painter = QPainter(image)
    for part in (*pills, overlay.undo, overlay.dismiss):
        if part.isVisible():
            painter.drawPixmap(part.pos() - whole.topLeft(), part.grab())
    painter.end()
    return image
