"""What a recording over several microphones consists of: sound, and where they changed.

Values only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """A change of microphone within one recording.

    at         the first sample of the silence between them
    missing    how many samples that silence has
    before     the name of the one that was heard until then
    after      the name of the one that goes on
    problem    why it is not the one that was requested; mostly empty
    user_requested   the user chose it, and got it
    was_silent       the one before gave only zeros
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
    """Samples that follow each other: float32, little endian.

    recorded    False: silence, as long as no microphone was open
    """

    pcm: bytes
    recorded: bool = True
