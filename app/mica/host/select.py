"""Which host this machine has. Imports only the one it opens.

Needs a QGuiApplication on X11, since the clipboard is Qt's.
"""

import os
import sys

from mica.host.ports import Host


def open_host(hold_key: str) -> Host:
    """The host of this machine.

    hold_key   the setting, such as "right_alt"
    Raises SettingsError for a key this host does not have.
    """
    if sys.platform == "darwin":
        from mica.host.macos.open import open_macos

        return open_macos(hold_key)
    if os.environ.get("DISPLAY"):
        from mica.host.x11.open import open_x11

        return open_x11(hold_key)
    from mica.host.null import open_null

    return open_null()
