"""The start and stop sounds of a dictation: synthesized, played on the default output.

They are short, soft and quiet: the start sound plays while the microphone is already
recording, so it must neither count as speech nor startle the user. The stop sound plays
after the recording has ended. Neither ever delays a recording; errors are logged and
otherwise ignored.
"""

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Final

import numpy as np
import sounddevice
from numpy.typing import NDArray

from mica.audio import devices

PEAK: Final = 0.06  # of full scale: -24 dB
NOTE_S: Final = 0.06
ATTACK_S: Final = 0.012  # softer than a click
LOW_HZ: Final = 587.33  # D5 and A5, a fifth: consonant, and above any voice's pitch
HIGH_HZ: Final = 880.0

Floats = NDArray[np.float32]
LATEST_S: Final = 1.0
RETRY_S: Final = 300.0  # a failed output may recover without a device change
PLAYED_SILENCE_S: Final = (
    0.3  # once this much silence is accepted, the sound before it has been played
)
_log = logging.getLogger(__name__)


class Tone(Enum):
    """The notes of each sound, in order, in Hz."""

    START = (LOW_HZ, HIGH_HZ)
    STOP = (HIGH_HZ, LOW_HZ)


def tone_samples(tone: Tone, rate_hz: int) -> Floats:
    """The sound as float32 (n,), mono; starts and ends at zero."""
    return np.concatenate([_note(hz, rate_hz) for hz in tone.value])


def _note(hz: float, rate_hz: int) -> Floats:
    at_s = np.arange(round(NOTE_S * rate_hz)) / rate_hz
    rise = np.sin(np.pi / 2 * np.minimum(1, at_s / ATTACK_S)) ** 2
    fall = np.cos(np.pi / 2 * at_s / NOTE_S) ** 2
    shaped: Floats = PEAK * rise * fall * np.sin(2 * np.pi * hz * at_s)
    return shaped.astype(np.float32)


class Player:
    """Plays one sound at a time; skips one that would have to wait too long.

    After a failure, none is tried until devices change or a few minutes have passed:
    ALSA and PortAudio print error messages each time.

    outputs   returns a value that stays equal as long as devices do not change
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
        self._mute: tuple[object, float] | None = None  # failed outputs, until when

    def play(self, tone: Tone) -> None:
        """Play a sound in the background; returns at once. Any thread."""
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
        except Exception as why:  # noqa: BLE001 a sound must not break anything else
            _log.info("the sound was not played: %s", why)
        finally:
            self._playing.release()

    def _try(self, tone: Tone) -> None:
        outputs, now_s = self._outputs(), self._clock()
        if self._mute is not None:
            those, until_s = self._mute
            if those == outputs and now_s < until_s:
                return
        self._mute = outputs, now_s + RETRY_S  # cleared below if it plays
        self._sound(tone)
        self._mute = None


def on_output(tone: Tone) -> None:
    """Play a sound to its end; raises PortAudioError if that fails."""
    sentinel = object()
    with devices.list_lock:  # not while opening: a recording may be about to start
        devices.opened(sentinel)
    try:
        device = sounddevice.query_devices(kind="output")
        rate_hz = round(device["default_samplerate"])
        channels = min(2, device["max_output_channels"])  # Macs play mono on the left
        silence = np.zeros(round(PLAYED_SILENCE_S * rate_hz), np.float32)
        mono = np.concatenate([tone_samples(tone, rate_hz), silence])
        stream = sounddevice.RawOutputStream(
            samplerate=rate_hz,
            device=device["index"],
            channels=channels,
            dtype="float32",
            latency="high",  # "low" underruns on a busy machine
        )
        try:
            stream.start()
            stream.write(np.repeat(mono, channels).tobytes())
            stream.abort()  # not stop(), which may take seconds or, on a Mac, hang
        finally:
            stream.close()
    finally:
        devices.closed(sentinel)
