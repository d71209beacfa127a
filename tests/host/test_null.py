"""The host of a machine without a display keeps every promise of the ports."""

import pytest

from mica.errors import InsertionError, MicaError
from mica.host.key_names import Use
from mica.host.paste import Fate, Left, PasteTransaction
from mica.host.ports import FnTap, Grant, Login, Permission, Target
from mica.host.select import open_host

TARGET = Target(window=1, pid=2, name="Editor")


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")


def test_it_is_chosen_without_a_display_and_nothing_has_the_keyboard() -> None:
    host = open_host()
    assert host.focus.current() is None
    host.permissions.request(Permission.MICROPHONE)
    assert {host.permissions.state(what) for what in Permission} == {Grant.NOT_NEEDED}


def test_no_key_is_ever_pressed() -> None:
    heard: list[str] = []
    hotkeys = open_host().hotkeys
    hotkeys.start(lambda what, at_s: heard.append(what.value), heard.append)
    hotkeys.want_escape(True)
    assert not hotkeys.is_down(Use.HOLD)
    assert hotkeys.other_presses() is None
    hotkeys.stop()
    assert heard == []


def test_an_insertion_is_refused_and_the_clipboard_is_as_before() -> None:
    host = open_host()
    host.clipboard.copy("before")
    before = host.clipboard.snapshot()
    board = host.clipboard_for(TARGET)
    outcome = PasteTransaction("text", TARGET, board, host.paster).evaluate(0.0)
    assert outcome is not None
    assert (outcome.fate, outcome.left) == (Fate.REFUSED, Left.AS_BEFORE)
    assert isinstance(outcome.why, InsertionError)
    assert host.clipboard.snapshot() == before
    assert host.clipboard.receipts() == 0


def test_the_rest_of_the_machine_is_quiet() -> None:
    host, told = open_host(), list[object]()
    host.presence.watch(told.append, lambda: told.append("back"))
    host.activity.hold(True)
    host.lift(1)
    host.come_forward()
    host.presence.stop()
    assert told == []
    assert host.focus.guardian() is host.focus.middle() is None
    assert not host.wants_stillness()
    assert host.fn_tap() is FnTap.NOTHING
    assert host.login.state() is Login.UNKNOWN
    with pytest.raises(MicaError, match="login"):
        host.login.want(True)
