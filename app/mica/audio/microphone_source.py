"""The types between microphones and a recording: source, chunk queue, spans, changes.

A source delivers chunks on the audio thread; the queue passes them to the journal
thread, where they become spans of samples, and changes from one device to the next.
"""

import queue
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Protocol

from mica.audio.device_selection import Device, WantedDevice
from mica.events import Chunk

CAPACITY_SAMPLES: Final = 60 * 48_000  # 60 s at the usual microphone rate


class ChunkQueue:
    """A bounded queue; put() never waits. It holds 60 s; beyond that `overflow` grows.

    Threads: put on the audio thread only, get on one reader only.
    """

    def __init__(self, capacity_samples: int = CAPACITY_SAMPLES) -> None:
        self._chunks: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
        self._limit = capacity_samples
        self._put = self._got = 0  # samples
        self.overflow = 0  # samples dropped for lack of room; reported to the user

    def put(self, chunk: Chunk) -> None:
        samples = len(chunk.pcm) // 4
        if self._put - self._got + samples > self._limit:
            self.overflow += samples
            return
        self._put += samples
        self._chunks.put(chunk)

    def get(self, timeout_s: float) -> Chunk:
        """The next chunk; queue.Empty on timeout."""
        chunk = self._chunks.get(timeout=timeout_s)
        self._got += len(chunk.pcm) // 4
        return chunk


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """A change of microphone within one recording.

    at         the first sample of the silence between the two
    missing    the number of samples in that silence
    before     the name of the microphone used until then
    after      the name of the one used from then on
    problem    why it is not the one that was requested; usually empty
    user_requested   the user chose the new one
    was_silent       the previous one gave only zeros
    """

    at: int
    missing: int
    before: str
    after: str
    problem: str = ""
    user_requested: bool = False
    was_silent: bool = False

    def line(self, rate_hz: int) -> str:
        """The change as a sentence for the user."""
        minutes, seconds = divmod(self.at // rate_hz, 60)
        if self.was_silent and self.before == self.after:
            what = f"“{self.before}” gave only silence and was opened again"
        elif self.was_silent:
            what = f"“{self.before}” gave only silence, so “{self.after}” was used"
        elif self.before == self.after:
            what = f"“{self.before}” was away"
        else:
            what = f"changed from “{self.before}” to “{self.after}”"
        line = f"At {minutes}:{seconds:02} the microphone {what}"
        missing_s = 0.0 if self.was_silent else round(self.missing / rate_hz, 1)
        line += f"; {missing_s} s were not heard." if missing_s else "."
        return f"{self.problem} {line}" if self.problem else line


@dataclass(frozen=True, slots=True)
class AudioSpan:
    """Consecutive samples: float32, little endian.

    recorded    False: silence in place of the time when no microphone was open
    """

    pcm: bytes
    recorded: bool = True


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
