"""Selects the host and the sound devices of this machine. Imports only what it opens.

The X11 host needs a QGuiApplication, because the clipboard is Qt's. Without a display
the app does not start at all (__main__.py).
"""

import sys
from functools import cache

from mica.host.ports import Host, Permissions
from mica.host.sound import LinuxSoundDevices, NoSoundDevices, SoundDevices


def prepare_launch() -> None:
    """Apply process settings that must precede QApplication."""
    if sys.platform == "darwin":
        from mica.host.macos import windows

        windows.prepare_launch()


def stay_in_menu_bar() -> None:
    """Hide the Dock icon, if there is a Dock; call right after making QApplication."""
    if sys.platform == "darwin":
        from mica.host.macos import windows

        windows.stay_in_menu_bar()


def open_host() -> Host:
    """This machine's host, with no keys bound yet."""
    if sys.platform == "darwin":
        from mica.host.macos.open import open_macos

        return open_macos()
    from mica.host.x11.open import open_x11

    return open_x11()


def open_permissions() -> Permissions | None:
    """The permissions to check before a command opens a microphone; None: none."""
    if sys.platform == "darwin":
        from mica.host.macos.permissions import MacPermissions

        return MacPermissions()
    return None


@cache
def open_sound_devices() -> SoundDevices:
    """The system's own list of sound devices."""
    if sys.platform == "darwin":
        from mica.host.macos.core_audio import MacSoundDevices

        return MacSoundDevices()
    return LinuxSoundDevices() if sys.platform == "linux" else NoSoundDevices()
