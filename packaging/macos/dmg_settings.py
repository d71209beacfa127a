"""The disk image's layout, read by dmgbuild; dmg.sh defines app and background.

Positions are those of the icons' centers, in points. The background's arrow lies
between the two icons.
"""

from pathlib import PurePath

app = defines["app"]  # noqa: F821  defined by dmgbuild
background = defines["background"]  # noqa: F821

format = "ULFO"  # LZFSE: here smaller than the default (bzip2), and faster to open
filesystem = "APFS"
files = [app]
symlinks = {"Applications": "/Applications"}
icon_locations = {PurePath(app).name: (170, 190), "Applications": (470, 190)}
window_rect = ((200, 160), (640, 428))  # the drawing's size plus a title bar
default_view = "icon-view"
icon_size = 112
text_size = 13
