"""What the app says about the network, from what its processes recorded."""

import pytest

from mica import network_guard, paths
from mica.dictation.control import ControlCommand
from mica.network_guard import NetworkUse
from mica.ui import strings
from mica.ui.network import NetworkMonitor, network_line


def record(kind: str) -> None:
    """Record something, as any process of Mica does."""
    network_guard._record(kind, "socket.connect library")


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that this process is guarded; tests/test_network_guard.py starts some
    that are."""
    monkeypatch.setattr(network_guard, "is_installed", lambda: True)


@pytest.mark.parametrize(
    ("use", "line"),
    [
        (NetworkUse(0, 0, True), "0 connections since start"),
        (NetworkUse(1, 0, True), "1 connection since start"),
        (NetworkUse(0, 2, True), "0 connections since start, 2 blocked"),
        (NetworkUse(1200, 1, True), "1,200 connections since start, 1 blocked"),
        (NetworkUse(0, 0, False), "not checked; quit Mica and open it again"),
    ],
)
def test_network_line_counts_the_attempts(use: NetworkUse, line: str) -> None:
    assert network_line(use) == line


def test_each_attempt_is_reported_once(guarded: None, home) -> None:
    record("refused")
    messages: list[str] = []
    monitor = NetworkMonitor(messages.append)
    assert monitor.line() == "0 connections since start", "before the start"
    for count in (1, 2):
        record("refused")
        assert monitor.line() == f"0 connections since start, {count} blocked"
        monitor.check()
        assert messages == [strings.NETWORK_BLOCKED] * count
    record("open")
    assert monitor.line() == "1 connection since start, 2 blocked"
    assert messages[-1] == strings.NETWORK_USED and len(messages) == 3


def test_damaged_lines_are_no_attempts(guarded: None, home) -> None:
    monitor = NetworkMonitor(lambda line: None)
    for damage in (b"\n", b"refused\n", b"\xff\xfe\x00 \n", b"a refused b"):
        with paths.network_log().open("ab") as log:
            log.write(damage)
        assert monitor.line() == "0 connections since start"


def test_app_shows_network_attempts_in_settings_and_by_command(
    desktop, guarded: None
) -> None:
    desktop._started = True  # else it is a note of the start
    status = desktop._commands.by_socket(ControlCommand.STATUS)
    assert status.splitlines()[-1] == "Network: 0 connections since start"
    assert status.splitlines()[0] == desktop._tray.icon.toolTip().splitlines()[0]
    window = desktop._windows.show_settings()
    assert window._network.text() == "0 connections since start"
    record("refused")
    window.refresh()
    assert window._network.text() == "0 connections since start, 1 blocked"
    assert (strings.NETWORK_BLOCKED, True) in desktop._status.messages


def test_app_reports_network_attempts_after_a_dictation(desktop, guarded: None) -> None:
    desktop._started = True
    record("refused")
    desktop._commands.by_socket(ControlCommand.TOGGLE)
    desktop._commands.by_socket(ControlCommand.CANCEL)
    assert (strings.NETWORK_BLOCKED, True) in desktop._status.messages


def test_nothing_is_read_before_the_microphone_is_open(
    desktop, guarded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> NetworkUse:
        raise AssertionError("a slow disk would cost audio")

    with monkeypatch.context() as patch:
        patch.setattr(desktop._network, "check", refuse)
        desktop._commands.by_socket(ControlCommand.TOGGLE)
    desktop._commands.by_socket(ControlCommand.CANCEL)
