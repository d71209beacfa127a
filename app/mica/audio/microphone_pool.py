"""Microphones that stay open for a while, so that the next dictation begins at once.

One that is already open for another recording, captions or a dictation, serves both.
Opening one takes a quarter of a second built in, more by USB. Samples that no recording
uses are dropped where they arrive: none is queued, written or sent. But the system
cannot know that, and its microphone light stays on. Over 300 lines: all that one lock
guards.
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

SETTLE_S: Final = 0.5  # a headset that connects is told of by and by, as it is set up
OnChunk = Callable[[Chunk], None]
IsSuperseded = Callable[[Device, WantedDevice, Collection[str]], bool | None]


class MicrophoneUse(Enum):
    """How microphones are in use: recording, kept open, or closed."""

    CLOSED = "closed"
    IDLE = "idle"  # open; its samples are dropped where they arrive
    RECORDING = "recording"  # a recording uses it, or is opening it


class MicrophonePool:
    """Opens, shares and keeps microphones for recordings. Any thread.

    keep_open       the setting; may be replaced, the next end of a dictation uses it
    schedule        calls something after some seconds; what it returns cancels that
    is_superseded, invalidate   of devices.py
    on_use          called at each change, in order, on any thread; must return at once
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
        self._recording: set[_Lease] = set()  # also while they open one
        self._notified = MicrophoneUse.CLOSED
        self._idle: _Stream | None = None
        self._is_suspended = False
        self.worked: set[str] = set()  # names of devices that have given sound
        self._used: set[_Stream] = set()  # open; one that is still opening is not here
        self._cancel = self._cancel_check = _nothing

    def source(
        self,
        wanted: WantedDevice,
        on_chunk: OnChunk,
        on_lost: Callable[[], None],
        excluded: Collection[str] = (),
    ) -> MicrophoneSource:
        """A source like Microphone; open() may reuse what close() kept open."""
        return _Lease(self, wanted, on_chunk, on_lost, excluded)

    def close_idle(self) -> None:
        """Close a microphone that no recording uses; waits a little at most."""
        stream = self._replace_idle(None)
        if stream is not None:
            stream.source.close()
        self.notify()

    def suspend(self) -> None:
        """The user went: until resume() no microphone outlives its last recording."""
        with self._lock:
            self._is_suspended = True
        self.close_idle()

    def resume(self) -> None:
        """The user is back."""
        with self._lock:
            self._is_suspended = False

    def set_recording(self, lease: "_Lease", is_recording: bool) -> None:
        """A lease is opened, or is over."""
        with self._lock:
            if is_recording:
                self._recording.add(lease)
            else:
                self._recording.discard(lease)
        self.notify()

    def notify(self) -> None:
        """Report what is open now, where that has changed."""
        with self._lock:
            use = MicrophoneUse.CLOSED if self._idle is None else MicrophoneUse.IDLE
            use = MicrophoneUse.RECORDING if self._recording else use
            if use is not self._notified:
                self._notified = use
                self.on_use(use)

    def devices_changed(self) -> None:
        """Devices came or went: share no open microphone until it is known which one
        would be chosen now; where that is another, recordings fail over to it."""
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
        """A stream for a lease: an open one where it is the same, else a new one."""
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
            idle.source.close()  # first: devices are not read anew while it is open
        if stream is None:
            stream = _Stream(self, wanted, excluded, lease)
            stream.source = self._microphone(wanted, stream.push, stream.lose, excluded)
        return stream

    def share(self, stream: "_Stream") -> None:
        """Let other recordings use this open microphone too."""
        stream.opened()
        with self._lock:
            self._used.add(stream)

    def release(self, stream: "_Stream", lease: "_Lease") -> None:
        """A recording is through with a stream: close it, or keep it open a while."""
        with self._lock:
            stream.leases = tuple(one for one in stream.leases if one is not lease)
            if stream.leases and not stream.lost:
                return
            self._used.discard(stream)
        keep_s = keep_open_s(self.keep_open, transport_of(stream.source.device))
        if keep_s == 0 or not stream.is_shareable():
            stream.source.close()
            if stream.is_silent or stream.outdated:  # so may be PortAudio's list
                self._invalidate()
            return
        older = self._replace_idle(stream)
        if older is not None:
            older.source.close()
        if math.isfinite(keep_s):
            self._cancel = self._schedule(keep_s, lambda: self.close_if_idle(stream))

    def close_if_idle(self, stream: "_Stream") -> None:
        """Close a stream that no recording uses: its time is over, or its device
        vanished."""
        with self._lock:
            if self._idle is not stream:
                return
            self._idle = None
        stream.source.close()
        self.notify()

    def _replace_idle(self, stream: "_Stream | None") -> "_Stream | None":
        """Keep this stream open instead; returns what is to be closed: the one kept so
        far, or this one where none may be kept."""
        with self._lock:
            if self._is_suspended and stream is not None:
                return stream
            before, self._idle = self._idle, stream
            cancel, self._cancel = self._cancel, _nothing
        cancel()
        return before


class _Stream:
    """An open microphone, and the leases that have it now."""

    source: MicrophoneSource

    def __init__(
        self,
        pool: MicrophonePool,
        wanted: WantedDevice,
        excluded: Collection[str],
        lease: "_Lease",
    ) -> None:
        self.wanted, self.excluded = wanted, excluded
        # Replaced, never changed: the audio thread reads it.
        self.leases: tuple[_Lease, ...] = (lease,)
        self.lost = False
        self.outdated = False  # devices changed since, or it is discarded
        self._pool = pool
        self._level: LevelMonitor | None = None

    def opened(self) -> None:
        """Note that the microphone is open and gives samples."""
        transport = transport_of(self.source.device)
        self._level = LevelMonitor(self.source.rate_hz, transport)

    def is_shareable(self) -> bool:
        """Whether another recording may use it. Not if it gives only zeros: opened
        again it may give sound (the permission came later, a headset changed mode)."""
        return not (self.lost or self.outdated or self.is_silent)

    @property
    def is_silent(self) -> bool:
        return self._level is not None and self._level.silent

    def _working(self) -> set[str]:
        """The name of its device, if that has given sound."""
        level, device = self._level, self.source.device
        if level is None or not level.flowing or device is None:
            return set()
        return {device.name}

    def push(self, chunk: Chunk) -> None:
        """Pass a chunk to the recordings; on the audio thread."""
        if self._level is not None and not self._level.flowing:
            self._level.push(chunk.pcm)
            self._pool.worked |= self._working()
        for lease in self.leases:
            lease.push(chunk)

    def lose(self) -> None:
        """Tell the recordings that the microphone is lost or replaced; any thread."""
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
        # has the lease first: a new stream's first chunk comes while it opens
        stream = self._pool.acquire(self, self._wanted, self._excluded)
        self._pool.set_recording(self, True)
        try:
            if not stream.source.rate_hz:
                stream.source.open()
                self._pool.share(stream)
            elif stream.lost:  # between being chosen and being ours
                self.on_lost()
        except BaseException:
            self._pool.set_recording(self, False)
            raise
        finally:
            self.device = stream.source.device  # also of one that does not open
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
        """A stream's samples began long before this recording, which counts from 0."""
        first = self._samples
        self._samples += len(chunk.pcm) // 4
        self._on_chunk(Chunk(first, chunk.pcm))


def _nothing() -> None:
    """Nothing is to be cancelled."""
