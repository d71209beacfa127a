"""When messages about the permission to read the clipboard appear."""

import pytest

from dictation.harness import Harness
from mica.dictation.permission_notices import ClipboardAccess
from mica.dictation.recorded_utterance import Notice
from mica.dictation.strings import CLIPBOARD_DENIED, CLIPBOARD_MAY_ASK
from mica.host.values import Grant, Permission
from support.fakes import FakePermissions


def access(grant: Grant) -> ClipboardAccess:
    """The clipboard access of a newly started app."""
    permissions = FakePermissions()
    permissions.grants[Permission.CLIPBOARD] = grant
    permissions.app = "Terminal"
    return ClipboardAccess(permissions)


def test_notice_about_the_clipboard_alert_is_shown_only_once() -> None:
    started = access(Grant.UNDETERMINED)
    line = CLIPBOARD_MAY_ASK.format("Terminal")
    assert started.notices() == [Notice(line, is_trouble=False)]
    assert started.notices() == []
    assert access(Grant.UNDETERMINED).notices() == []


def test_notice_about_the_denied_clipboard_is_shown_at_each_start() -> None:
    for _ in range(2):
        started = access(Grant.DENIED)
        line = CLIPBOARD_DENIED.format("Terminal")
        assert started.notices() == [Notice(line, is_trouble=False)]
        assert started.notices() == []


@pytest.mark.parametrize("grant", [Grant.GRANTED, Grant.NOT_NEEDED])
def test_a_clipboard_that_may_be_read_is_not_mentioned(grant: Grant) -> None:
    assert access(grant).notices() == []


def test_notice_is_shown_before_macos_asks(harness: Harness) -> None:
    """macOS's dialog appears when the first text is pasted."""
    harness.fake.permissions.grants[Permission.CLIPBOARD] = Grant.UNDETERMINED
    microphone = harness.pressed()
    assert (
        harness.messages == [CLIPBOARD_MAY_ASK.format("Mica")]
        and harness.troubles == []
    )
    harness.release()
    microphone.speak(0.3)
    assert harness.fake.paster.pasted == []
