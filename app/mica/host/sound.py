"""How the sound devices are attached, and which is the default: PortAudio cannot say.

Only a Mac answers. On Linux PortAudio shows PulseAudio as one device, behind which
anything may be, so nothing is known there and the system's own choice stands; but
whether the list of devices may have changed is quickly seen. Records nothing.
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
        """How each input is attached, by its name in PortAudio; empty: not known."""
        ...

    def default_input(self) -> str:
        """The name of the system's default input; "" where it is not known."""
        ...

    def output_transport(self) -> Transport:
        """How the system's default output is attached."""
        ...

    def list_version(self) -> object:
        """Equal values mean an unchanged list of devices; None: not known."""
        ...

    def watch(self, on_change: Callback) -> None:
        """Call, on any thread, when devices or the defaults change."""
        ...


class NoSoundDevices:
    """Sound devices of a system that says nothing about them."""

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
    """Linux: when cards or sound servers come and go, by their files."""

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
