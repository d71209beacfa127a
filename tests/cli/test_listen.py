"""`mica listen` on files and through the running app.

The running app listens if the terminal may not use the microphone.
"""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cli.conftest import RATE_HZ, Mica
from mica import paths
from mica.cli import listen as command
from mica.cli.listen import can_hand_over
from mica.host.values import Grant, Permission
from support.fakes import FakePermissions
from support.wav_files import tone, write_wav


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_listen_prints_the_events_of_a_file_as_json_lines(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    result = mica("listen", "--file", sound, "--pace", 0, "--json", "--model", tiny)
    assert result.code == 0
    lines = events(result.out)
    assert [e["state"] for e in lines if e["event"] == "state"] == [
        "arming",
        "listening",
        "working",
    ]
    final = lines[-1]
    assert final["event"] == "final"
    assert final["release_to_text_ms"] > 0
    assert final["key_up_to_text_ms"] >= final["release_to_text_ms"]
    assert final["llm_passes"] > 0
    assert all(isinstance(e["t"], float) for e in lines)
    times = [e["t"] for e in lines]
    assert times == sorted(times)


def test_joined_commits_are_the_final_text(mica: Mica, tiny: Path, sound: Path) -> None:
    result = mica("listen", "--file", sound, "--pace", 0, "--json", "--model", tiny)
    lines = events(result.out)
    commits = [str(e["text"]) for e in lines if e["event"] == "commit"]
    assert lines[-1]["text"] == " ".join(commits)


def test_listen_without_json_prints_only_the_text_on_stdout(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    result = mica("listen", "--file", sound, "--pace", 0, "--model", tiny)
    assert result.code == 0
    assert len(result.out.splitlines()) == 1


def test_listen_and_transcribe_give_the_same_text(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    words = ["--model", tiny, "--style", "raw"]
    live_text = mica("listen", "--file", sound, "--pace", 0, *words).out
    assert live_text == mica("transcribe", sound, *words).out
    assert live_text.strip()


def test_an_unusable_file_is_exit_3_and_an_error_event(
    mica: Mica, tiny: Path, tmp_path: Path
) -> None:
    file = write_wav(tmp_path / "short.wav", tone(0.05, 16_000), 16_000)
    result = mica("listen", "--file", file, "--pace", 0, "--json", "--model", tiny)
    assert result.code == 3
    assert events(result.out)[-1]["event"] == "error"
    assert "too short" in result.line()


def test_a_missing_microphone_is_one_line(
    mica: Mica, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    result = mica("listen", "--model", tiny)
    assert result.code == 1
    assert "icrophone" in result.line() or "sound" in result.line()


def test_listen_keeps_no_recording_of_a_file(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    mica("listen", "--file", sound, "--pace", 0, "--model", tiny)
    assert list(paths.journal_folder().iterdir()) == []


def test_a_file_that_begins_with_silence_gets_no_microphone_warning(
    mica: Mica, tiny: Path, tmp_path: Path
) -> None:
    sounds = np.concatenate([np.zeros((3 * RATE_HZ, 1)), tone(1.0, RATE_HZ)])
    path = write_wav(tmp_path / "late.wav", sounds, RATE_HZ)
    result = mica("listen", "--file", path, "--pace", 0, "--model", tiny)
    assert result.code == 0
    assert "microphone" not in result.err


@pytest.fixture
def address() -> Iterator[Path]:
    """The address of a control socket on which an app listens."""
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
def test_only_a_terminal_without_permission_lets_the_app_listen(
    address: Path, grant: Grant
) -> None:
    assert can_hand_over(permissions(grant), address)
    assert not can_hand_over(permissions(Grant.GRANTED), address)
    assert not can_hand_over(None, address), "this system asks for none"
    assert permissions(grant).requested == [], "no dialog in the terminal's name"


def test_app_that_is_not_running_is_never_used_to_listen() -> None:
    assert not can_hand_over(permissions(Grant.DENIED), paths.control_socket())


def test_listen_prints_the_text_of_the_app(
    address: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = permissions(Grant.DENIED)
    monkeypatch.setattr(command, "open_permissions", lambda: forbidden)
    monkeypatch.setattr(command, "text_from_app", lambda address, wait: "Heard there.")
    result = CliRunner().invoke(command.listen, [], standalone_mode=False)
    assert result.exit_code == 0 and result.stdout == "Heard there.\n"
