"""How the sound devices are attached: what PortAudio does not tell. Records nothing.

Only a Mac answers. On Linux PortAudio shows PulseAudio as one device, behind which
anything may be, so there nothing is known, and the system's own choice stands.
"""

import sys
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Protocol

from mica.host.ports import Callback


class Transport(Enum):
    """How a sound device is attached."""

    BUILT_IN = "built in"
    USB = "USB"
    BLUETOOTH = "Bluetooth"
    VIRTUAL = "virtual"
    UNKNOWN = ""


class Sound(Protocol):
    """The system's sound devices. Any thread; asked again at each use."""

    def inputs(self) -> Mapping[str, Transport]:
        """Each microphone by the name PortAudio gives it; unknown ones left out."""
        ...

    def output(self) -> Transport:
        """How the device is attached on which the system plays."""
        ...

    def watch(self, on_change: Callback) -> None:
        """Tell, on any thread, when devices came or went or the system chose others."""
        ...


class NullSound:
    """A system that does not tell."""

    def inputs(self) -> Mapping[str, Transport]:
        return {}

    def output(self) -> Transport:
        return Transport.UNKNOWN

    def watch(self, on_change: Callback) -> None:
        """Nothing is ever told."""


@cache
def open_sound() -> Sound:
    """This system's."""
    if sys.platform == "darwin":
        from mica.host.macos.sound import MacSound

        return MacSound()
    return NullSound()
