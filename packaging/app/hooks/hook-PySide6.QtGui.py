"""In place of PyInstaller's: of Qt's plugins only those that draw, and take keys.

The others bring libraries Mica never loads (GTK, EGL, Wayland, PDF, QML): its pictures
are painted, and its windows are X11's or Cocoa's.
"""

from pathlib import PurePath

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

PLUGINS = {
    *("qxcb", "qoffscreen", "qcocoa"),
    *("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
}

hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [
    (source, target)
    for source, target in binaries
    if PurePath(source).name.split(".")[0].removeprefix("lib") in PLUGINS
    or "plugins" not in PurePath(source).parts
]
