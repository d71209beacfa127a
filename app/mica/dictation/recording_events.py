"""The events of a recording, in the order they happen: frozen dataclasses.

The recording's thread posts them to the main thread; nobody polls a recording. If its
microphone is lost and replaced, for example, it reports:

    Opened(7, journal)              a microphone is open
    Flowing(7)                      it gives sound
    Level(7, 0.4, 0.02, 0.0, 0.0)   30 times per second of samples
    Reconnecting(7)                 it is lost
    DeviceChanged(7, "At 0:03 …")   the next one is open
    Flowing(7)
    Stopped(7)                      the key is up, and the last word has ended
    Ended(7, None)                  the engine has everything
"""

from dataclasses import dataclass
from pathlib import Path

from mica.engine.voice_level import VoiceLevel
from mica.errors import MicaError


@dataclass(frozen=True, slots=True)
class Opened:
    """The first microphone is open. journal: the file; None: not created."""

    utterance: int
    journal: Path | None


@dataclass(frozen=True, slots=True)
class Flowing:
    """A microphone gives sound: its first nonzero sample, or the first after Paused."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Silent:
    """A microphone has given only zeros for at least a second. device: its name."""

    utterance: int
    device: str


@dataclass(frozen=True, slots=True)
class Paused:
    """A microphone that gave sound has given only zeros for PAUSED_S: it gates the
    noise, was muted, or is gone and the sound system gives silence in its place.

    device   its name
    """

    utterance: int
    device: str


@dataclass(frozen=True, slots=True)
class Level:
    """The progress of the recording, 30 times per second of samples.

    level          0 to 1, for a meter
    recorded_s     its length so far
    quiet_s        how long nobody has spoken
    user_quiet_s   how long the user has not; 0 until they have spoken
    voice_level    what is known of the voice
    """

    utterance: int
    level: float
    recorded_s: float
    quiet_s: float
    user_quiet_s: float = 0.0
    voice_level: VoiceLevel = VoiceLevel.UNKNOWN


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The microphone is lost, and another one is being looked for."""

    utterance: int


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """Another microphone took over.

    line             for the user: when, from which to which, and what was missed
    user_requested   the user chose it
    was_silent       the previous one gave only zeros
    """

    utterance: int
    line: str
    user_requested: bool
    was_silent: bool = False


@dataclass(frozen=True, slots=True)
class DiskProblem:
    """Part of the recording is not on disk, which is full or too slow; it continues."""

    utterance: int
    error: MicaError


@dataclass(frozen=True, slots=True)
class Lost:
    """No microphone could replace the one that was lost; what was recorded is kept."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Recording has stopped; the engine may not have everything yet."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event: the engine has everything, or nothing was recorded.

    error   why the recording failed; None if it did not
    """

    utterance: int
    error: MicaError | None


RecordingEvent = (
    Opened
    | Flowing
    | Silent
    | Paused
    | Level
    | Reconnecting
    | DeviceChanged
    | DiskProblem
    | Lost
    | Stopped
    | Ended
)
