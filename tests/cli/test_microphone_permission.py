"""`mica listen` asks macOS before it opens the microphone."""

import pytest

from mica.cli.sources import ANSWER_S, await_permission
from mica.errors import MicrophoneError
from mica.host.ports import Grant, Permission
from support.fakes import FakePermissions


class Asked(FakePermissions):
    """The user answers after some seconds; None: never."""

    def __init__(self, before: Grant, answer: Grant | None, after_s: float = 3) -> None:
        super().__init__()
        self.grants[Permission.MICROPHONE] = before
        self.answer, self.left_s, self.slept_s = answer, after_s, 0.0

    def sleep(self, seconds: float) -> None:
        assert self.requested == [Permission.MICROPHONE]
        self.slept_s += seconds
        if self.answer is not None and self.slept_s >= self.left_s:
            self.grants[Permission.MICROPHONE] = self.answer


def test_the_microphone_waits_for_the_users_yes() -> None:
    asked = Asked(Grant.UNDETERMINED, Grant.GRANTED)
    await_permission(asked, asked.sleep)
    assert asked.slept_s == pytest.approx(3.0, abs=0.3)


@pytest.mark.parametrize("before", [Grant.UNDETERMINED, Grant.DENIED])
def test_a_no_is_said_with_the_page_to_change_it(before: Grant) -> None:
    asked = Asked(before, Grant.DENIED)
    with pytest.raises(MicrophoneError, match="may not use") as caught:
        await_permission(asked, asked.sleep)
    assert "Privacy & Security" in caught.value.remedy
    assert len(asked.requested) == (before is Grant.UNDETERMINED)


def test_where_no_dialog_comes_the_microphone_is_opened_in_the_end() -> None:
    asked = Asked(Grant.UNDETERMINED, None)
    await_permission(asked, asked.sleep)
    assert asked.slept_s == pytest.approx(ANSWER_S)


def test_nobody_waits_where_it_is_allowed() -> None:
    asked = Asked(Grant.GRANTED, None)
    await_permission(asked, asked.sleep)
    await_permission(None)
    assert asked.requested == [] and asked.slept_s == 0
