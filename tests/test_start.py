"""What the app looks after once at its start."""

from pathlib import Path

import pytest

from mica import paths, start
from mica.audio import devices, scratch


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    monkeypatch.setenv("MICA_HOME", str(tmp_path))
    calls: list[str] = []
    monkeypatch.setattr(devices, "list_devices", lambda: calls.append("microphones"))
    return calls


def test_what_dead_commands_left_goes_at_the_apps_start(looked: list[str]) -> None:
    left = paths.scratch_folder() / "tmpdead"
    left.mkdir()
    (left / "sound").write_bytes(b"x")
    start._look_around()
    assert not left.exists()
    assert looked == ["microphones"]


def test_a_scratch_folder_that_cannot_be_swept_hinders_no_microphone(
    looked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise PermissionError("scratch")

    monkeypatch.setattr(scratch, "sweep", refuse)
    start._look_around()
    assert looked == ["microphones"]
