"""Messages about a Mac's permissions: to use the microphone, and to read the clipboard.

The microphone's is requested before one is opened. From macOS 15.4 on the system may
ask the user before an app reads what others copied
(developer.apple.com/documentation/updates/appkit, “macOS pasteboard privacy”). Mica
reads it only to restore it after a paste.
"""

from contextlib import suppress

from mica import paths
from mica.dictation.recorded_utterance import Notice
from mica.dictation.strings import (
    ANSWER_DIALOG,
    CLIPBOARD_DENIED,
    CLIPBOARD_MAY_ASK,
    MICROPHONE_NEEDED,
)
from mica.errors import MicaError
from mica.host.ports import Permissions
from mica.host.values import Grant, Permission


class MicrophoneAccess:
    """Makes the system ask the user before a microphone is opened: one opened earlier
    gives zeros for as long as it stays open (BasedHardware/omi#11477).
    """

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions
        self._is_requested = False

    @property
    def is_denied(self) -> bool:
        return self._permissions.state(Permission.MICROPHONE) is Grant.DENIED

    def problem(self) -> MicaError | None:
        """Why no microphone may be opened yet; None if one may. From the second call on
        one is opened whatever the answer, because some terminals show no dialog."""
        if self._permissions.state(Permission.MICROPHONE) is not Grant.UNDETERMINED:
            return None
        self._permissions.request(Permission.MICROPHONE)
        before, self._is_requested = self._is_requested, True
        remedy = ANSWER_DIALOG.format(self._permissions.holder())
        return None if before else MicaError(MICROPHONE_NEEDED, remedy)


class ClipboardAccess:
    """Warns once, even across starts, that the system may ask: on many Macs it never
    does. Main thread only."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions
        self._is_refusal_shown = False

    def notices(self) -> list[Notice]:
        """Messages for the user before a text is pasted."""
        match self._permissions.state(Permission.CLIPBOARD):
            case Grant.UNDETERMINED if not paths.clipboard_hint_file().exists():
                with suppress(OSError):  # then it is shown again next time
                    paths.clipboard_hint_file().touch()
                line = CLIPBOARD_MAY_ASK
            case Grant.DENIED if not self._is_refusal_shown:
                self._is_refusal_shown = True
                line = CLIPBOARD_DENIED
            case _:
                return []
        return [Notice(line.format(self._permissions.holder()), is_trouble=False)]
