"""Short sounds on the system's own output. Never in the way of a recording.

Whatever goes wrong here is logged and otherwise nothing: a dictation without its sounds
is a dictation all the same.
"""

import logging
import threading
from collections.abc import Callable

import numpy as np
import sounddevice

from mica.audio import devices, tones
from mica.audio.tones import Tone

_log = logging.getLogger(__name__)


class Player:
    """One sound at a time; one that comes while another plays is left out."""

    def __init__(self, sound: "Callable[[Tone], None] | None" = None) -> None:
        self._sound = sound or on_output
        self._playing = threading.Lock()

    def play(self, tone: Tone) -> None:
        """Returns at once; any thread."""
        if self._playing.acquire(blocking=False):
            thread = threading.Thread(
                target=self._play, args=(tone,), name="sound", daemon=True
            )
            thread.start()

    def _play(self, tone: Tone) -> None:
        try:
            self._sound(tone)
        except Exception as why:  # noqa: BLE001 a sound must not end anything else
            _log.info("the sound was not played: %s", why)
        finally:
            self._playing.release()


def on_output(tone: Tone) -> None:
    """Play it through; a PortAudioError or ValueError where nothing can."""
    mark = object()
    with devices.looking:  # not while opening: a recording may want to begin
        devices.opened(mark)
    try:
        device = sounddevice.query_devices(kind="output")
        rate_hz = round(device["default_samplerate"])
        channels = min(2, device["max_output_channels"])  # a Mac plays one on the left
        mono = tones.samples(tone, rate_hz)
        stream = sounddevice.RawOutputStream(
            samplerate=rate_hz,
            device=device["index"],
            channels=channels,
            dtype="float32",
        )
        with stream:  # leaving it waits until all is played
            stream.write(np.repeat(mono, channels).tobytes())
    finally:
        devices.closed(mark)
