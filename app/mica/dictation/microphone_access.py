"""Asks for the permission to use the microphone, before one is opened."""

from mica.dictation.strings import ANSWER_DIALOG, MICROPHONE_NEEDED
from mica.errors import MicaError
from mica.host.ports import Permissions
from mica.host.values import Grant, Permission


class MicrophoneAccess:
    """Has the system ask the user before a microphone is opened: one that is open by
    then gives zeros for as long as it stays open (BasedHardware/omi#11477).
    """

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions
        self._is_requested = False

    @property
    def is_denied(self) -> bool:
        return self._permissions.state(Permission.MICROPHONE) is Grant.DENIED

    def problem(self) -> MicaError | None:
        """Why none may be opened yet; None when one may. From the second time on one
        is opened whatever the user has answered, for some terminals have no dialog."""
        if self._permissions.state(Permission.MICROPHONE) is not Grant.UNDETERMINED:
            return None
        self._permissions.request(Permission.MICROPHONE)
        before, self._is_requested = self._is_requested, True
        remedy = ANSWER_DIALOG.format(self._permissions.holder())
        return None if before else MicaError(MICROPHONE_NEEDED, remedy)
