"""Microphones that stay open for a while, so that the next dictation begins at once.

One that is open already for another recording, captions or a dictation, serves both.

Opening one takes a quarter of a second built in, and more by USB. While it is only kept
warm its samples are dropped where they arrive: none is queued, written or sent. But the
system cannot know that, and its microphone light stays on as long.
"""

import math
import threading
from collections.abc import Callable, Collection
from enum import Enum
from typing import Final

from mica.audio.capture import Microphone
from mica.audio.device_selection import Device, WantedDevice
from mica.audio.devices import invalidate, is_superseded
from mica.audio.failover import MakeSource, MicrophoneSource
from mica.audio.level import LevelMonitor
from mica.events import Chunk
from mica.host.sound import Transport
from mica.settings import KeepOpen

SHORT_S: Final = 30.0  # a quarter of all dictations follow the last one sooner
SETTLE_S: Final = 0.5  # a headset that connects is told of by and by, as it is set up
OnChunk = Callable[[Chunk], None]
Cancel = Callable[[], None]


class MicrophoneUse(Enum):
    """What the system's microphone light would say, and more."""

    CLOSED = "closed"
    WARM = "warm"  # open; its samples are dropped where they arrive
    HEARD = "heard"  # a recording hears it, or is opening it


def kept_s(warmth: KeepOpen, transport: Transport) -> float:
    """How long a microphone stays open after a dictation.

    A Bluetooth headset plays worse as long as it is open, so only “always” keeps it.
    """
    if warmth is KeepOpen.ALWAYS:
        return math.inf
    spared = warmth is KeepOpen.OFF or transport is Transport.BLUETOOTH
    return 0.0 if spared else SHORT_S


def call_later(delay_s: float, call: Callable[[], None]) -> Cancel:
    """On a thread of its own, unless what comes back is called before."""
    timer = threading.Timer(delay_s, call)
    timer.daemon = True
    timer.start()
    return timer.cancel


class MicrophonePool:
    """Where recordings get their microphones from. Any thread.

    warmth   the setting; may be replaced, the next end of a dictation uses it
    later    calls something after some seconds; what it returns cancels that
    is_superseded, invalidate   of devices.py
    on_opened   told of each change; on any thread, in order, and must return at once
    """

    def __init__(
        self,
        warmth: KeepOpen,
        microphone: MakeSource = Microphone,
        later: Callable[[float, Callable[[], None]], Cancel] = call_later,
        is_superseded: Callable[
            [Device, WantedDevice, Collection[str]], bool | None
        ] = is_superseded,
        invalidate: Callable[[], object] = invalidate,
    ) -> None:
        self.warmth = warmth
        self.on_opened: Callable[[MicrophoneUse], None] = lambda opened: None
        self._microphone, self._later = microphone, later
        self._is_superseded, self._invalidate = is_superseded, invalidate
        self._lock = threading.Lock()
        self._hearing: set[_Lease] = set()  # also while they open one
        self._told = MicrophoneUse.CLOSED
        self._idle: _Stream | None = None
        self._used: set[_Stream] = set()  # open; one that is still opening is not here
        self._cancel: Cancel = _nothing
        self._cancel_look: Cancel = _nothing

    def source(
        self,
        wanted: WantedDevice,
        on_chunk: OnChunk,
        on_lost: Callable[[], None],
        avoid: Collection[str] = (),
    ) -> MicrophoneSource:
        """As Microphone; what close() leaves open the next open() may take over."""
        return _Lease(self, wanted, on_chunk, on_lost, avoid)

    def let_go(self) -> None:
        """Close what is only kept warm; waits a little at most.

        Wanted when the computer sleeps or is locked, before devices are listed, and at
        the end.
        """
        stream = self._swap(None)
        if stream is not None:
            stream.source.close()
        self.tell()

    def hears(self, lease: "_Lease", hears: bool) -> None:
        """A lease begins to listen, or is over."""
        with self._lock:
            if hears:
                self._hearing.add(lease)
            else:
                self._hearing.discard(lease)
        self.tell()

    def tell(self) -> None:
        """Whoever shows it what is open now."""
        with self._lock:
            opened = MicrophoneUse.CLOSED if self._idle is None else MicrophoneUse.WARM
            opened = MicrophoneUse.HEARD if self._hearing else opened
            if opened is not self._told:
                self._told = opened
                self.on_opened(opened)

    def choose_anew(self) -> None:
        """Devices changed: nobody takes over one that is open until it is looked at
        which would be chosen now; where that is another, whoever has one looks for it.
        """
        with self._lock:
            for stream in self._used:
                stream.outdated = True
        self.let_go()
        self._cancel_look()
        self._cancel_look = self._later(SETTLE_S, self._look)

    def _look(self) -> None:
        with self._lock:
            used = [stream for stream in self._used if not stream.lost]
        for stream in used:
            device = stream.source.device
            assert device is not None, "it is open"
            match self._is_superseded(device, stream.wanted, stream.avoid):
                case True:
                    stream.lose()
                case False:
                    stream.outdated = False

    def taken(
        self, lease: "_Lease", wanted: WantedDevice, avoid: Collection[str]
    ) -> "_Stream":
        """A stream for a lease: an open one where it is the same, else a new one."""
        with self._lock:
            idle, self._idle = self._idle, None
            cancel, self._cancel = self._cancel, _nothing
            open_now = [*self._used] if idle is None else [idle, *self._used]
            fitting = [s for s in open_now if s.wanted == wanted and s.serves()]
            stream = fitting[0] if fitting and not avoid else None
            if stream is not None:
                stream.leases += (lease,)
                self._used.add(stream)
        cancel()
        if idle is not None and idle is not stream:
            idle.source.close()  # first: devices are not read anew while it is open
        if stream is None:
            stream = _Stream(self, wanted, avoid, lease)
            stream.source = self._microphone(wanted, stream.hear, stream.lose, avoid)
        return stream

    def opened(self, stream: "_Stream") -> None:
        """Others may use it too."""
        stream.opened()
        with self._lock:
            self._used.add(stream)

    def given_back(self, stream: "_Stream", lease: "_Lease") -> None:
        """A lease is over."""
        with self._lock:
            stream.leases = tuple(one for one in stream.leases if one is not lease)
            if stream.leases and not stream.lost:
                return
            self._used.discard(stream)
        device = stream.source.device
        transport = device.transport if device is not None else Transport.UNKNOWN
        keep_s = kept_s(self.warmth, transport)
        if keep_s == 0 or not stream.serves():
            stream.source.close()
            if stream.is_silent:  # what PortAudio knows of it may be out of date
                self._invalidate()
            return
        older = self._swap(stream)
        if older is not None:
            older.source.close()
        if math.isfinite(keep_s):
            self._cancel = self._later(keep_s, lambda: self.forget(stream))

    def forget(self, stream: "_Stream") -> None:
        """Its time is over, or its device vanished; unless someone has it."""
        with self._lock:
            if self._idle is not stream:
                return
            self._idle = None
        stream.source.close()
        self.tell()

    def _swap(self, stream: "_Stream | None") -> "_Stream | None":
        """Keep that one instead; the one kept so far is the caller's."""
        with self._lock:
            before, self._idle = self._idle, stream
            cancel, self._cancel = self._cancel, _nothing
        cancel()
        return before


class _Stream:
    """An open microphone, and the leases that have it now."""

    source: MicrophoneSource

    def __init__(
        self,
        warm: MicrophonePool,
        wanted: WantedDevice,
        avoid: Collection[str],
        lease: "_Lease",
    ) -> None:
        self.wanted, self.avoid = wanted, avoid
        # Replaced, never changed: the audio thread reads it.
        self.leases: tuple[_Lease, ...] = (lease,)
        self.lost = False
        self.outdated = False  # devices changed since: another might be chosen
        self._warm = warm
        self._health: LevelMonitor | None = None

    def opened(self) -> None:
        """It gives samples from now on."""
        device = self.source.device
        transport = device.transport if device is not None else Transport.UNKNOWN
        self._health = LevelMonitor(self.source.rate_hz, transport)

    def serves(self) -> bool:
        """Whether another may take it over. Not one that gives only zeros: opened anew
        it may give sound (the permission came later, a headset changed its mode)."""
        return not (self.lost or self.outdated or self.is_silent)

    @property
    def is_silent(self) -> bool:
        return self._health is not None and self._health.silent

    def hear(self, chunk: Chunk) -> None:
        """On the audio thread."""
        if self._health is not None and not self._health.flowing:
            self._health.push(chunk.pcm)
        for lease in self.leases:
            lease.hear(chunk)

    def lose(self) -> None:
        """It is gone, or another is chosen; on any thread."""
        self.lost = True
        for lease in self.leases:
            lease.on_lost()
        self._warm.forget(self)


class _Lease:
    """One recording's use of a stream: see takes.Source."""

    def __init__(
        self,
        warm: MicrophonePool,
        wanted: WantedDevice,
        on_chunk: OnChunk,
        on_lost: Callable[[], None],
        avoid: Collection[str],
    ) -> None:
        self.rate_hz = 0
        self.device: Device | None = None
        self.on_lost = on_lost
        self._warm, self._wanted, self._avoid = warm, wanted, avoid
        self._on_chunk = on_chunk
        self._samples = 0
        self._stream: _Stream | None = None

    def open(self) -> None:
        # has the lease first: a new stream's first chunk comes while it opens
        stream = self._warm.taken(self, self._wanted, self._avoid)
        self._warm.hears(self, True)
        try:
            if not stream.source.rate_hz:
                stream.source.open()
                self._warm.opened(stream)
            elif stream.lost:  # between being chosen and being ours
                self.on_lost()
        except BaseException:
            self._warm.hears(self, False)
            raise
        finally:
            self.device = stream.source.device  # also of one that does not open
        self._stream, self.rate_hz = stream, stream.source.rate_hz

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
            self._warm.given_back(stream, self)
            self._warm.hears(self, False)

    def hear(self, chunk: Chunk) -> None:
        """Counted anew: a stream's samples began long before this recording."""
        first = self._samples
        self._samples += len(chunk.pcm) // 4
        self._on_chunk(Chunk(first, chunk.pcm))


def _nothing() -> None:
    """Nothing is to be cancelled."""
