"""Which host this machine has. Imports only the one it opens.

Needs a QGuiApplication on X11, since the clipboard is Qt's. Without a display the app
is not started at all (__main__.py).
"""

import sys

from mica.host.ports import Host


def open_host() -> Host:
    """The host of this machine; its keys are yet to be bound."""
    if sys.platform == "darwin":
        from mica.host.macos.open import open_macos

        return open_macos()
    from mica.host.x11.open import open_x11

    return open_x11()
