"""A terminal that may not use the microphone has the running app listen."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mica import paths
from mica.cli import listen as command
from mica.cli.handover import can_hand_over
from mica.host.values import Grant, Permission
from support.fakes import FakePermissions


@pytest.fixture
def address() -> Iterator[Path]:
    """An app listens there."""
    with socket.socket(socket.AF_UNIX) as app:
        app.bind(str(paths.control_socket()))
        app.listen(4)
        yield paths.control_socket()
    paths.control_socket().unlink()


def permissions(grant: Grant) -> FakePermissions:
    fake = FakePermissions()
    fake.grants[Permission.MICROPHONE] = grant
    return fake


@pytest.mark.parametrize("grant", [Grant.UNDETERMINED, Grant.DENIED])
def test_only_a_terminal_that_is_not_allowed_hands_over(
    address: Path, grant: Grant
) -> None:
    assert can_hand_over(permissions(grant), address)
    assert not can_hand_over(permissions(Grant.GRANTED), address)
    assert not can_hand_over(None, address), "this system asks for none"
    assert permissions(grant).requested == [], "no dialog in the terminal's name"


def test_nobody_hands_over_to_an_app_that_does_not_run() -> None:
    assert not can_hand_over(permissions(Grant.DENIED), paths.control_socket())


def test_listen_prints_what_the_app_heard(
    address: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = permissions(Grant.DENIED)
    monkeypatch.setattr(command, "open_permissions", lambda: denied)
    monkeypatch.setattr(command, "text_from_app", lambda address, wait: "Heard there.")
    result = CliRunner().invoke(command.listen, [], standalone_mode=False)
    assert result.exit_code == 0 and result.stdout == "Heard there.\n"
