"""What a recording reports, in the order it happens: frozen events.

The recording's thread posts them to the main thread; nobody polls a recording. One
whose microphone is lost and found again reports, for example:

    Opened(7, journal)              a microphone is open
    Flowing(7)                      it gives sound
    Level(7, 0.4, 0.02, 0.0)        30 times for each second of samples
    Reconnecting(7)                 it is lost
    DeviceChanged(7, "At 0:03 …")   the next one is open
    Flowing(7)
    Stopped(7)                      the key is up, and the last word is over
    Ended(7, None)                  the engine has it all
"""

from dataclasses import dataclass
from pathlib import Path

from mica.errors import MicaError


@dataclass(frozen=True, slots=True)
class Opened:
    """The first microphone is open. journal: the file; None where the disk took
    none."""

    utterance: int
    journal: Path | None


@dataclass(frozen=True, slots=True)
class Flowing:
    """The first sample of a microphone that is not zero has come."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Silent:
    """A microphone has given only zeros for a second or more. device: its name."""

    utterance: int
    device: str


@dataclass(frozen=True, slots=True)
class Level:
    """How far the recording is, 30 times for each second of samples.

    level        0 to 1, for a meter
    recorded_s   its length so far
    quiet_s      how long nobody has spoken
    """

    utterance: int
    level: float
    recorded_s: float
    quiet_s: float


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The microphone is lost, and another one is looked for."""

    utterance: int


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """Another microphone took over.

    line             for people: when, from which to which, and what was missed
    user_requested   the user chose it
    was_silent       the one before gave only zeros
    """

    utterance: int
    line: str
    user_requested: bool
    was_silent: bool = False


@dataclass(frozen=True, slots=True)
class DiskProblem:
    """A part of the recording is on no disk: it is full, or too slow. It goes on."""

    utterance: int
    error: MicaError


@dataclass(frozen=True, slots=True)
class Lost:
    """No microphone was found in place of the one that is lost; what was said is
    kept."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing more is recorded; the engine may not have all of it yet."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event: the engine has it all, or there is nothing to have.

    error   why it came to nothing
    """

    utterance: int
    error: MicaError | None


RecordingEvent = (
    Opened
    | Flowing
    | Silent
    | Level
    | Reconnecting
    | DeviceChanged
    | DiskProblem
    | Lost
    | Stopped
    | Ended
)
