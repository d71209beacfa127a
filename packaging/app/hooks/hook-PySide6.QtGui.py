"""Replaces PyInstaller's hook: collects only Qt's platform and input method plugins.

The others depend on libraries that Mica never loads (GTK, EGL, Wayland, PDF, QML): it
paints its own pictures, and its windows use X11 or Cocoa.
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
