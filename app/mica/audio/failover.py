"""A microphone that fails over: one recording's sound, from one after the other.

When a microphone is lost, or another is wanted, the next one is opened, and its samples
go on where the others ended: at the rate of the first, behind a silence as long as
nothing was heard. It writes nothing, and judges no sample: who hears only zeros asks
for a replacement.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from mica.audio.chunk_queue import ChunkQueue
from mica.audio.device_change import AudioSpan, DeviceChange
from mica.audio.device_selection import Device, WantedDevice
from mica.audio.microphone_source import MakeSource, MicrophoneSource
from mica.audio.resample import Resampler
from mica.errors import MicrophoneError
from mica.events import Chunk

RECONNECT_S: Final = 3.0  # a cable pushed back in, a headset back in reach
RETRY_S: Final = 0.25
#: Then a microphone that is listed but does not open counts as gone for good.
EXCLUDE_AFTER_S: Final = 1.0
LONGEST_GAP_S: Final = 10.0  # a computer that slept: nobody wants that silence
#: Of one that gives only zeros: opened again, another one, then the first one for good.
REPLACEMENTS: Final = 3
_log = logging.getLogger(__name__)


class _Capture:
    """What one microphone gives; put() and `captured` belong to the audio thread.

    base        samples of the recording before its first
    lost        nothing of it is taken any more
    superseded  it works, but another is requested
    silent      it is open, but gives only zeros
    """

    def __init__(self, wanted: WantedDevice, base: int = 0) -> None:
        self.wanted, self.base = wanted, base
        self.chunks = ChunkQueue()
        self.captured = self.delivered = 0  # samples at its own rate
        self.lost = threading.Event()
        self.superseded = self.silent = False
        self.source: MicrophoneSource | None = None
        self.resampler: Resampler | None = None

    def put(self, chunk: Chunk) -> None:
        if self.lost.is_set():
            return  # it may go on after another was chosen
        self.chunks.put(chunk)
        self.captured = chunk.first + len(chunk.pcm) // 4


class FailoverMicrophone:
    """Used by the recording's thread; `captured` and request() by any.

    rate_hz     of all samples; the first microphone's
    device      the microphone that listens, or did
    device_changes   where the microphone changed, in order
    reconnecting     it was lost or superseded, and another is looked for
    lost             none was found; nothing more comes
    overflow         samples the reader was too slow for
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
        self._make_source, self._clock = source, clock
        self._requested = wanted  # any thread may put another here
        self._unavailable: tuple[WantedDevice, ...] = ()  # requested in vain
        self._problem = ""  # why; until the next DeviceChange says it
        self._excluded: set[str] = set()
        self._replaced = 0  # times one was for giving only zeros
        self._delivered = 0  # samples handed on
        self._last_chunk_s = 0.0  # when the last of them came
        self._lost_s: float | None = None  # when the microphone was found lost
        self._attempt_s = 0.0
        self._overflow = 0  # of microphones that were lost
        self._capture = _Capture(wanted)

    @property
    def reconnecting(self) -> bool:
        return self._lost_s is not None

    @property
    def overflow(self) -> int:
        return self._overflow + self._capture.chunks.overflow

    @property
    def captured(self) -> int:
        """Samples the sound card has given by now, handed on or not."""
        capture = self._capture
        if capture.source is None or not capture.source.rate_hz:
            return 0
        return capture.base + round(
            capture.captured * self.rate_hz / capture.source.rate_hz
        )

    def request(self, wanted: WantedDevice) -> None:
        """Switch to the microphone this means, where that is another. Where it cannot
        be had the one before goes on, and the DeviceChange says why."""
        if wanted != self._requested:
            self._unavailable = ()  # it may be there when it is wanted again
        self._requested = wanted

    @property
    def has_worked(self) -> bool:
        """See MicrophoneSource. Recording's thread."""
        source = self._capture.source
        return source is not None and source.has_worked

    def replace_silent(self) -> None:
        """The microphone has given only zeros since it was opened: open it again, which
        helps if it was opened before it was allowed or the system's list of devices had
        changed. If that does not help, open another, and at last the first one again,
        which then stays: it may be muted on purpose. One chosen by its name is opened
        again and no other one is used. Recording's thread."""
        capture, device = self._capture, self.device
        may_replace = REPLACEMENTS if not isinstance(capture.wanted, str) else 1
        if capture.lost.is_set() or device is None or self._replaced >= may_replace:
            return
        self._replaced += 1
        if self._replaced == REPLACEMENTS - 1:
            self._excluded.add(device.name)
        elif self._replaced == REPLACEMENTS:
            self._excluded.clear()
        capture.silent = True
        capture.lost.set()

    @property
    def _wanted(self) -> WantedDevice:
        requested = self._requested
        return self._capture.wanted if (requested,) == self._unavailable else requested

    def open(self) -> None:
        """Open the first microphone; a MicrophoneError where that cannot be."""
        capture = self._make_capture()
        assert capture.source is not None
        capture.source.open()
        self.rate_hz, self.device = capture.source.rate_hz, capture.source.device
        self._capture, self._last_chunk_s = capture, self._clock()

    def close(self) -> None:
        """Stop listening; may be repeated."""
        if self._capture.source is not None:
            self._capture.source.close()

    def get(self, timeout_s: float) -> AudioSpan:
        """The next span; queue.Empty when none came in that time."""
        capture = self._capture
        self._apply_request(capture)
        was_lost = capture.lost.is_set()  # first: what it gave until then is read
        try:
            chunk = capture.chunks.get(timeout_s)
        except queue.Empty:
            if was_lost and not self.lost:
                return self._reconnect(capture)
            raise
        self._last_chunk_s = self._clock()
        overflowed = chunk.first - capture.delivered
        pcm = bytes(4 * overflowed) + chunk.pcm  # silence for them
        capture.delivered += len(pcm) // 4
        return self._span(self._resampled(capture, pcm))

    def _apply_request(self, capture: _Capture) -> None:
        wanted = self._wanted
        if capture.lost.is_set() or capture.wanted == wanted:
            return
        assert capture.source is not None
        if capture.source.matches(wanted):
            capture.wanted = wanted
        else:
            capture.superseded = True
            self._replaced = 0
            capture.lost.set()

    def _reconnect(self, capture: _Capture) -> AudioSpan:
        """The microphone is gone: its last samples, then the next one's silence."""
        if self._lost_s is None:
            assert capture.source is not None
            # may take a while; devices are not read anew before
            capture.source.discard() if capture.silent else capture.source.close()
            self._lost_s = self._clock()
            self._attempt_s = self._lost_s - RETRY_S
            if not capture.superseded:
                self._unavailable = ()  # what the user wants may be there by now
            if (
                not capture.delivered
                and not capture.superseded
                and self.device is not None
            ):
                self._excluded.add(self.device.name)
            if capture.resampler is not None:
                last = capture.resampler.finish()
                return self._span(last.astype("<f4").tobytes())
        now_s = self._clock()
        if now_s - self._attempt_s >= RETRY_S:
            self._attempt_s = now_s
            if self._open_next(now_s - self._lost_s):
                return self._span(
                    bytes(4 * self.device_changes[-1].missing), recorded=False
                )
            self.lost = now_s - self._lost_s >= RECONNECT_S
        raise queue.Empty

    def _open_next(self, lost_for_s: float) -> bool:
        """Whether another microphone listens now, `lost_for_s` after the loss."""
        capture = self._make_capture()
        assert capture.source is not None
        try:
            capture.source.open()
        except MicrophoneError as why:
            _log.info("no other microphone: %s", why.what)
            self._note_refusal(capture, why, lost_for_s)
            return False
        missing_s = min(self._clock() - self._last_chunk_s, LONGEST_GAP_S)
        missing = round(missing_s * self.rate_hz)
        before, self.device = self.device, capture.source.device
        self.device_changes.append(
            DeviceChange(
                at=self._delivered,
                missing=missing,
                before=_name(before),
                after=_name(self.device),
                problem=self._problem,
                user_requested=self._capture.superseded and not self._problem,
                was_silent=self._capture.silent,
            )
        )
        if _name(before) == _name(self.device) and self._replaced == REPLACEMENTS - 1:
            self._replaced = REPLACEMENTS  # there is no other
        self._problem = ""
        capture.resampler = Resampler(capture.source.rate_hz, self.rate_hz)
        self._overflow += self._capture.chunks.overflow
        capture.base = self._delivered + missing
        self._capture, self._lost_s = capture, None
        return True

    def _note_refusal(
        self, capture: _Capture, why: MicrophoneError, lost_for_s: float
    ) -> None:
        """What is wanted is not there, or does not open, which it may do later."""
        assert capture.source is not None
        if capture.source.device is not None:
            if lost_for_s < EXCLUDE_AFTER_S:
                return
            self._excluded.add(capture.source.device.name)
        if capture.wanted != self._capture.wanted:
            self._unavailable, self._problem = (capture.wanted,), why.what
            self._attempt_s -= RETRY_S  # what was wanted before is tried at once

    def _make_capture(self) -> _Capture:
        capture = _Capture(self._wanted)
        capture.source = self._make_source(
            capture.wanted, capture.put, capture.lost.set, frozenset(self._excluded)
        )
        return capture

    def _resampled(self, capture: _Capture, pcm: bytes) -> bytes:
        if capture.resampler is None:
            return pcm
        samples = capture.resampler.push(np.frombuffer(pcm, "<f4"))
        return samples.astype("<f4", copy=False).tobytes()

    def _span(self, pcm: bytes, *, recorded: bool = True) -> AudioSpan:
        self._delivered += len(pcm) // 4
        return AudioSpan(pcm, recorded)


def _name(device: Device | None) -> str:
    return device.name if device is not None else ""
