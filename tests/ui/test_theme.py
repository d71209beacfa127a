"""Windows follow the system's dark or light appearance."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage

from mica.ui import theme
from support import xserver
from ui.overlay_states import cancelled, made
from ui.pictures import LOOKS, has

SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
PARTS = ("Window", "View", "Button")  # of KDE's settings, from which Qt takes colors
COLOURS = {"light": ("250,250,250", "20,20,20"), "dark": ("20,20,20", "250,250,250")}
SHOWN = """
from PySide6.QtWidgets import QApplication
from mica.ui.overlay import Overlay
from mica.ui.theme import StatusColor
application = QApplication([])
overlay = Overlay()
overlay.show_message("Listening", StatusColor.LISTENING)
image = overlay.grab().toImage()
print(image.pixelColor(image.width() // 2, 3).name())
"""


def test_colors_follow_the_systems_appearance(qtbot, monkeypatch):
    overlay, hints = made(qtbot), SimpleNamespace()
    application = SimpleNamespace(styleHints=lambda: hints)
    monkeypatch.setattr(theme, "QGuiApplication", application)
    for look, other in (("light", "dark"), ("dark", "light"), ("light", "dark")):
        hints.colorScheme = lambda look=look: SCHEMES[look]
        assert theme.palette() is LOOKS[look]
        cancelled(overlay)
        for shown in (overlay, overlay.undo):
            image = shown.grab().toImage()
            assert has(image, LOOKS[look].back) and not has(image, LOOKS[other].back)


@pytest.mark.skipif(bool(xserver.missing()), reason="needs an X server")
@pytest.mark.parametrize("look", LOOKS)
def test_theme_matches_a_real_desktop(tmp_path, look):
    back, text = COLOURS[look]
    ours = f"BackgroundNormal={back}\nForegroundNormal={text}\n"
    chosen = "".join(f"[Colors:{part}]\n{ours}" for part in PARTS)
    (tmp_path / "kdeglobals").write_text(chosen, "utf-8")
    desktop = {"XDG_CURRENT_DESKTOP": "KDE", "KDE_SESSION_VERSION": "5"}
    with xserver.display():
        done = subprocess.run(
            [sys.executable, "-c", SHOWN],
            env={
                **os.environ,
                **desktop,
                "QT_QPA_PLATFORM": "xcb",
                "XDG_CONFIG_HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.stdout.strip() == LOOKS[look].back.name(), done.stderr


def opacity(icon: QIcon, size: int) -> bytes:
    """The opacity of each pixel."""
    image = icon.pixmap(size, size).toImage()
    alpha = image.convertToFormat(QImage.Format.Format_Alpha8)
    return bytes(alpha.constBits())


def test_mac_menu_bar_icon_shows_each_state_by_its_shape(qtbot, monkeypatch):
    """The icon is a template image: Qt passes that on, and macOS colors it."""
    monkeypatch.setattr(theme.sys, "platform", "darwin")
    icons = [theme.tray_icon(tone) for tone in theme.StatusColor]
    assert all(icon.isMask() for icon in icons)
    for size in theme.TEMPLATE_SIZES:
        shapes = {opacity(icon, size) for icon in icons}
        assert len(shapes) == len(icons)
        assert all(max(shape) > 200 and min(shape) == 0 for shape in shapes)


def test_a_tray_icon_elsewhere_has_its_color(qtbot):
    assert not theme.tray_icon(theme.StatusColor.LISTENING).isMask()
