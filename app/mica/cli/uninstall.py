"""`mica uninstall`: lists everything Mica has written, and removes it if confirmed.

Only files with Mica's names are removed: MICA_HOME may hold other files. On a Mac,
permissions are reset with Apple's tccutil, for our identifier only.
"""

import plistlib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from mica import paths
from mica.cli import strings
from mica.cli.reporting import report
from mica.dictation.control import listens
from mica.errors import MicaError
from mica.host.values import LoginState
from mica.program import app_folder
from mica.store import catalog
from mica.text.additions import plural

IDENTIFIER = "app.mica.Mica"  # as in packaging/macos/bundle.py
STAMP = "built-from"  # as in packaging/app/build.py
_CHECKOUT = Path(__file__).resolve().parents[3]
_USERS_APPS = Path.home() / "Applications"
MAX_LISTED = 5  # of each kind
_FOLDERS = ("journal", "logs", "scratch", "models")


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The existing files and folders of one kind that Mica wrote."""

    kind: str
    places: tuple[Path, ...]

    def line(self) -> str:
        size = sum(_bytes(place) for place in self.places)
        count = len(self.places)
        items = plural(count, "item")
        return strings.WRITTEN.format(self.kind, count, items, _display_size(size))


@click.command()
@click.option("--yes", is_flag=True, help="Remove everything without asking.")
@click.option("--keep-models", is_flag=True, help="Keep speech models.")
def uninstall(yes: bool, keep_models: bool) -> None:
    """Remove recordings, texts, settings, models, and permissions.

    Mica lists everything and asks first. Quit Mica before you run this command.
    """
    if listens(paths.control_socket()):
        raise MicaError(strings.RUNNING, strings.QUIT_FIRST)
    home = paths.home(create=False)
    found = [kind for kind in _written(home, keep_models=keep_models) if kind.places]
    for kind in found:
        click.echo(kind.line())
        for place in kind.places[:MAX_LISTED]:
            click.echo(f"  {place}")
        if (more := len(kind.places) - MAX_LISTED) > 0:
            click.echo(f"  {strings.MORE_ITEMS.format(more)}")
    if not found and sys.platform != "darwin":
        _remove_empty_folders(home)
        report(strings.NOTHING_TO_REMOVE)
        return
    if not yes and not _is_confirmed():
        report(strings.NOTHING_REMOVED)
        return
    # tccutil needs the app to resolve its identifier, so the app is removed after the
    # permissions are reset (https://github.com/trycua/cua/pull/2376).
    if sys.platform == "darwin":
        _remove_login_item()
        _reset_permissions()
    errors = list(_remove(place for kind in found for place in kind.places))
    _remove_empty_folders(home)
    for line in errors or [strings.UNINSTALLED]:
        report(line)
    if (_CHECKOUT / "pyproject.toml").is_file():
        report(strings.DELETE_PROGRAM.format(_CHECKOUT))


def _is_confirmed() -> bool:
    try:
        return click.confirm(strings.CONFIRM_REMOVAL, err=True)
    except click.Abort:  # the end of the input, or Ctrl+C
        click.echo(err=True)
        report(strings.NOTHING_REMOVED)
        raise


def _written(home: Path, *, keep_models: bool) -> Iterator[WrittenFiles]:
    yield WrittenFiles("Recordings", _matching(home / "journal", ["[0-9]*.wav"]))
    yield WrittenFiles("Texts", _matching(home, ["history.sqlite*"]))
    yield WrittenFiles(
        "Settings", _matching(home, ["settings.toml*", ".settings.toml.*.new"])
    )
    yield WrittenFiles(
        "Keywords", _matching(home, ["keywords.txt*", ".keywords.txt.*.new"])
    )
    yield WrittenFiles("Clipboard copies", _matching(home, ["borrowed-clipboard*"]))
    yield WrittenFiles(
        "App state", _matching(home, ["clipboard-hint", "dictated-windows", "running"])
    )
    logs = ["mica.log*", "engine.log*", "network.log"]
    yield WrittenFiles("Logs", _matching(home / "logs", logs))
    yield WrittenFiles("Temporary audio", _matching(home / "scratch", ["tmp*"]))
    if not keep_models:
        yield WrittenFiles("Speech models", tuple(_models(home / "models")))
    yield WrittenFiles("Control socket", _matching(paths.control_socket(), [""]))
    # Last, because a command of the built app reads its code from there.
    yield WrittenFiles("Apps", tuple(filter(_is_ours, _app_places())))


def _matching(folder: Path, patterns: Sequence[str]) -> tuple[Path, ...]:
    """The existing paths; the pattern "" stands for the folder or file itself."""
    if patterns == [""]:
        return (folder,) if folder.exists() else ()
    found = (place for pattern in patterns for place in folder.glob(pattern))
    return tuple(sorted(found))


def _models(folder: Path) -> Iterator[Path]:
    for name in catalog.installed():
        if name != catalog.EMBEDDED and (folder / name).exists():
            yield folder / name


def _app_places() -> Iterator[Path]:
    """Where Mica's app may be, including the one that runs this."""
    places = [_CHECKOUT / "build" / "Mica"]
    if sys.platform == "darwin":
        folders = (_CHECKOUT / "build", Path("/Applications"), _USERS_APPS)
        places = [folder / "Mica.app" for folder in folders]
    running = app_folder()
    yield from dict.fromkeys([*places, *([running] if running else [])])


def _is_ours(app: Path) -> bool:
    return _is_our_bundle(app) if sys.platform == "darwin" else _is_our_folder(app)


def _is_our_folder(app: Path) -> bool:
    return (app / "Mica").is_file() and (app / STAMP).is_file()


def _is_our_bundle(app: Path) -> bool:
    try:
        plist = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    except (OSError, plistlib.InvalidFileException):
        return False
    return bool(plist.get("CFBundleIdentifier") == IDENTIFIER)


def _remove(places: Iterable[Path]) -> Iterator[str]:
    """Remove each path; yields a line for each that can't be removed."""
    for place in places:
        try:
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink()
        except OSError as error:
            yield strings.NOT_REMOVED.format(place, error.strerror or error)


def _remove_empty_folders(home: Path) -> None:
    for folder in (*(home / name for name in _FOLDERS), home):
        try:
            folder.rmdir()
        except OSError:  # it does not exist, or contains other files
            continue


def _remove_login_item() -> None:
    """Remove Mica's login item, which macOS allows the app's executable only."""
    from mica.host.macos.session import MacLogin

    login = MacLogin()
    if login.state() in (LoginState.ON, LoginState.NEEDS_APPROVAL):
        with suppress(MicaError):  # macOS drops items whose app is gone, too
            login.set_enabled(False)


def _reset_permissions() -> None:
    """Reset Mica's permissions: tccutil(1) does so for one identifier only."""
    done = subprocess.run(["tccutil", "reset", "All", IDENTIFIER], capture_output=True)
    if done.returncode:
        report(strings.PERMISSIONS_KEPT)


def _bytes(place: Path) -> int:
    inside = place.rglob("*") if place.is_dir() and not place.is_symlink() else [place]
    return sum(file.lstat().st_size for file in inside if not file.is_dir())


def _display_size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
