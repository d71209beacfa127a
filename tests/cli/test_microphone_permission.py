"""`mica listen` asks macOS before it opens the microphone."""

import pytest

from mica.cli.sources import PERMISSION_WAIT_S, await_permission
from mica.errors import MicrophoneError
from mica.host.values import Grant, Permission
from support.fakes import FakePermissions


class DialogPermissions(FakePermissions):
    """A permission dialog that the user answers after some seconds; None = never."""

    def __init__(self, before: Grant, answer: Grant | None, after_s: float = 3) -> None:
        super().__init__()
        self.grants[Permission.MICROPHONE] = before
        self.answer, self.remaining_s, self.slept_s = answer, after_s, 0.0

    def sleep(self, seconds: float) -> None:
        assert self.requested == [Permission.MICROPHONE]
        self.slept_s += seconds
        if self.answer is not None and self.slept_s >= self.remaining_s:
            self.grants[Permission.MICROPHONE] = self.answer


def test_listen_waits_until_the_microphone_is_allowed() -> None:
    permissions = DialogPermissions(Grant.UNDETERMINED, Grant.GRANTED)
    await_permission(permissions, permissions.sleep)
    assert permissions.slept_s == pytest.approx(3.0, abs=0.3)


@pytest.mark.parametrize("before", [Grant.UNDETERMINED, Grant.DENIED])
def test_a_denied_microphone_is_an_error_with_the_page_to_allow_it(
    before: Grant,
) -> None:
    permissions = DialogPermissions(before, Grant.DENIED)
    permissions.app = "iTerm2"
    with pytest.raises(MicrophoneError, match="isn’t allowed") as caught:
        await_permission(permissions, permissions.sleep)
    assert "Allow iTerm2 in System Settings" in caught.value.remedy
    assert len(permissions.requested) == (before is Grant.UNDETERMINED)


def test_listen_stops_waiting_if_no_dialog_is_answered() -> None:
    permissions = DialogPermissions(Grant.UNDETERMINED, None)
    await_permission(permissions, permissions.sleep)
    assert permissions.slept_s == pytest.approx(PERMISSION_WAIT_S)


def test_listen_does_not_wait_if_the_microphone_is_allowed() -> None:
    permissions = DialogPermissions(Grant.GRANTED, None)
    await_permission(permissions, permissions.sleep)
    await_permission(None)
    assert permissions.requested == [] and permissions.slept_s == 0
