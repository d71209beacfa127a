"""Where `mica listen` gets its samples: from a file in real time, or a microphone."""

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.audio.capture import Microphone
from mica.audio.device_selection import WantedDevice, transport_of
from mica.audio.failover import FailoverMicrophone
from mica.audio.level import LevelMonitor
from mica.cli import strings
from mica.cli.batch_files import open_sound
from mica.cli.reporting import report
from mica.dictation.strings import VOICE_ABSENT, VOICE_SOFT
from mica.engine.endpointing import Endpointer
from mica.engine.voice_level import VoiceLevel
from mica.errors import MicrophoneError
from mica.host.ports import Permissions
from mica.host.select import open_permissions
from mica.host.values import Grant, Permission
from mica.units import SAMPLE_RATE_HZ

PIECE_S: Final = 0.02
PERMISSION_WAIT_S: Final = 60.0  # then open it anyway: some terminals show no dialog
_POLL_S: Final = 0.2
_OF_VOICE: Final = {VoiceLevel.ABSENT: VOICE_ABSENT, VoiceLevel.SOFT: VOICE_SOFT}
_GET_S: Final = 0.1  # how long to wait for the queue
Floats = NDArray[np.float32]


@dataclass(slots=True)
class LiveSource:
    """Samples as they become available.

    pieces        float32 (n,) at rate_hz
    released_s    when the user ended it (monotonic); None: at the last sample
    """

    rate_hz: int
    pieces: Iterator[Floats]
    released_s: float | None = None


def from_file(file: Path, pace: float) -> LiveSource:
    """Play a sound file; pace 1 is real time, 0 as fast as it is read."""
    return LiveSource(SAMPLE_RATE_HZ, paced(_read(file), pace))


def _read(file: Path) -> Iterator[Floats]:
    """A file's samples; prints notes about unreadable parts at the end."""
    with open_sound(file) as sound:
        yield from sound.pieces()
    for note in sound.notes:
        report(note)


def paced(
    sound: Iterable[Floats],
    pace: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Floats]:
    """16 kHz samples in pieces of 20 ms, each at the time its last sample is due."""
    size = round(SAMPLE_RATE_HZ * PIECE_S)
    start_s, sent = clock(), 0
    for samples in sound:
        for at in range(0, len(samples), size):
            piece = samples[at : at + size]
            sent += len(piece)
            if pace > 0:
                sleep(max(0.0, start_s + sent / SAMPLE_RATE_HZ / pace - clock()))
            yield piece


def from_microphone(wanted: WantedDevice) -> LiveSource:
    """Record from the microphone until Enter or Control-C and the last word's end.

    If the microphone is disconnected, the next one follows, or the recording ends.
    """
    await_permission(open_permissions())
    microphone = FailoverMicrophone(wanted, Microphone)
    microphone.open()
    source = LiveSource(microphone.rate_hz, iter(()))
    source.pieces = _until_ended(source, microphone)
    return source


def await_permission(
    permissions: Permissions | None, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait for the user's answer before a microphone is opened: macOS gives only zeros
    to one opened earlier. Raises MicrophoneError if permission is denied."""
    if permissions is None:
        return
    what = Permission.MICROPHONE
    if permissions.state(what) is Grant.UNDETERMINED:
        permissions.request(what)
        report(strings.ANSWER_DIALOG.format(permissions.holder()))
        for _ in range(round(PERMISSION_WAIT_S / _POLL_S)):
            sleep(_POLL_S)
            if permissions.state(what) is not Grant.UNDETERMINED:
                break
    if permissions.state(what) is Grant.DENIED:
        remedy = strings.ALLOW.format(permissions.holder(), "Microphone")
        raise MicrophoneError(strings.NOT_ALLOWED, remedy)


def _until_ended(
    source: LiveSource, microphone: FailoverMicrophone
) -> Iterator[Floats]:
    ended = threading.Event()
    threading.Thread(target=_end_at_enter, args=(ended,), daemon=True).start()
    before = signal.signal(signal.SIGINT, lambda *_: _interrupted(ended))
    received = 0
    try:
        for samples in _record(source, microphone, ended):
            received += len(samples)
            yield samples
    finally:
        signal.signal(signal.SIGINT, before)
        microphone.close()
    if microphone.overflow:
        report(strings.OVERLOADED.format(microphone.overflow / source.rate_hz))
    if received == 0:
        raise MicrophoneError(strings.NO_AUDIO, strings.OTHER_MICROPHONE)


def _record(
    source: LiveSource, microphone: FailoverMicrophone, ended: threading.Event
) -> Iterator[Floats]:
    endpointer, received, device_changes = Endpointer(source.rate_hz), 0, 0
    monitor, voice_level = _monitor(microphone), endpointer.voice_level
    while endpointer.end is None or received < endpointer.end:
        try:
            span = microphone.get(_GET_S)
        except queue.Empty:
            if microphone.lost or (microphone.reconnecting and ended.is_set()):
                report(strings.DISCONNECTED)
                return
            continue
        for device_change in microphone.device_changes[device_changes:]:
            report(device_change.line(source.rate_hz))
        device_changes = len(microphone.device_changes)
        if span.recorded:
            monitor.push(span.pcm)
            if monitor.silent:
                microphone.replace_silent()
        else:
            monitor = _monitor(microphone)
        samples = np.frombuffer(span.pcm, "<f4")
        received += len(samples)
        endpointer.push(samples, recorded=span.recorded)
        if endpointer.voice_level is not voice_level and monitor.flowing:
            voice_level = endpointer.voice_level
            if voice_level in _OF_VOICE:
                report(_OF_VOICE[voice_level])
        yield samples
        if ended.is_set() and source.released_s is None:
            source.released_s = time.monotonic()
            endpointer.release(received)


def _monitor(microphone: FailoverMicrophone) -> LevelMonitor:
    """Detects whether the open microphone gives sound."""
    return LevelMonitor(microphone.rate_hz, transport_of(microphone.device))


def _interrupted(ended: threading.Event) -> None:
    """The first Control-C ends the recording as Enter does; a second one aborts."""
    if ended.is_set():
        raise KeyboardInterrupt
    ended.set()


def wait_for_enter() -> None:
    """Return at Enter, at the end of the input or at Control-C."""
    with suppress(KeyboardInterrupt):
        sys.stdin.readline()


def _end_at_enter(ended: threading.Event) -> None:
    sys.stdin.readline()
    ended.set()
