"""`mica uninstall` removes what Mica wrote, and nothing else."""

import io
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import Mica
from mica import paths, settings
from mica.audio.journal import Journal
from mica.cli import uninstall
from mica.dictation.control import single_instance
from mica.events import Style
from mica.library.store import Library
from mica.text.keywords import Keywords
from support.apple_fakes import FakeMac, installed
from support.fake_workspace import FakeLoginItems


@pytest.fixture(autouse=True)
def apps(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """No folders to search for an installed app, whatever this machine has."""
    places: list[Path] = []
    monkeypatch.setattr(uninstall, "_app_places", lambda: iter(places))
    return places


@pytest.fixture
def used(home: Path) -> Path:
    """A MICA_HOME that was used for dictation, next to files that are not Mica's."""
    library = Library(home / "history.sqlite")
    library.add(100.0, Style.RAW, "Mail")
    library.close()
    (home / "journal").mkdir()
    Journal.open(home / "journal", 1, 16_000).close()
    settings.save_one("sounds", False)
    Keywords(home / "keywords.txt", print).add(["Katherine"])
    for name in ("logs/mica.log", "logs/mica.log.1", "scratch/tmp1/talk.f32"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
    model = home / "models" / "granite"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    return home


@pytest.mark.parametrize(("answer", "code"), [("n\n", 0), ("", 130)])
def test_uninstall_lists_everything_and_removes_nothing_unconfirmed(
    mica: Mica, used: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    before = sorted(used.rglob("*"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    done = mica("uninstall")
    end = "mica: Nothing was removed.\n"
    assert done.err.endswith(end if answer else f"\n{end}")  # after the prompt
    assert done.code == code and sorted(used.rglob("*")) == before
    kinds = ("Recordings", "Texts", "Settings", "Keywords", "Logs", "Speech models")
    assert all(f"{kind}: " in done.out for kind in kinds)
    assert str(used / "journal" / "00000001.wav") in done.out


def test_uninstall_removes_all_that_mica_wrote_with_its_folders(
    mica: Mica, used: Path
) -> None:
    done = mica("uninstall", "--yes")
    assert done.code == 0 and "Everything listed was removed." in done.err
    assert not used.exists()


def test_uninstall_keeps_other_files(mica: Mica, used: Path) -> None:
    theirs = ["thesis.txt", "journal/song.wav", "models/photos/a.jpg", "logs/ship.log"]
    for name in theirs:
        (used / name).parent.mkdir(parents=True, exist_ok=True)
        (used / name).write_text("theirs")
    assert mica("uninstall", "--yes").code == 0
    files = [str(f.relative_to(used)) for f in used.rglob("*") if f.is_file()]
    assert sorted(files) == sorted(theirs)


def test_uninstall_removes_a_link_and_keeps_its_target(
    mica: Mica, used: Path, tmp_path: Path
) -> None:
    other = tmp_path / "dropbox"
    other.mkdir()
    (other / "config.json").write_text("{}")
    (used / "models" / "linked").symlink_to(other)
    assert mica("uninstall", "--yes").code == 0
    assert (other / "config.json").exists() and not used.exists()


def test_uninstall_can_keep_models(mica: Mica, used: Path) -> None:
    assert mica("uninstall", "--yes", "--keep-models").code == 0
    assert [f.name for f in used.rglob("*") if f.is_file()] == ["config.json"]


def test_uninstall_reports_that_there_is_nothing_to_remove(
    mica: Mica, home: Path
) -> None:
    (home / "models").mkdir(parents=True, exist_ok=True)
    assert "nothing to remove" in mica("uninstall").err
    assert not home.exists()


def test_uninstall_removes_the_lock_of_an_app_that_has_quit(
    mica: Mica, home: Path
) -> None:
    with single_instance(paths.instance_lock(), paths.control_socket()) as is_first:
        assert is_first
    assert mica("uninstall", "--yes").code == 0
    assert not home.exists()


@pytest.mark.parametrize(
    "command",
    [
        ("tell", "toggle"),
        ("library", "list"),
        ("keywords", "list"),
        ("keywords", "export", "-"),
        ("models", "list"),
        ("devices",),
        ("uninstall",),
    ],
    ids=" ".join,
)
def test_command_that_only_lists_writes_nothing(
    mica: Mica, used: Path, command: tuple[str, ...]
) -> None:
    assert mica("uninstall", "--yes").code == 0
    mica(*command)
    assert not used.exists()


def test_uninstall_refuses_while_mica_is_running(
    mica: Mica, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uninstall, "listens", lambda address: True)
    done = mica("uninstall", "--yes")
    assert done.code == 1 and "Quit it" in done.err and used.exists()


def test_uninstall_names_a_file_it_cannot_remove_and_removes_the_others(
    mica: Mica, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def refuse(place: Path, *more: bool) -> None:
        if place.name == "keywords.txt":
            raise PermissionError(13, "Permission denied")
        unlink(place, *more)

    monkeypatch.setattr(Path, "unlink", refuse)
    done = mica("uninstall", "--yes")
    assert "keywords.txt couldn’t be removed (Permission denied)." in done.err
    assert [f.name for f in used.rglob("*") if f.is_file()] == ["keywords.txt"]


@pytest.mark.parametrize("refused", [False, True])
def test_uninstall_removes_our_apps_and_permissions_on_a_mac(
    mica: Mica,
    apps: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: bool,
) -> None:
    apps += [tmp_path / "ours" / "Mica.app", tmp_path / "theirs" / "Mica.app"]
    for app, identifier in zip(apps, ("app.mica.Mica", "com.other.mica"), strict=True):
        (app / "Contents").mkdir(parents=True)
        plist = plistlib.dumps({"CFBundleIdentifier": identifier})
        (app / "Contents" / "Info.plist").write_bytes(plist)
    commands: list[list[str]] = []

    def tccutil(command: list[str], **_: object) -> object:
        assert apps[0].exists(), "tccutil finds the identifier by its app"
        commands.append(command)
        return subprocess.CompletedProcess(command, int(refused), b"", b"")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(uninstall.subprocess, "run", tccutil)
    mac = FakeMac(login=FakeLoginItems(1, "not permitted" if refused else None))
    with installed(mac):
        done = mica("uninstall", "--yes")
    assert mac.login.state == int(refused)
    assert commands == [["tccutil", "reset", "All", "app.mica.Mica"]]
    assert not apps[0].exists() and apps[1].exists()
    assert ("System Settings" in done.err) == refused


def test_uninstall_removes_only_our_own_build_folder(
    mica: Mica, apps: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    apps += [tmp_path / "build" / "Mica", tmp_path / "other" / "Mica"]
    for app in apps:
        app.mkdir(parents=True)
        (app / "Mica").touch()
    (apps[0] / uninstall.STAMP).touch()
    assert mica("uninstall", "--yes").code == 0
    assert not apps[0].exists() and apps[1].exists()


@pytest.mark.parametrize(
    ("system", "executable", "app"),
    [
        ("darwin", "Desk/Mica.app/Contents/MacOS/Mica", "Desk/Mica.app"),
        ("linux", "opt/Mica/Mica", "opt/Mica"),
    ],
)
def test_uninstall_searches_the_app_folders_and_its_own(
    system: str,
    executable: str,
    app: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", system)
    usual = list(uninstall._app_places())
    root = Path(__file__).parents[2] / "build"
    if system == "darwin":
        users = Path.home() / "Applications" / "Mica.app"
        assert usual == [root / "Mica.app", Path("/Applications/Mica.app"), users]
    else:
        assert usual == [root / "Mica"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / executable))
    assert list(uninstall._app_places()) == [*usual, tmp_path / app]
