"""All errors, in one tree arranged by what the user must do.

    MicaError                 exit 1
    ├── AudioFileError        exit 3   unreadable, empty, too short
    ├── ModelError            exit 4   missing, corrupt, unknown architecture
    ├── EngineError           exit 5   crashed, stalled, invalid message
    ├── PermissionDenied      exit 6   microphone or insertion not allowed
    ├── MicrophoneError       exit 1   missing, lost, silent
    ├── JournalError          exit 1   the recording cannot be saved
    ├── InsertionError        exit 1   no field, focus changed, secure field
    │   └── ModifierHeld      never exits: Mica waits
    ├── LibraryError          exit 1   the database cannot be used
    ├── HomeError             exit 1   MICA_HOME is not a usable folder
    ├── TextFileError         exit 1   a list or settings file that cannot be read
    ├── NetworkRefusedError   exit 1   something tried to use the network
    └── SettingsError         never exits: defaults apply, with a note

Each has two sentences for the user: what happened, and what to do about it.
"""

from typing import ClassVar


class MicaError(Exception):
    """An error for the user.

    what     what happened, as a sentence
    remedy   what to do about it, as a sentence; may be empty
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def line(self) -> str:
        """Both sentences in one line."""
        text = f"{self.what} {self.remedy}".strip()
        return " ".join(text.split())


class AudioFileError(MicaError):
    """A sound file is unreadable, empty or too short."""

    exit_code = 3


class ModelError(MicaError):
    """A model is missing, damaged or unknown."""

    exit_code = 4


class EngineError(MicaError):
    """The engine process crashed, stalled or sent an invalid message."""

    exit_code = 5


class PermissionDenied(MicaError):
    """The system does not allow the microphone or the insertion."""

    exit_code = 6


class MicrophoneError(MicaError):
    """The microphone is missing, was disconnected or stays silent."""


class JournalError(MicaError):
    """The recording can no longer be saved; what was written so far stays."""


class InsertionError(MicaError):
    """The text could not be inserted into the focused field."""


class ModifierHeld(InsertionError):
    """A modifier key was pressed just before sending; no key was sent."""


class LibraryError(MicaError):
    """The library's database can't be used."""


class HomeError(MicaError, OSError):
    """MICA_HOME is not a usable folder. Also an OSError, so that code which handles
    disk errors handles it."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.strerror = what


class TextFileError(MicaError):
    """A text file of the user's can't be read."""


class SettingsError(MicaError):
    """The settings file can't be used; defaults apply."""


class NetworkRefusedError(MicaError, PermissionError):
    """Part of Mica tried to use the network. Also a PermissionError, which libraries
    that try expect."""

    def __init__(self) -> None:
        what = "Mica blocked an attempt to use the network. Nothing was sent."
        super().__init__(what, "Report this to the developers of Mica.")
        self.strerror = what
