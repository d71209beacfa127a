"""Where `mica listen` gets its samples: a paced file or the microphone."""

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.audio.capture import Microphone
from mica.audio.device_selection import WantedDevice
from mica.audio.failover import FailoverMicrophone
from mica.cli.messages import say
from mica.cli.results import opened
from mica.engine.endpointing import Endpointer
from mica.errors import MicrophoneError
from mica.host.ports import Grant, Permission, Permissions
from mica.host.select import open_permissions
from mica.units import SAMPLE_RATE_HZ

PIECE_S: Final = 0.02
ANSWER_S: Final = 60.0  # then it is opened all the same: some terminals have no dialog
_LOOK_S: Final = 0.2
_GET_S: Final = 0.1  # how long one look at the queue waits
Floats = NDArray[np.float32]


@dataclass(slots=True)
class LiveSource:
    """Where samples come from.

    pieces        float32 (n,) at rate_hz, as they become available
    released_s    when the key came up (monotonic); None: at the last sample
    """

    rate_hz: int
    pieces: Iterator[Floats]
    released_s: float | None = None


def from_file(file: Path, pace: float) -> LiveSource:
    """A sound file; pace 1 is the pace of speech, 0 as fast as it is taken."""
    return LiveSource(SAMPLE_RATE_HZ, paced(_read(file), pace))


def _read(file: Path) -> Iterator[Floats]:
    """A file's samples; what could not be read of it is said behind them."""
    with opened(file) as sound:
        yield from sound.pieces()
    for note in sound.notes:
        say(note)


def paced(
    sound: Iterable[Floats],
    pace: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Floats]:
    """16 kHz samples in pieces of 20 ms, each given once it would have been said."""
    size = round(SAMPLE_RATE_HZ * PIECE_S)
    start_s, given = clock(), 0
    for samples in sound:
        for at in range(0, len(samples), size):
            piece = samples[at : at + size]
            given += len(piece)
            if pace > 0:
                sleep(max(0.0, start_s + given / SAMPLE_RATE_HZ / pace - clock()))
            yield piece


def from_microphone(wanted: WantedDevice) -> LiveSource:
    """The microphone until Enter or Ctrl-C and the tail after it; when it is lost, the
    next one, or the end."""
    await_permission(open_permissions())
    takes = FailoverMicrophone(wanted, Microphone)
    takes.open()
    source = LiveSource(takes.rate_hz, iter(()))
    source.pieces = _until_ended(source, takes)
    return source


def await_permission(
    permissions: Permissions | None, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Have the user answer before a microphone is opened: macOS gives zeros for ever to
    one that was open already. Raises MicrophoneError where the answer is no."""
    if permissions is None:
        return
    what = Permission.MICROPHONE
    if permissions.state(what) is Grant.UNDETERMINED:
        permissions.request(what)
        say("Allow the microphone in the dialog.")
        for _ in range(round(ANSWER_S / _LOOK_S)):
            sleep(_LOOK_S)
            if permissions.state(what) is not Grant.UNDETERMINED:
                break
    if permissions.state(what) is Grant.DENIED:
        raise MicrophoneError(
            "This terminal may not use the microphone.",
            "Allow it in System Settings › Privacy & Security › Microphone.",
        )


def _until_ended(source: LiveSource, takes: FailoverMicrophone) -> Iterator[Floats]:
    ended = threading.Event()
    threading.Thread(target=_wait_for_enter, args=(ended,), daemon=True).start()
    before = signal.signal(signal.SIGINT, lambda *_: _interrupted(ended))
    heard = 0
    try:
        for samples in _spoken(source, takes, ended):
            heard += len(samples)
            yield samples
    finally:
        signal.signal(signal.SIGINT, before)
        takes.close()
    if takes.overflow:
        lacking_s = takes.overflow / source.rate_hz
        say(f"The machine was too busy: {lacking_s:.1f} s were not heard.")
    if heard == 0:
        raise MicrophoneError("The microphone gave no sound.", "Try another one.")


def _spoken(
    source: LiveSource, takes: FailoverMicrophone, ended: threading.Event
) -> Iterator[Floats]:
    tail, heard, device_changes = Endpointer(source.rate_hz), 0, 0
    while tail.end is None or heard < tail.end:
        try:
            stretch = takes.get(_GET_S)
        except queue.Empty:
            if takes.lost or (takes.reconnecting and ended.is_set()):
                say("The microphone was lost. What was said is written.")
                return
            continue
        for device_change in takes.device_changes[device_changes:]:
            say(device_change.line(source.rate_hz))
        device_changes = len(takes.device_changes)
        samples = np.frombuffer(stretch.pcm, "<f4")
        heard += len(samples)
        tail.push(samples)
        yield samples
        if ended.is_set() and source.released_s is None:
            source.released_s = time.monotonic()
            tail.release(heard)


def _interrupted(ended: threading.Event) -> None:
    """The first Ctrl-C ends like Enter, wherever it arrives; a second one aborts."""
    if ended.is_set():
        raise KeyboardInterrupt
    ended.set()


def _wait_for_enter(ended: threading.Event) -> None:
    sys.stdin.readline()
    ended.set()
