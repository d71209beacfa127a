"""The microphone: captures chunks of samples as the sound card delivers them.

The callback copies, counts and passes on; nothing else happens on the audio thread. It
does not resample, store or inspect samples (see level.py).
"""

import logging
import threading
from collections.abc import Callable, Collection
from typing import Any, Final

import sounddevice

from mica.audio import devices
from mica.audio.device_selection import Device, WantedDevice
from mica.errors import MicrophoneError
from mica.events import Chunk
from mica.unhandled import reason, trace

BLOCK_S: Final = 0.02
WATCH_S: Final = 0.2
STALLED_LOOKS: Final = 5  # checks without a new sample (1 s): the device is gone
SLOW_START_LOOKS: Final = 20  # for the first sample: Bluetooth headsets switch modes
CLOSE_S: Final = 2.0
_log = logging.getLogger(__name__)


class Microphone:
    """One recording from one device at its native rate, mono.

    on_chunk   called on the audio thread; must only copy and enqueue
    on_lost    called once, on a thread of its own, when the device has vanished
    excluded   names of microphones that gave nothing; see device_selection.choose
    """

    def __init__(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None] = lambda: None,
        excluded: Collection[str] = (),
    ) -> None:
        self._wanted, self._excluded = wanted, excluded
        self._on_chunk, self._on_lost = on_chunk, on_lost
        self._stream: Any = None
        self._samples = 0
        self._closed = threading.Event()
        self.rate_hz = 0
        self.device: Device | None = None

    def open(self) -> None:
        """Start recording; `rate_hz` and `device` are known afterwards."""
        with devices.list_lock:
            try:
                self._choose_and_start()
            except sounddevice.PortAudioError as error:
                self.close()
                name = self.device.name if self.device is not None else ""
                what = f"The microphone “{name}” cannot be opened."
                remedy = "Check that it is connected, or choose another one."
                raise MicrophoneError(what, remedy) from error
        threading.Thread(target=self._watch, name="microphone", daemon=True).start()

    @property
    def has_worked(self) -> bool:
        return False  # no history is kept

    def matches(self, wanted: WantedDevice) -> bool:
        """See MicrophoneSource; call while open."""
        assert self.device is not None
        return not devices.selects_other_device(self.device, wanted, self._excluded)

    def close(self) -> None:
        """Stop recording; no chunk follows. Waits at most CLOSE_S; may be repeated."""
        self._closed.set()
        self._stop()

    def discard(self) -> None:
        """Close, and have the device list reread (see MicrophoneSource)."""
        devices.invalidate()
        self.close()

    def _stop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        # WORKAROUND: stopping a stream on macOS can take seconds or never return;
        # transcription must not wait for it.
        # https://github.com/PortAudio/portaudio/issues/367
        # https://github.com/PortAudio/portaudio/issues/1174
        ending = threading.Thread(target=self._end, args=(stream,), daemon=True)
        ending.start()
        ending.join(CLOSE_S)
        if ending.is_alive():
            _log.warning("the microphone does not close; it is left behind")

    def _choose_and_start(self) -> None:
        """Start the chosen device; retry once if it came from a cached list."""
        for _ in range(2):
            device = devices.find_device(self._wanted, self._excluded).device
            self.rate_hz, self.device = device.rate_hz, device
            try:
                self._start(device)
            except sounddevice.PortAudioError:
                if not devices.invalidate():
                    raise
                self._stop()
            else:
                return

    def _start(self, device: Device) -> None:
        self._stream = sounddevice.RawInputStream(
            samplerate=device.rate_hz,
            device=device.index,
            channels=1,
            dtype="float32",
            blocksize=round(device.rate_hz * BLOCK_S),
            latency="low",
            callback=self._callback,
        )
        devices.opened(self)
        self._stream.start()

    def _end(self, stream: Any) -> None:
        """Close a stream, on a thread of its own; no rereading of the device list until
        then."""
        try:
            stream.abort()
            stream.close()
        except Exception as why:  # noqa: BLE001 it is no longer used in any case
            _log.warning("the microphone went while it was closed: %s", reason(why))
        finally:
            devices.closed(self)

    def _callback(self, data: Any, frames: int, *_: Any) -> None:
        try:
            chunk = Chunk(self._samples, bytes(data))
            self._samples += frames
            if not self._closed.is_set():
                self._on_chunk(chunk)
        except Exception as why:  # noqa: BLE001 PortAudio would stop; go on
            _log.error("a chunk was lost: %s", trace(why))

    def _watch(self) -> None:
        """Detect a lost device. Counts checks, not seconds: a computer that was
        suspended has not lost its device."""
        try:
            self._look()
        except Exception as why:  # noqa: BLE001 unwatched, it could be lost unnoticed
            _log.error("the microphone is unwatched: %s", trace(why))
            self._closed.set()
            self._on_lost()

    def _look(self) -> None:
        seen = looks = 0
        while not self._closed.wait(WATCH_S):
            looks = looks + 1 if self._samples == seen else 0
            seen = self._samples
            if looks >= (STALLED_LOOKS if seen else SLOW_START_LOOKS):
                self._closed.set()
                devices.invalidate()
                self._on_lost()
                return
