"""How sound devices are attached, and which is the default; PortAudio does not know.

Only macOS answers. On Linux PortAudio shows PulseAudio as a single device, so nothing
is known about what is behind it, and the system's choice is used; but changes of the
device list are detected cheaply. Records nothing.
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
    """The system's sound devices. Any thread; queried again at each use."""

    def inputs(self) -> Mapping[str, Transport]:
        """The transport of each input, by its PortAudio name; empty: not known."""
        ...

    def default_input(self) -> str:
        """The name of the system's default input; "" if it is not known."""
        ...

    def output_transport(self) -> Transport:
        """How the system's default output is attached."""
        ...

    def list_version(self) -> object:
        """Equal values mean an unchanged list of devices; None: not known."""
        ...

    def watch(self, on_change: Callback) -> None:
        """Call back, on any thread, when devices or the defaults change."""
        ...


class NoSoundDevices:
    """Sound devices of a system that reports nothing about them."""

    def inputs(self) -> Mapping[str, Transport]:
        return {}

    def default_input(self) -> str:
        return ""

    def output_transport(self) -> Transport:
        return Transport.UNKNOWN

    def list_version(self) -> object:
        return None

    def watch(self, on_change: Callback) -> None:
        """Never calls."""


class LinuxSoundDevices(NoSoundDevices):
    """Linux: detects when cards or sound servers come and go, by their files."""

    def list_version(self) -> object:
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
