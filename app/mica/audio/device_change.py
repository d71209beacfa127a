"""The parts of a recording that switches microphones: audio spans and device changes.

Values only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """A change of microphone within one recording.

    at         the first sample of the silence between the two
    missing    the number of samples in that silence
    before     the name of the microphone used until then
    after      the name of the one used from then on
    problem    why it is not the one that was requested; usually empty
    user_requested   the user chose the new one
    was_silent       the previous one gave only zeros
    """

    at: int
    missing: int
    before: str
    after: str
    problem: str = ""
    user_requested: bool = False
    was_silent: bool = False

    def line(self, rate_hz: int) -> str:
        """The change as a sentence for the user."""
        minutes, seconds = divmod(self.at // rate_hz, 60)
        if self.was_silent and self.before == self.after:
            what = f"“{self.before}” gave only silence and was opened again"
        elif self.was_silent:
            what = f"“{self.before}” gave only silence, so “{self.after}” was used"
        elif self.before == self.after:
            what = f"“{self.before}” was away"
        else:
            what = f"changed from “{self.before}” to “{self.after}”"
        line = f"At {minutes}:{seconds:02} the microphone {what}"
        missing_s = 0.0 if self.was_silent else round(self.missing / rate_hz, 1)
        line += f"; {missing_s} s were not heard." if missing_s else "."
        return f"{self.problem} {line}" if self.problem else line


@dataclass(frozen=True, slots=True)
class AudioSpan:
    """Consecutive samples: float32, little endian.

    recorded    False: silence in place of the time when no microphone was open
    """

    pcm: bytes
    recorded: bool = True
