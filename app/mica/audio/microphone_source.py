"""The protocols of a recording's microphone and of the factory that makes it."""

from collections.abc import Callable, Collection
from typing import Protocol

from mica.audio.device_selection import Device, WantedDevice
from mica.events import Chunk


class MicrophoneSource(Protocol):
    """A microphone: audio/capture.py's, or a test's.

    device    known once open() has been tried
    rate_hz   known once it is open
    """

    rate_hz: int
    device: Device | None

    @property
    def has_worked(self) -> bool:
        """Whether its device is known to have given sound before, so that zeros are
        more likely from a noise gate than from a fault."""
        ...

    def open(self) -> None: ...

    def matches(self, wanted: WantedDevice) -> bool:
        """Whether `wanted` means this device; if so, it counts as chosen by that."""
        ...

    def close(self) -> None: ...

    def discard(self) -> None:
        """Close, and have the sound system's device list reread."""
        ...


class MakeSource(Protocol):
    """Makes a microphone for a recording; see audio/capture.py for the parameters."""

    def __call__(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        excluded: Collection[str] = (),
    ) -> MicrophoneSource: ...
