"""Keeps microphones open for a while, so that the next dictation starts instantly.

A microphone already open for another recording (captions or a dictation) serves both.
Opening one takes a quarter of a second if built in, longer over USB. Samples that no
recording uses are dropped on arrival: they are not queued, written or sent. The system
cannot know that, so its microphone indicator stays on. Over 300 lines: everything that
one lock guards.
"""

import math
import threading
from collections.abc import Callable, Collection
from enum import Enum
from typing import Final

from mica.audio.capture import Microphone
from mica.audio.device_selection import Device, WantedDevice, transport_of
from mica.audio.devices import invalidate, is_superseded
from mica.audio.keep_open import Cancel, call_later, keep_open_s
from mica.audio.level import LevelMonitor
from mica.audio.microphone_source import MakeSource, MicrophoneSource
from mica.events import Chunk
from mica.settings import KeepOpen

SETTLE_S: Final = 0.5  # connecting a headset causes several events as it is set up
OnChunk = Callable[[Chunk], None]
IsSuperseded = Callable[[Device, WantedDevice, Collection[str]], bool | None]


class MicrophoneUse(Enum):
    """How microphones are in use: recording, kept open, or closed."""

    CLOSED = "closed"
    IDLE = "idle"  # open; its samples are dropped on arrival
    RECORDING = "recording"  # a recording uses it, or is opening it


class MicrophonePool:
    """Opens, shares and keeps microphones for recordings. Any thread.

    keep_open       the setting; may be replaced, used when the next dictation ends
    schedule        calls something after some seconds; its result cancels that
    is_superseded, invalidate   from devices.py
    on_use          called on each change, in order, on any thread; must not block
    """

    def __init__(
        self,
        keep_open: KeepOpen,
        microphone: MakeSource = Microphone,
        schedule: Callable[[float, Callable[[], None]], Cancel] = call_later,
        is_superseded: IsSuperseded = is_superseded,
        invalidate: Callable[[], object] = invalidate,
    ) -> None:
        self.keep_open = keep_open
        self.on_use: Callable[[MicrophoneUse], None] = lambda use: None
        self._microphone, self._schedule = microphone, schedule
        self._is_superseded, self._invalidate = is_superseded, invalidate
        self._lock = threading.Lock()
        self._recording: set[_Lease] = set()  # including those being opened
        self._notified = MicrophoneUse.CLOSED
        self._idle: _Stream | None = None
        self._is_suspended = False
        self.worked: set[str] = set()  # names of devices that have given sound
        self._used: set[_Stream] = set()  # open streams, without those being opened
        self._cancel = self._cancel_check = _nothing

    def source(
        self,
        wanted: WantedDevice,
        on_chunk: OnChunk,
        on_lost: Callable[[], None],
        excluded: Collection[str] = (),
    ) -> MicrophoneSource:
        """A source like Microphone; open() may reuse a stream that close() kept."""
        return _Lease(self, wanted, on_chunk, on_lost, excluded)

    def close_idle(self) -> None:
        """Close the idle microphone, if any; waits briefly at most."""
        stream = self._replace_idle(None)
        if stream is not None:
            stream.source.close()
        self.notify()

    def suspend(self) -> None:
        """The user is away: keep no microphone open after its last recording until
        resume()."""
        with self._lock:
            self._is_suspended = True
        self.close_idle()

    def resume(self) -> None:
        """The user is back."""
        with self._lock:
            self._is_suspended = False

    def set_recording(self, lease: "_Lease", is_recording: bool) -> None:
        """Note that a lease has been opened or has ended."""
        with self._lock:
            if is_recording:
                self._recording.add(lease)
            else:
                self._recording.discard(lease)
        self.notify()

    def notify(self) -> None:
        """Call on_use if the use has changed."""
        with self._lock:
            use = MicrophoneUse.CLOSED if self._idle is None else MicrophoneUse.IDLE
            use = MicrophoneUse.RECORDING if self._recording else use
            if use is not self._notified:
                self._notified = use
                self.on_use(use)

    def devices_changed(self) -> None:
        """Devices changed: stop sharing open microphones until it is known which one
        would be chosen now. If that is another, recordings fail over to it."""
        with self._lock:
            for stream in self._used:
                stream.outdated = True
        self.close_idle()
        self._cancel_check()
        self._cancel_check = self._schedule(SETTLE_S, self._check_devices)

    def _check_devices(self) -> None:
        with self._lock:
            used = [stream for stream in self._used if not stream.lost]
        for stream in used:
            device = stream.source.device
            assert device is not None, "it is open"
            match self._is_superseded(device, stream.wanted, stream.excluded):
                case True:
                    stream.lose()
                case False:
                    stream.outdated = False

    def acquire(
        self, lease: "_Lease", wanted: WantedDevice, excluded: Collection[str]
    ) -> "_Stream":
        """A stream for a lease: a matching open one if possible, else a new one."""
        with self._lock:
            idle, self._idle = self._idle, None
            cancel, self._cancel = self._cancel, _nothing
            open_now = [*self._used] if idle is None else [idle, *self._used]
            fitting = [s for s in open_now if s.wanted == wanted and s.is_shareable()]
            stream = fitting[0] if fitting and not excluded else None
            if stream is not None:
                stream.leases += (lease,)
                self._used.add(stream)
        cancel()
        if idle is not None and idle is not stream:
            idle.source.close()  # first: the device list is not reread while it is open
        if stream is None:
            stream = _Stream(self, wanted, excluded, lease)
            stream.source = self._microphone(wanted, stream.push, stream.lose, excluded)
        return stream

    def share(self, stream: "_Stream") -> None:
        """Make a newly opened microphone available to other recordings."""
        stream.opened()
        with self._lock:
            self._used.add(stream)

    def release(self, stream: "_Stream", lease: "_Lease") -> None:
        """End a recording's use of a stream: close it, or keep it open for a while."""
        with self._lock:
            stream.leases = tuple(one for one in stream.leases if one is not lease)
            if stream.leases and not stream.lost:
                return
            self._used.discard(stream)
        keep_s = keep_open_s(self.keep_open, transport_of(stream.source.device))
        if keep_s == 0 or not stream.is_shareable():
            stream.source.close()
            if stream.is_silent or stream.outdated:  # PortAudio's list may be, too
                self._invalidate()
            return
        older = self._replace_idle(stream)
        if older is not None:
            older.source.close()
        if math.isfinite(keep_s):
            self._cancel = self._schedule(keep_s, lambda: self.close_if_idle(stream))

    def close_if_idle(self, stream: "_Stream") -> None:
        """Close a stream if it is the idle one: its time has expired, or its device
        has vanished."""
        with self._lock:
            if self._idle is not stream:
                return
            self._idle = None
        stream.source.close()
        self.notify()

    def _replace_idle(self, stream: "_Stream | None") -> "_Stream | None":
        """Make this stream the idle one; returns the stream to close: the previous idle
        one, or this one while suspended."""
        with self._lock:
            if self._is_suspended and stream is not None:
                return stream
            before, self._idle = self._idle, stream
            cancel, self._cancel = self._cancel, _nothing
        cancel()
        return before


class _Stream:
    """An open microphone and its current leases."""

    source: MicrophoneSource

    def __init__(
        self,
        pool: MicrophonePool,
        wanted: WantedDevice,
        excluded: Collection[str],
        lease: "_Lease",
    ) -> None:
        self.wanted, self.excluded = wanted, excluded
        # Replaced, never mutated, because the audio thread reads it.
        self.leases: tuple[_Lease, ...] = (lease,)
        self.lost = False
        self.outdated = False  # devices have changed since, or it was discarded
        self._pool = pool
        self._level: LevelMonitor | None = None

    def opened(self) -> None:
        """Note that the microphone is open."""
        transport = transport_of(self.source.device)
        self._level = LevelMonitor(self.source.rate_hz, transport)

    def is_shareable(self) -> bool:
        """Whether another recording may use it. Not if it gives only zeros: reopening
        it may help (permission was granted later, a headset switched modes)."""
        return not (self.lost or self.outdated or self.is_silent)

    @property
    def is_silent(self) -> bool:
        return self._level is not None and self._level.silent

    def _working(self) -> set[str]:
        """The name of its device, if it has given sound; else empty."""
        level, device = self._level, self.source.device
        if level is None or not level.flowing or device is None:
            return set()
        return {device.name}

    def push(self, chunk: Chunk) -> None:
        """Pass a chunk to the recordings. Audio thread."""
        if self._level is not None and not self._level.flowing:
            self._level.push(chunk.pcm)
            self._pool.worked |= self._working()
        for lease in self.leases:
            lease.push(chunk)

    def lose(self) -> None:
        """Tell the recordings that the microphone is lost or superseded. Any thread."""
        self.lost = True
        for lease in self.leases:
            lease.on_lost()
        self._pool.close_if_idle(self)


class _Lease:
    """One recording's use of a stream: a MicrophoneSource."""

    def __init__(
        self,
        pool: MicrophonePool,
        wanted: WantedDevice,
        on_chunk: OnChunk,
        on_lost: Callable[[], None],
        excluded: Collection[str],
    ) -> None:
        self.rate_hz = 0
        self.device: Device | None = None
        self.on_lost = on_lost
        self._pool, self._wanted, self._excluded = pool, wanted, excluded
        self._on_chunk = on_chunk
        self._samples = 0
        self._stream: _Stream | None = None

    def open(self) -> None:
        # register the lease first: a new stream's first chunk arrives while it opens
        stream = self._pool.acquire(self, self._wanted, self._excluded)
        self._pool.set_recording(self, True)
        try:
            if not stream.source.rate_hz:
                stream.source.open()
                self._pool.share(stream)
            elif stream.lost:  # after it was chosen, before this lease was registered
                self.on_lost()
        except BaseException:
            self._pool.set_recording(self, False)
            raise
        finally:
            self.device = stream.source.device  # even if it failed to open
        self._stream, self.rate_hz = stream, stream.source.rate_hz

    @property
    def has_worked(self) -> bool:
        return self.device is not None and self.device.name in self._pool.worked

    def matches(self, wanted: WantedDevice) -> bool:
        stream = self._stream
        assert stream is not None, "it is open"
        if not stream.source.matches(wanted):
            return False
        stream.wanted = wanted
        return True

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            self._pool.release(stream, self)
            self._pool.set_recording(self, False)

    def discard(self) -> None:
        if self._stream is not None:
            self._stream.outdated = True
        self.close()

    def push(self, chunk: Chunk) -> None:
        """Renumber and pass on a chunk: the stream may have started long before this
        recording, whose samples count from 0."""
        first = self._samples
        self._samples += len(chunk.pcm) // 4
        self._on_chunk(Chunk(first, chunk.pcm))


def _nothing() -> None:
    """A Cancel that does nothing."""
