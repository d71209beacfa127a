"""Everything that can go wrong, by what the user must do about it.

    MicaError                 exit 1
    ├── AudioFileError        exit 3   unreadable, empty, too short
    ├── ModelError            exit 4   missing, corrupt, unknown architecture
    ├── EngineError           exit 5   died, stalled, broke the protocol
    ├── PermissionDenied      exit 6   microphone or insertion not allowed
    ├── MicrophoneError       exit 1   missing, lost, silent
    ├── JournalError          exit 1   the recording cannot be kept on disk
    ├── InsertionError        exit 1   no field, focus changed, secure field
    │   └── ModifierHeld      never exits: it is waited for
    ├── HistoryError          exit 1   the database cannot be used
    ├── HomeError             exit 1   MICA_HOME names no folder that can be used
    ├── TextFileError         exit 1   a list or settings file that cannot be read
    └── SettingsError         never exits: defaults are used and it is said

Each says what happened and the remedy, both in the user's words.
"""

from typing import ClassVar


class MicaError(Exception):
    """What happened, and what the user can do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def line(self) -> str:
        """One line for people: "what happened. what to do."."""
        text = f"{self.what} {self.remedy}".strip()
        return " ".join(text.split())


class AudioFileError(MicaError):
    """A sound file cannot be used."""

    exit_code = 3


class ModelError(MicaError):
    """A model folder cannot be used."""

    exit_code = 4


class EngineError(MicaError):
    """The engine process died, stalled or broke the protocol."""

    exit_code = 5


class PermissionDenied(MicaError):
    """The system refused the microphone or the insertion."""

    exit_code = 6


class MicrophoneError(MicaError):
    """No microphone, or it was lost or stayed silent."""


class JournalError(MicaError):
    """The recording cannot be kept; what was written so far is."""


class InsertionError(MicaError):
    """The text could not be put in the focused field."""


class ModifierHeld(InsertionError):
    """A modifier went down at that very moment; no key was sent."""


class HistoryError(MicaError):
    """The history database cannot be used."""


class HomeError(MicaError, OSError):
    """The folder of all state cannot be had; who guards against the disk's errors
    guards against this one."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.strerror = what


class TextFileError(MicaError):
    """A text file of the user's cannot be read."""


class SettingsError(MicaError):
    """The settings file cannot be used; defaults apply."""
