"""The disk image's layout, read by dmgbuild; dmg.sh defines app and background.

Places are in points, of icons' centers. The arrow of the background is between them.
"""

from pathlib import PurePath

app = defines["app"]  # noqa: F821  dmgbuild gives it
background = defines["background"]  # noqa: F821

format = "ULFO"  # LZFSE: smaller than the default's bzip2 here, and faster to open
filesystem = "APFS"
files = [app]
symlinks = {"Applications": "/Applications"}
icon_locations = {PurePath(app).name: (170, 190), "Applications": (470, 190)}
window_rect = ((200, 160), (640, 428))  # the drawing's size, and a title bar
default_view = "icon-view"
icon_size = 112
text_size = 13
