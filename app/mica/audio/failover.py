"""One recording's sound, from one microphone after the other.

When a microphone is lost, or another is wanted, the next one is opened, and its samples
go on where the others ended: at the rate of the first, behind a silence as long as
nothing was heard. It writes nothing, and judges no sample.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from mica.audio.chunk_queue import ChunkQueue
from mica.audio.device_selection import Device, WantedDevice
from mica.audio.resample import Resampler
from mica.errors import MicrophoneError
from mica.events import Chunk

SEEK_S: Final = 3.0  # a cable pushed back in, a headset back in reach
RETRY_S: Final = 0.25
FAITHFUL_S: Final = 1.0  # then one that is listed but does not open is gone for good
LONGEST_GAP_S: Final = 10.0  # a computer that slept: nobody wants that silence
_log = logging.getLogger(__name__)


class MicrophoneSource(Protocol):
    """A microphone: audio/capture.py's, or a test's.

    device    which one it is, known once open() was tried
    rate_hz   known once it is open
    """

    rate_hz: int
    device: Device | None

    def open(self) -> None: ...

    def matches(self, wanted: WantedDevice) -> bool:
        """Whether it is the one that this means, too; it is then kept as that one."""
        ...

    def close(self) -> None: ...


class MakeSource(Protocol):
    """How a recording gets a microphone: audio/capture.py says what these mean."""

    def __call__(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        avoid: Collection[str] = (),
    ) -> MicrophoneSource: ...


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """Where one microphone took over from another.

    at         the first sample of the silence between them
    missing    how many samples that silence has
    before     the name of the one that was heard until then
    after      the name of the one that goes on
    denial     why it is not the one that was wanted; mostly empty
    wished     the user wanted it so, and had it
    """

    at: int
    missing: int
    before: str
    after: str
    denial: str = ""
    user_requested: bool = False

    def line(self, rate_hz: int) -> str:
        """For people."""
        minutes, seconds = divmod(self.at // rate_hz, 60)
        if self.before == self.after:
            what = f"“{self.before}” was away"
        else:
            what = f"changed from “{self.before}” to “{self.after}”"
        line = f"At {minutes}:{seconds:02} the microphone {what}"
        missing_s = round(self.missing / rate_hz, 1)
        line += f"; {missing_s} s were not heard." if missing_s else "."
        return f"{self.denial} {line}" if self.denial else line


@dataclass(frozen=True, slots=True)
class AudioSpan:
    """Samples that follow each other: float32, little endian.

    heard    False: the silence of a seam
    """

    pcm: bytes
    heard: bool = True


class _Capture:
    """What one microphone gives; put() and `captured` belong to the audio thread.

    base        samples of the recording before its first
    lost        nothing of it is taken any more
    dismissed   it works, but another is wanted
    """

    def __init__(self, wanted: WantedDevice, base: int = 0) -> None:
        self.wanted, self.base = wanted, base
        self.chunks = ChunkQueue()
        self.captured = self.given = 0  # samples at its own rate
        self.lost = threading.Event()
        self.superseded = False
        self.source: MicrophoneSource | None = None
        self.resampler: Resampler | None = None

    def put(self, chunk: Chunk) -> None:
        if self.lost.is_set():
            return  # it may go on after another was chosen
        self.chunks.put(chunk)
        self.captured = chunk.first + len(chunk.pcm) // 4


class FailoverMicrophone:
    """Used by the recording's thread; `captured` and want() by any.

    rate_hz     of all samples; the first microphone's
    device      the microphone that listens, or did
    seams       where the microphone changed, in order
    seeking     it was lost or dismissed, and another is looked for
    lost        none was found; nothing more comes
    overflow    samples the reader was too slow for
    """

    def __init__(
        self,
        wanted: WantedDevice,
        source: MakeSource,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rate_hz = 0
        self.device: Device | None = None
        self.device_changes: list[DeviceChange] = []
        self.lost = False
        self._source, self._clock = source, clock
        self._wish = wanted  # any thread may put another here
        self._denied: tuple[WantedDevice, ...] = ()  # a wish that could not be had
        self._denial = ""  # why; until the next seam says it
        self._avoided: set[str] = set()
        self._given = 0  # samples handed on
        self._heard_s = 0.0  # when the last of them came
        self._sought_s: float | None = None  # when the microphone was found lost
        self._tried_s = 0.0
        self._overflow = 0  # of takes that are over
        self._take = _Capture(wanted)

    @property
    def reconnecting(self) -> bool:
        return self._sought_s is not None

    @property
    def overflow(self) -> int:
        return self._overflow + self._take.chunks.overflow

    @property
    def captured(self) -> int:
        """Samples the sound card has given by now, handed on or not."""
        take = self._take
        if take.source is None or not take.source.rate_hz:
            return 0
        return take.base + round(take.captured * self.rate_hz / take.source.rate_hz)

    def want(self, wanted: WantedDevice) -> None:
        """Go on with the microphone this means, where that is another. Where it cannot
        be had the one before goes on, and the seam says why."""
        if wanted != self._wish:
            self._denied = ()  # it may be there when it is wanted again
        self._wish = wanted

    @property
    def _wanted(self) -> WantedDevice:
        wish = self._wish
        return self._take.wanted if (wish,) == self._denied else wish

    def open(self) -> None:
        """Open the first microphone; a MicrophoneError where that cannot be."""
        take = self._made()
        assert take.source is not None
        take.source.open()
        self.rate_hz, self.device = take.source.rate_hz, take.source.device
        self._take, self._heard_s = take, self._clock()

    def close(self) -> None:
        """Stop listening; may be repeated."""
        if self._take.source is not None:
            self._take.source.close()

    def get(self, timeout_s: float) -> AudioSpan:
        """What comes next; queue.Empty when nothing came in that time."""
        take = self._take
        self._heed_wish(take)
        was_lost = take.lost.is_set()  # asked first: what it gave until then is taken
        try:
            chunk = take.chunks.get(timeout_s)
        except queue.Empty:
            if was_lost and not self.lost:
                return self._without(take)
            raise
        self._heard_s = self._clock()
        pcm = bytes(4 * (chunk.first - take.given)) + chunk.pcm  # silence for the lost
        take.given += len(pcm) // 4
        return self._handed(self._resampled(take, pcm))

    def _heed_wish(self, take: _Capture) -> None:
        wanted = self._wanted
        if take.lost.is_set() or take.wanted == wanted:
            return
        assert take.source is not None
        if take.source.matches(wanted):
            take.wanted = wanted
        else:
            take.superseded = True
            take.lost.set()

    def _without(self, take: _Capture) -> AudioSpan:
        """The microphone is gone: its last samples, then the next one's silence."""
        if self._sought_s is None:
            self.close()  # may take a while; devices are not read anew before
            self._sought_s = self._clock()
            self._tried_s = self._sought_s - RETRY_S
            if not take.superseded:
                self._denied = ()  # what the user wants may be there by now
            if not take.given and not take.superseded and self.device is not None:
                self._avoided.add(self.device.name)
            if take.resampler is not None:
                last = take.resampler.finish()
                return self._handed(last.astype("<f4").tobytes())
        now_s = self._clock()
        if now_s - self._tried_s >= RETRY_S:
            self._tried_s = now_s
            if self._next(now_s - self._sought_s):
                return self._handed(
                    bytes(4 * self.device_changes[-1].missing), heard=False
                )
            self.lost = now_s - self._sought_s >= SEEK_S
        raise queue.Empty

    def _next(self, sought_s: float) -> bool:
        """Whether another microphone listens now, `sought_s` after the loss."""
        take = self._made()
        assert take.source is not None
        try:
            take.source.open()
        except MicrophoneError as why:
            _log.info("no other microphone: %s", why.what)
            self._refused(take, why, sought_s)
            return False
        missing_s = min(self._clock() - self._heard_s, LONGEST_GAP_S)
        missing = round(missing_s * self.rate_hz)
        before, self.device = self.device, take.source.device
        names = _name(before), _name(self.device)
        user_requested = self._take.superseded and not self._denial
        self.device_changes.append(
            DeviceChange(self._given, missing, *names, self._denial, user_requested)
        )
        self._denial = ""
        take.resampler = Resampler(take.source.rate_hz, self.rate_hz)
        self._overflow += self._take.chunks.overflow
        take.base = self._given + missing
        self._take, self._sought_s = take, None
        return True

    def _refused(self, take: _Capture, why: MicrophoneError, sought_s: float) -> None:
        """What is wanted is not there, or does not open, which it may do later."""
        assert take.source is not None
        if take.source.device is not None:
            if sought_s < FAITHFUL_S:
                return
            self._avoided.add(take.source.device.name)
        if take.wanted != self._take.wanted:
            self._denied, self._denial = (take.wanted,), why.what
            self._tried_s -= RETRY_S  # what was wanted before is tried at once

    def _made(self) -> _Capture:
        take = _Capture(self._wanted)
        take.source = self._source(
            take.wanted, take.put, take.lost.set, frozenset(self._avoided)
        )
        return take

    def _resampled(self, take: _Capture, pcm: bytes) -> bytes:
        if take.resampler is None:
            return pcm
        samples = take.resampler.push(np.frombuffer(pcm, "<f4"))
        return samples.astype("<f4", copy=False).tobytes()

    def _handed(self, pcm: bytes, *, heard: bool = True) -> AudioSpan:
        self._given += len(pcm) // 4
        return AudioSpan(pcm, heard)


def _name(device: Device | None) -> str:
    return device.name if device is not None else ""
