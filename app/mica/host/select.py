"""Which host this machine has. Imports only the one it opens.

Needs a QGuiApplication on X11, since the clipboard is Qt's.
"""

import os
import sys

from mica.host.ports import Host


def open_host() -> Host:
    """The host of this machine; its keys are yet to be bound."""
    if sys.platform == "darwin":
        from mica.host.macos.open import open_macos

        return open_macos()
    if os.environ.get("DISPLAY"):
        from mica.host.x11.open import open_x11

        return open_x11()
    from mica.host.null import open_null

    return open_null()
