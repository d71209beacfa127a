"""Reads sound files of any format as 16 kHz mono samples.

A child process decodes (decoding.py), piece by piece, so memory does not grow with the
file and a decoder crash costs only one file. This module mixes its samples to mono,
resamples them and places them in time by the file's timestamps. It writes nothing and
reads no tags.
"""

import math
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.audio import decoded
from mica.audio.downmix import Downmix, FullScale
from mica.audio.lengths import COUNTED_SLACK_S
from mica.audio.resample import Resampler
from mica.audio.timeline import Timeline
from mica.errors import AudioFileError
from mica.program import own_command
from mica.text.format import clock
from mica.units import SAMPLE_RATE_HZ

SHORTEST_S: Final = 0.1
LOWEST_RATE_HZ: Final = 1000  # below, a header is damaged; speech has 4 kHz at least
MOST_PER_S: Final = 100_000_000  # samples of all channels; 512 at 192 kHz
LEAST_MISSING_BYTES: Final = 4096
STDIN: Final = Path("-")
COMMAND: Final = own_command("--decode")
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,8}")
Floats = NDArray[np.float32]
Messages = Iterator[tuple[decoded.Message, bytes]]


class SoundFile:
    """An open sound file.

    duration_s   as claimed by the file; None if it does not say
    tracks       its audio tracks, for use in a message; empty if there is only one
    """

    def __init__(self, name: str, messages: Messages) -> None:
        self._name = name
        self._messages = messages
        self._timeline = Timeline()
        self._full = FullScale()
        first, _ = self._next()
        if not isinstance(first, decoded.StreamOpened):
            raise self._crashed()
        self.duration_s = first.duration_s
        self.tracks = first.tracks
        self._claimed_s, self._slack_s = first.claimed_s or 0.0, first.slack_s
        self._lacks_bytes = first.lacks_bytes
        self._unread: list[tuple[float, int]] = []  # start time, and bytes
        self._ends: list[tuple[float, bool]] = []  # time, and whether it is certain
        self._has_ended, self._is_first = False, True

    @property
    def notes(self) -> list[str]:
        """Notes about the file so far, such as places that could not be read."""
        notes = self._timeline.notes(self._name)
        if self._full.scale != 1:
            notes.append(
                f"The sound in {self._name} is far too loud; it was turned down."
            )
        if self._has_ended:
            notes += self._lacking()
        notes += [self._followed(*one) for one in self._unread]
        return notes

    def _lacking(self) -> list[str]:
        """The note for a file whose end is missing, if it is."""
        claim = self._claimed_s, self._slack_s
        if lacking := self._timeline.lacking(self._name, *claim):
            return lacking
        if self._lacks_bytes > LEAST_MISSING_BYTES:
            at, size = clock(round(self._timeline.at_s)), _kilobytes(self._lacks_bytes)
            return [f"{self._name} ends at {at}; the last {size} of it are missing."]
        return [self._ended(*one) for one in self._ends]

    def _ended(self, at_s: float, is_certain: bool) -> str:
        """The note for a missing end."""
        at = clock(round(at_s))
        if is_certain:
            return f"{self._name} is cut off at {at}."
        return f"The end of {self._name} may be missing (after {at})."

    def _end_is_missing(self, is_certain: bool) -> None:
        """Record a missing end, unless the header's length shows that no audio is."""
        at_s, claimed_s = self._timeline.at_s, self._claimed_s
        is_complete = 0 < claimed_s <= at_s + COUNTED_SLACK_S
        if not (self._is_first and is_complete):
            self._ends.append((at_s, is_certain))

    def _followed(self, at_s: float, size_bytes: int) -> str:
        """The note for something joined to the file that cannot be read."""
        name, at = self._name, clock(round(at_s))
        if not size_bytes:
            return f"Another recording joined to {name} at {at} could not be read."
        size = _kilobytes(size_bytes)
        return f"{size} after the end of {name} ({at}) could not be read."

    def pieces(self) -> Iterator[Floats]:
        """The samples, float32 (n,) at 16 kHz; AudioFileError if the file is unusable.

        Unreadable places become silence, as do gaps in the file's timestamps. A file
        shorter than 0.1 s or without any audio is refused.
        """
        joined = _Joined(self._name, self._timeline, self._full)
        while not isinstance((item := self._next())[0], decoded.StreamEnded):
            message, pcm = item
            if isinstance(message, decoded.PacketsLost):
                self._timeline.lost()
            elif isinstance(message, decoded.TimesReset):
                self._timeline.restart()
                self._is_first = False
            elif isinstance(message, decoded.EndMissing):
                self._end_is_missing(message.is_certain)
            elif isinstance(message, decoded.Unread):
                self._unread.append((self._timeline.at_s, message.size_bytes))
            elif isinstance(message, decoded.DecodedSamples):
                yield from joined.push(message, pcm)
        self._check(joined)
        self._has_ended = True
        yield joined.finish()

    def _check(self, joined: "_Joined") -> None:
        if joined.decoded_s == 0:
            raise AudioFileError(f"{self._name} contains no sound.", decoded.REMEDY)
        if not joined.has_samples:
            what = f"{self._name} contains values that aren’t audio samples."
            raise AudioFileError(what, "Export it again from the program that made it.")
        if joined.decoded_s < SHORTEST_S:
            length = f"{math.floor(joined.decoded_s * 1000)} ms"
            what = f"{self._name} is too short ({length})."
            raise AudioFileError(what, "Choose one of 100 ms or more.")

    def _next(self) -> tuple[decoded.Message, bytes]:
        item = next(self._messages, None)
        if item is None:
            raise self._crashed()
        if isinstance(item[0], decoded.Refused):
            error = AudioFileError(item[0].what, item[0].remedy)
            if item[0].detail:
                error.add_note(item[0].detail)
            raise error
        return item

    def _crashed(self) -> AudioFileError:
        """The error for a decoding process that ended or sent anything else."""
        what = f"{self._name} cannot be read: decoding it crashed."
        return AudioFileError(what, "Convert it to M4A, MP3 or WAV.")


@contextmanager
def opened(path: Path, track: int | None = None) -> Iterator[SoundFile]:
    """Open a sound file for reading once; AudioFileError if it cannot be read.

    path    `-` is standard input; blocks for a pipe
    track   number of the audio track, from 1; None: the default track
    """
    name = "Standard input" if path == STDIN else path.name
    ending = path.suffix if _ENDING.fullmatch(path.suffix) else ""
    descriptor = _descriptor(path)
    try:
        child = subprocess.Popen(
            [*COMMAND, str(descriptor), ending, name, str(track or 0)],
            stdin=subprocess.PIPE,  # the child exits when it closes: with us at latest
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[descriptor],
            start_new_session=True,  # Ctrl+C in the terminal reaches only this process
        )
    finally:
        os.close(descriptor)
    try:
        yield SoundFile(name, _messages(child))
    finally:
        child.kill()
        child.communicate()


def read(path: Path, track: int | None = None) -> Iterator[Floats]:
    """The samples of a file, as from SoundFile.pieces(), if nothing else is needed."""
    with opened(path, track) as sound:
        yield from sound.pieces()


class _Joined:
    """Joins decoded samples into one stream at 16 kHz, with silence in gaps.

    decoded_s     duration of the audio, without inserted silence
    has_samples   whether there was any valid sample
    """

    def __init__(self, name: str, timeline: Timeline, full: FullScale) -> None:
        self._name = name
        self._timeline = timeline
        self._full = full
        self._shape: tuple[int, int] | None = None  # rate and channels
        self._given = 0
        self.decoded_s = 0.0
        self.has_samples = False

    def push(self, message: decoded.DecodedSamples, pcm: bytes) -> Iterator[Floats]:
        """The samples at 16 kHz completed by these."""
        samples, are_sound = self._full.push(decoded.floats(message, pcm))
        if self._timeline.silence_s(message.start_s):
            yield self.finish()
            yield from self._silence()
        if not are_sound.all():
            self._timeline.lost()
        yield from self._chain(message.rate_hz, message.channels)
        seconds = len(samples) / message.rate_hz
        self.decoded_s += seconds
        self.has_samples |= bool(are_sound.any())
        self._timeline.advance(seconds)
        yield self._count(self._resampler.push(self._downmix.push(samples)))

    def finish(self) -> Floats:
        """The samples still in the pipeline; the next push starts a new one."""
        if self._shape is None:
            return np.zeros(0, np.float32)
        self._shape = None
        rest = self._resampler.push(self._downmix.finish())
        return self._count(np.concatenate([rest, self._resampler.finish()]))

    def _chain(self, rate_hz: int, channels: int) -> Iterator[Floats]:
        """Start a new pipeline if the stream's rate or channels changed midway."""
        if self._shape == (rate_hz, channels):
            return
        if rate_hz < LOWEST_RATE_HZ:
            what = f"{self._name} has {rate_hz} samples per second, too few for speech."
            raise AudioFileError(what, decoded.REMEDY)
        if rate_hz * channels > MOST_PER_S:
            what = f"{self._name} has {rate_hz} samples per second, too many for sound."
            raise AudioFileError(what, decoded.REMEDY)
        yield self.finish()
        self._shape = rate_hz, channels
        self._downmix = Downmix(rate_hz, channels)
        self._resampler = Resampler(rate_hz)

    def _silence(self) -> Iterator[Floats]:
        """Silence up to the timeline's position, so that rounding errors do not add
        up."""
        due = round(self._timeline.at_s * SAMPLE_RATE_HZ) - self._given
        for start in range(0, due, SAMPLE_RATE_HZ):
            yield self._count(np.zeros(min(SAMPLE_RATE_HZ, due - start), np.float32))

    def _count(self, samples: Floats) -> Floats:
        self._given += len(samples)
        return samples


def _kilobytes(size_bytes: int) -> str:
    return f"{math.ceil(size_bytes / 1000)} KB"


def _descriptor(path: Path) -> int:
    """Open the file; only once, since a named pipe can be read only once."""
    try:
        if path == STDIN:
            return os.dup(0)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOCTTY)
    except FileNotFoundError as why:
        raise AudioFileError(f"{path} does not exist.", "Check the path.") from why
    except OSError as why:
        what = f"{path.name} cannot be read ({why.strerror})."
        raise AudioFileError(what, "Check its permissions, or choose another.") from why
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise AudioFileError(f"{path} is a folder.", decoded.REMEDY)
    return descriptor


def _messages(child: "subprocess.Popen[bytes]") -> Messages:
    assert child.stdout is not None
    while (item := decoded.unpack(child.stdout)) is not None:
        yield item
