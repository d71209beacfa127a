"""Turns the samples of a recording's microphones into events: flowing, silent, level,
reconnecting. It makes no decisions; time is counted in samples.
"""

from collections.abc import Callable
from typing import Final

from mica.audio.device_selection import Device, transport_of
from mica.audio.level import LevelMonitor
from mica.dictation.recording_events import (
    Flowing,
    Level,
    Paused,
    Reconnecting,
    RecordingEvent,
    Silent,
)
from mica.engine.endpointing import Endpointer

LEVELS_PER_S: Final = 30  # the overlay's frame rate
GATED_S: Final = 5.0  # how long a user may think before the first word
PAUSED_S: Final = 5.0  # and between words, before zeros are reported


class MicrophoneReporter:
    """Posts the events of a recording's microphones, on the recording's thread."""

    def __init__(
        self, utterance: int, rate_hz: int, post: Callable[[RecordingEvent], None]
    ) -> None:
        self._utterance, self._rate_hz, self._post = utterance, rate_hz, post
        self._level_every = rate_hz / LEVELS_PER_S  # samples
        self._level_due = 0.0  # samples

    def start(self, device: Device | None) -> None:
        """Begin reporting a microphone that was just opened."""
        self._name = device.name if device is not None else ""
        self._monitor = LevelMonitor(self._rate_hz, transport_of(device))
        self._is_connected = True

    def is_dead(self, *, has_worked: bool) -> bool:
        """Whether the open microphone has given only zeros for too long. One that has
        worked before may be gating noise until the user speaks; reopening it could lose
        the first words."""
        patient = has_worked and self._monitor.zeros_s < GATED_S
        return self._monitor.silent and not patient

    def disconnected(self) -> None:
        """Report the microphone as lost, once until the next start()."""
        if self._is_connected:
            self._is_connected = False
            self._post(Reconnecting(self._utterance))

    def push(self, pcm: bytes) -> None:
        """Add samples of the microphone: float32, little endian, in order."""
        was_flowing, was_silent = self._monitor.flowing, self._monitor.silent
        was_paused = self._monitor.paused_s >= PAUSED_S
        self._monitor.push(pcm)
        is_paused = self._monitor.paused_s >= PAUSED_S
        if is_paused and not was_paused:
            self._post(Paused(self._utterance, self._name))
        if self._monitor.flowing and (was_paused or not was_flowing) and not is_paused:
            self._post(Flowing(self._utterance))
        if self._monitor.silent and not was_silent:
            self._post(Silent(self._utterance, self._name))

    def report_level(self, recorded: int, endpointer: Endpointer) -> None:
        """Post a Level if one is due.

        recorded     samples of the recording so far
        endpointer   what is known of them
        """
        late = recorded - self._level_due
        if late < 0:
            return
        # from the schedule, not from the last chunk, which is always a little late
        planned = self._level_due if late < self._level_every else recorded
        self._level_due = planned + self._level_every
        level, recorded_s = self._monitor.level, recorded / self._rate_hz
        speech = endpointer.quiet_s, endpointer.user_quiet_s, endpointer.voice_level
        self._post(Level(self._utterance, level, recorded_s, *speech))
