"""Requests permission to use the microphone before one is opened."""

from mica.dictation.strings import ANSWER_DIALOG, MICROPHONE_NEEDED
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
