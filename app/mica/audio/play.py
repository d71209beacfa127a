"""Short sounds on the system's own output. Never in the way of a recording.

Whatever goes wrong here is logged and otherwise nothing: a dictation without its sounds
is a dictation all the same.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np
import sounddevice

from mica.audio import devices, tones
from mica.audio.tones import Tone

LATEST_S: Final = 1.0
RETRY_S: Final = 300.0  # what failed may work again, and no device has changed
PLAYED_SILENCE_S: Final = (
    0.3  # once so much silence is taken, what stood before it has played
)
_log = logging.getLogger(__name__)


class Player:
    """One sound at a time; one that would have to wait long is left out.

    Where one cannot be played none is tried until devices change, or for a few minutes:
    ALSA and PortAudio print lines of complaint each time.

    outputs   equal to what it was while devices are the same
    """

    def __init__(
        self,
        sound: "Callable[[Tone], None] | None" = None,
        outputs: Callable[[], object] = devices.outputs,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sound = sound or on_output
        self._outputs, self._clock = outputs, clock
        self._playing = threading.Lock()
        self._mute: tuple[object, float] | None = None  # such outputs, until then

    def play(self, tone: Tone) -> None:
        """Returns at once; any thread."""
        thread = threading.Thread(
            target=self._play, args=(tone,), name="sound", daemon=True
        )
        thread.start()

    def _play(self, tone: Tone) -> None:
        if not self._playing.acquire(timeout=LATEST_S):
            _log.info("the sound was left out: the output hangs")
            return
        try:
            self._try(tone)
        except Exception as why:  # noqa: BLE001 a sound must not end anything else
            _log.info("the sound was not played: %s", why)
        finally:
            self._playing.release()

    def _try(self, tone: Tone) -> None:
        outputs, now_s = self._outputs(), self._clock()
        if self._mute is not None:
            those, until_s = self._mute
            if those == outputs and now_s < until_s:
                return
        self._mute = outputs, now_s + RETRY_S  # unless it plays
        self._sound(tone)
        self._mute = None


def on_output(tone: Tone) -> None:
    """Play it through; a PortAudioError where nothing can."""
    sentinel = object()
    with devices.list_lock:  # not while opening: a recording may want to begin
        devices.opened(sentinel)
    try:
        device = sounddevice.query_devices(kind="output")
        rate_hz = round(device["default_samplerate"])
        channels = min(2, device["max_output_channels"])  # a Mac plays one on the left
        silence = np.zeros(round(PLAYED_SILENCE_S * rate_hz), np.float32)
        mono = np.concatenate([tones.samples(tone, rate_hz), silence])
        stream = sounddevice.RawOutputStream(
            samplerate=rate_hz,
            device=device["index"],
            channels=channels,
            dtype="float32",
            latency="high",  # a low one underruns on a busy machine
        )
        try:
            stream.start()
            stream.write(np.repeat(mono, channels).tobytes())
            stream.abort()  # not stop(): that may take seconds, on a Mac for good
        finally:
            stream.close()
    finally:
        devices.closed(sentinel)
