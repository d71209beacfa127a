"""Which host and which sound devices this machine has. Imports only what it opens.

The host needs a QGuiApplication on X11, since the clipboard is Qt's. Without a display
the app is not started at all (__main__.py).
"""

import sys
from functools import cache

from mica.host.ports import Host, Permissions
from mica.host.sound import LinuxSoundDevices, NoSoundDevices, SoundDevices


def prepare_launch() -> None:
    """Settings of the system's that must be made before QApplication."""
    if sys.platform == "darwin":
        from mica.host.macos import windows

        windows.prepare_launch()


def stay_in_menu_bar() -> None:
    """Show no Dock icon, where there is a Dock; right behind Qt's application."""
    if sys.platform == "darwin":
        from mica.host.macos import windows

        windows.stay_in_menu_bar()


def open_host() -> Host:
    """The host of this machine; its keys are yet to be bound."""
    if sys.platform == "darwin":
        from mica.host.macos.open import open_macos

        return open_macos()
    from mica.host.x11.open import open_x11

    return open_x11()


def open_permissions() -> Permissions | None:
    """What a command asks before it opens a microphone; None where nobody decides."""
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
