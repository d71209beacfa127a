"""Only the user can read what commands keep; their results follow the user's umask."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mica import paths
from support.private_files import open_to_others


def mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


def mica(home: Path, umask: int, *words: object) -> None:
    """Run a command in a shell with this umask."""
    subprocess.run(
        [sys.executable, "-m", "mica", *map(str, words)],
        env={**os.environ, "MICA_HOME": str(home)},
        umask=umask,
        check=True,
        capture_output=True,
        timeout=100,
    )


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027])
def test_everything_that_a_process_writes_is_private(
    tmp_path: Path, tiny: Path, sound: Path, umask: int
) -> None:
    home, out = tmp_path / "mica", tmp_path / "texts" / "new"
    mica(home, umask, "keywords", "add", "Katherine")
    mica(home, umask, "models", "use", tiny)
    mica(home, umask, "transcribe", sound, "--output", out)
    assert {"keywords.txt", "settings.toml", "logs"} <= {
        file.name for file in home.iterdir()
    }
    assert mode(home) == 0o700 and open_to_others(home) == []
    assert {mode(folder) for folder in (out, out.parent)} == {0o777 & ~umask}
    [text] = out.iterdir()
    assert mode(text) == 0o666 & ~umask


def test_result_folder_keeps_the_users_permissions(
    tmp_path: Path, tiny: Path, sound: Path
) -> None:
    out = tmp_path / "texts"
    out.mkdir(mode=0o750)
    mica(
        tmp_path / "mica", 0o022, "transcribe", sound, "--model", tiny, "--output", out
    )
    assert mode(out) == 0o750


def opened(place: Path) -> Path:
    """A file or folder that everybody may use."""
    place.chmod(0o777 if place.is_dir() else 0o666)
    return place


@pytest.fixture
def left_open(home: Path) -> list[Path]:
    """What an earlier Mica left: folders and files that everybody may use."""
    names = ("journal", "logs", "scratch")
    folders = [home / name for name in names]
    for folder in folders:
        folder.mkdir()
    files = [
        home / "history.sqlite",
        home / "history.sqlite-wal",
        home / "settings.toml",
        home / "settings.toml.broken-2",
        home / "journal" / "00000001.wav",
        home / "logs" / "mica.log.1",
    ]
    for file in files:
        file.touch()
    return [opened(place) for place in (*files, *folders, home)]


def test_files_open_to_others_are_made_private_at_the_start(
    left_open, home: Path
) -> None:
    assert open_to_others(home) != []
    paths.close_to_others()
    assert paths.is_private() and open_to_others(home) == []
    assert mode(home / "journal") == 0o700 and mode(home / "settings.toml") == 0o600


def test_existing_data_folder_is_made_private_when_it_is_used(home: Path) -> None:
    opened(home)
    paths.home(create=False)
    assert mode(home) == 0o777, "only read"
    paths.home()
    assert mode(home) == 0o700


def test_folder_with_other_files_keeps_its_permissions(home: Path) -> None:
    """MICA_HOME may be a home folder, or /tmp."""
    (home / "photos").mkdir(mode=0o755)
    other, own = opened(home / "photos"), home / "settings.toml"
    own.touch()
    opened(own)
    opened(home)
    paths.close_to_others()
    assert (mode(home), mode(other), mode(own)) == (0o777, 0o777, 0o600)
    assert mode(paths.logs_folder()) == 0o700


def test_linked_file_keeps_its_permissions(home: Path, tmp_path: Path) -> None:
    """Settings that are kept with other dotfiles."""
    target = tmp_path / "dotfiles.toml"
    target.touch()
    opened(target)
    (home / "settings.toml").symlink_to(target)
    paths.close_to_others()
    assert mode(target) == 0o666


def test_data_folder_behind_a_link_is_made_private(home: Path, monkeypatch) -> None:
    real = opened(home)
    link = home.parent / f"{home.name}-link"
    link.symlink_to(real)
    monkeypatch.setenv("MICA_HOME", str(link))
    paths.home()
    assert mode(real) == 0o700
