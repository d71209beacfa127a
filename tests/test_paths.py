"""The app's folders, and which values MICA_HOME may have."""

import sys
from pathlib import Path

import pytest

from mica import paths
from mica.errors import HomeError


@pytest.mark.parametrize("chosen", ["~/mica", "$HOME/mica", "${HOME}/mica", " ~/mica "])
def test_variables_in_mica_home_are_expanded(tmp_path, monkeypatch, chosen):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MICA_HOME", chosen)
    monkeypatch.chdir(tmp_path)
    assert paths.home() == tmp_path / "mica"
    assert [folder.name for folder in tmp_path.iterdir()] == ["mica"]


def test_a_relative_mica_home_is_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MICA_HOME", "mine")
    monkeypatch.chdir(tmp_path)
    home = paths.home()
    monkeypatch.chdir("/")
    assert home == tmp_path / "mine" and home.is_dir()


def test_the_data_folder_is_private(tmp_path, monkeypatch):
    monkeypatch.setenv("MICA_HOME", str(tmp_path / "mica"))
    assert paths.home().stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("chosen", ["", "  "])
def test_an_empty_mica_home_is_ignored(tmp_path, monkeypatch, chosen):
    monkeypatch.setenv("MICA_HOME", chosen)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.home().is_relative_to(tmp_path)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("chosen", ["file", "file/below", "~nobody-has-this-name/x"])
def test_an_unusable_mica_home_is_named_in_the_error(
    tmp_path, monkeypatch, chosen, create
):
    (tmp_path / "file").write_text("")
    named = chosen if chosen.startswith("~") else str(tmp_path / chosen)
    monkeypatch.setenv("MICA_HOME", named)
    with pytest.raises(HomeError) as caught:
        paths.home(create=create)
    line = caught.value.line()
    assert line.startswith(f"MICA_HOME is “{named}”, which can’t be used as a folder (")
    assert line.endswith("). Set it to another folder, or unset it.")
    assert isinstance(caught.value, OSError)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("system", ["darwin", "linux"])
def test_the_socket_is_in_the_data_folder(tmp_path, monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    for name in ("mica", "m" * 200):
        monkeypatch.setenv("MICA_HOME", str(tmp_path / name))
        assert paths.control_socket() == tmp_path / name / "control"
        assert paths.instance_lock().parent == tmp_path / name


def test_the_socket_is_the_same_for_any_path_of_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    sockets = set[Path]()
    for name in (
        "~/mica",
        str(tmp_path / "mica"),
        str(tmp_path / "mica" / "..") + "/mica",
    ):
        monkeypatch.setenv("MICA_HOME", name)
        sockets.add(paths.control_socket().resolve())
    assert len(sockets) == 1
