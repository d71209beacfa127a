"""A laptop screen of 1280 by 720 pixels, with everything scaled by 1.5."""

from collections.abc import Iterator

import pytest
from Xlib import display

from end_to_end.parts import mica
from end_to_end.running_app import RunningApp, missing, running_app, screenshot
from support.xserver import until, xdotool

SIZE = 1280, 720
SCALE = 1.5

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    screen = f"{SIZE[0]}x{SIZE[1]}", int(96 * SCALE)
    with running_app(tmp_path_factory.mktemp("mica"), screen=screen) as running:
        yield running


def place(window: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a window on the screen, without its frame."""
    server = display.Display()
    try:
        shown = server.create_resource_object("window", int(window))
        size, at = (
            shown.get_geometry(),
            shown.translate_coords(server.screen().root, 0, 0),
        )
        left, top = -at.x, -at.y
        return left, top, left + size.width, top + size.height
    finally:
        server.close()


def test_settings_window_fits_and_is_scaled(app):
    assert mica(app.home).returncode == 0
    find = ["search", "--onlyvisible", "--name", "^Mica Settings$"]
    until(lambda: xdotool(*find) != "")
    window = xdotool(*find).split()[0]
    left, top, right, bottom = place(window)
    screenshot("settings-144-dpi")
    assert left >= 0 and right <= SIZE[0]
    assert top >= 0 and bottom <= SIZE[1]
    assert right - left >= SCALE * 500  # not as small as at 96 dpi
    xdotool("windowactivate", "--sync", window, "key", "alt+F4")
