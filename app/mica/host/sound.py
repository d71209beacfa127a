"""How the sound devices are attached: what PortAudio does not tell. Records nothing.

Only a Mac answers. On Linux PortAudio shows PulseAudio as one device, behind which
anything may be, so there nothing is known, and the system's own choice stands; but
whether the list of devices may have changed is quickly seen.
"""

import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from mica.host.ports import Callback

CARDS: Final = Path("/dev/snd")  # changes when a sound card comes or goes
SERVERS: Final = ("pulse/native", "pipewire-0")  # sockets in the user's runtime folder


class Transport(Enum):
    """How a sound device is attached."""

    BUILT_IN = "built in"
    USB = "USB"
    BLUETOOTH = "Bluetooth"
    VIRTUAL = "virtual"
    UNKNOWN = ""


class SoundDevices(Protocol):
    """The system's sound devices. Any thread; asked again at each use."""

    def inputs(self) -> Mapping[str, Transport]:
        """Each microphone by the name PortAudio gives it; none where it is not told."""
        ...

    def chosen_input(self) -> str:
        """The name of the microphone the system chose; "" where it is not told."""
        ...

    def output(self) -> Transport:
        """How the device is attached on which the system plays."""
        ...

    def stamp(self) -> object:
        """Equal while PortAudio's list of devices is surely the same; None: unknown."""
        ...

    def watch(self, on_change: Callback) -> None:
        """Tell, on any thread, when devices came or went or the system chose others."""
        ...


class NoSoundDevices:
    """A system that does not tell."""

    def inputs(self) -> Mapping[str, Transport]:
        return {}

    def chosen_input(self) -> str:
        return ""

    def output(self) -> Transport:
        return Transport.UNKNOWN

    def stamp(self) -> object:
        return None

    def watch(self, on_change: Callback) -> None:
        """Nothing is ever told."""


class LinuxSoundDevices(NoSoundDevices):
    """PortAudio lists the cards, and the sound server as a device of its own."""

    def stamp(self) -> object:
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/"))
        named = os.environ.get("PULSE_SERVER", "").removeprefix("unix:")
        places = (CARDS, Path(named), *(runtime / server for server in SERVERS))
        return tuple(_changed(place) for place in places)


def _changed(place: Path) -> tuple[int, int] | None:
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
