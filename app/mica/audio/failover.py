"""A microphone with failover: one recording from several microphones in succession.

When a microphone is lost, or the user wants another, the next one is opened and its
samples continue the recording: at the rate of the first, after silence for the time
when nothing was captured. It writes nothing and inspects no sample: a caller that sees
only zeros asks for a replacement.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from mica.audio.device_selection import Device, WantedDevice
from mica.audio.microphone_source import (
    AudioSpan,
    ChunkQueue,
    DeviceChange,
    MakeSource,
    MicrophoneSource,
)
from mica.audio.resample import Resampler
from mica.errors import MicrophoneError
from mica.events import Chunk

RECONNECT_S: Final = 3.0  # a cable plugged back in, a headset back in range
RETRY_S: Final = 0.25
#: After this, a microphone that is listed but does not open is excluded.
EXCLUDE_AFTER_S: Final = 1.0
LONGEST_GAP_S: Final = 10.0  # after sleep, the full gap would be useless silence
#: For one that gives only zeros: reopen it, try another, then keep the first one.
REPLACEMENTS: Final = 3
_log = logging.getLogger(__name__)


class _Capture:
    """The input from one microphone; put() and `captured` belong to the audio thread.

    base        samples of the recording before its first one
    lost        no further chunks are accepted
    superseded  it works, but another was requested
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
            return  # it may keep delivering after another was chosen
        self.chunks.put(chunk)
        self.captured = chunk.first + len(chunk.pcm) // 4


class FailoverMicrophone:
    """One stream of audio that survives the loss of its microphone. Used by the
    recording's thread; `captured` and request() by any.

    rate_hz     of all samples; the first microphone's
    device      the current or last microphone
    device_changes   where the microphone changed, in order
    reconnecting     it was lost or superseded, and another is being sought
    lost             none was found; no more samples follow
    overflow         samples lost because the reader was too slow
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
        self._requested = wanted  # any thread may replace it
        self._unavailable: tuple[WantedDevice, ...] = ()  # requested but not available
        self._problem = ""  # the reason; kept for the next DeviceChange
        self._excluded: set[str] = set()
        self._replaced = 0  # replacements of a microphone that gave only zeros
        self._delivered = 0  # samples passed on
        self._last_chunk_s = 0.0  # when the last of them arrived
        self._lost_s: float | None = None  # when the microphone was found lost
        self._attempt_s = 0.0
        self._overflow = 0  # from microphones lost earlier
        self._capture = _Capture(wanted)

    @property
    def reconnecting(self) -> bool:
        return self._lost_s is not None

    @property
    def overflow(self) -> int:
        return self._overflow + self._capture.chunks.overflow

    @property
    def captured(self) -> int:
        """Samples that the sound card has delivered so far, passed on or not."""
        capture = self._capture
        if capture.source is None or not capture.source.rate_hz:
            return 0
        return capture.base + round(
            capture.captured * self.rate_hz / capture.source.rate_hz
        )

    def request(self, wanted: WantedDevice) -> None:
        """Switch to another microphone, if `wanted` means one. If it is not available,
        the previous one continues and the DeviceChange says why."""
        if wanted != self._requested:
            self._unavailable = ()  # it may be available on the next request
        self._requested = wanted

    @property
    def has_worked(self) -> bool:
        """See MicrophoneSource. Recording's thread."""
        source = self._capture.source
        return source is not None and source.has_worked

    def replace_silent(self) -> None:
        """Replace a microphone that has given only zeros since it was opened. Reopen it
        first, which helps if it was opened before permission was granted or before the
        device list changed. If that fails, open another, and finally the first one for
        good: it may be muted on purpose. One chosen by name is only reopened, never
        replaced by another. Recording's thread."""
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
        """Open the first microphone; raises MicrophoneError if that fails."""
        capture = self._make_capture()
        assert capture.source is not None
        capture.source.open()
        self.rate_hz, self.device = capture.source.rate_hz, capture.source.device
        self._capture, self._last_chunk_s = capture, self._clock()

    def close(self) -> None:
        """Stop recording; may be repeated."""
        if self._capture.source is not None:
            self._capture.source.close()

    def get(self, timeout_s: float) -> AudioSpan:
        """The next span; queue.Empty on timeout."""
        capture = self._capture
        self._apply_request(capture)
        was_lost = capture.lost.is_set()  # check first, then read what it had queued
        try:
            chunk = capture.chunks.get(timeout_s)
        except queue.Empty:
            if was_lost and not self.lost:
                return self._reconnect(capture)
            raise
        self._last_chunk_s = self._clock()
        overflowed = chunk.first - capture.delivered
        pcm = bytes(4 * overflowed) + chunk.pcm  # silence in their place
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
        """Replace a lost microphone: returns its last samples, then, once another is
        open, the silence in between."""
        if self._lost_s is None:
            assert capture.source is not None
            # may take a while; the device list cannot be reread before
            capture.source.discard() if capture.silent else capture.source.close()
            self._lost_s = self._clock()
            self._attempt_s = self._lost_s - RETRY_S
            if not capture.superseded:
                self._unavailable = ()  # the user's choice may be available by now
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
        """Open another microphone, `lost_for_s` after the loss; whether it worked."""
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
            self._replaced = REPLACEMENTS  # there is no other microphone
        self._problem = ""
        capture.resampler = Resampler(capture.source.rate_hz, self.rate_hz)
        self._overflow += self._capture.chunks.overflow
        capture.base = self._delivered + missing
        self._capture, self._lost_s = capture, None
        return True

    def _note_refusal(
        self, capture: _Capture, why: MicrophoneError, lost_for_s: float
    ) -> None:
        """Record that the wanted microphone is missing, or (yet) fails to open."""
        assert capture.source is not None
        if capture.source.device is not None:
            if lost_for_s < EXCLUDE_AFTER_S:
                return
            self._excluded.add(capture.source.device.name)
        if capture.wanted != self._capture.wanted:
            self._unavailable, self._problem = (capture.wanted,), why.what
            self._attempt_s -= RETRY_S  # try the previous choice at once

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
