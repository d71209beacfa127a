"""What a recording expects of a microphone, and of whoever gives it one."""

from collections.abc import Callable, Collection
from typing import Protocol

from mica.audio.device_selection import Device, WantedDevice
from mica.events import Chunk


class MicrophoneSource(Protocol):
    """A microphone: audio/capture.py's, or a test's.

    device    which one it is, known once open() was tried
    rate_hz   known once it is open
    """

    rate_hz: int
    device: Device | None

    @property
    def has_worked(self) -> bool:
        """Whether its device is known to have given sound before, so that zeros are
        rather a noise gate's than a fault."""
        ...

    def open(self) -> None: ...

    def matches(self, wanted: WantedDevice) -> bool:
        """Whether it is the one that this means, too; it is then kept as that one."""
        ...

    def close(self) -> None: ...

    def discard(self) -> None:
        """Close, and have the sound system's device list read again."""
        ...


class MakeSource(Protocol):
    """How a recording gets a microphone: audio/capture.py says what these mean."""

    def __call__(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        excluded: Collection[str] = (),
    ) -> MicrophoneSource: ...
