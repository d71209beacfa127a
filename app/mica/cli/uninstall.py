"""`mica uninstall`: lists everything Mica has ever written, then removes it if told to.

Only what is Mica's own by name goes: MICA_HOME may be a folder with other things in it.
On a Mac the grants go, too, by Apple's tccutil and for our identifier only.
"""

import plistlib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from mica import paths
from mica.cli.messages import say
from mica.dictation.control import listens
from mica.errors import MicaError
from mica.store import catalogue

IDENTIFIER = "app.mica.Mica"  # as in packaging/macos/bundle.py
_CHECKOUT = Path(__file__).resolve().parents[3]
_APPS = (
    _CHECKOUT / "build" / "Mica.app",
    Path("/Applications/Mica.app"),
    Path.home() / "Applications" / "Mica.app",
)
_FOLDERS = ("journal", "logs", "scratch", "models")


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of thing that Mica wrote.

    places   files and folders that exist
    """

    what: str
    places: tuple[Path, ...]

    def line(self) -> str:
        size = sum(_bytes(place) for place in self.places)
        count = len(self.places)
        return (
            f"{self.what}: {count} {'item' if count == 1 else 'items'}, {_size(size)}"
        )


@click.command()
@click.option("--yes", is_flag=True, help="Remove everything without asking.")
@click.option("--keep-models", is_flag=True, help="Leave speech models where they are.")
def uninstall(yes: bool, keep_models: bool) -> None:
    """Remove recordings, texts, settings, models and permissions.

    Lists everything first. Quit Mica before.
    """
    if listens(paths.control_socket()):
        raise MicaError("Mica is running.", "Quit it, then try again.")
    home = paths.home()
    found = [kind for kind in _written(home, keep_models=keep_models) if kind.places]
    for kind in found:
        click.echo(kind.line())
        for place in kind.places[:5]:
            click.echo(f"  {place}")
        if len(kind.places) > 5:
            click.echo(f"  and {len(kind.places) - 5} more beside them")
    if not found and sys.platform != "darwin":
        say("There is nothing to remove.")
        return
    if not yes:
        click.confirm("Remove all of this? It can't be undone.", abort=True, err=True)
    left = [*_removed(place for kind in found for place in kind.places)]
    _without_empty_folders(home)
    if sys.platform == "darwin":
        _forget_permissions()
    for line in left:
        say(line)
    if (_CHECKOUT / "pyproject.toml").is_file():
        say(f"To remove the program itself, delete {_CHECKOUT}.")


def _written(home: Path, *, keep_models: bool) -> Iterator[Found]:
    yield Found("Recordings", _matching(home / "journal", ["[0-9]*.wav"]))
    yield Found("Texts", _matching(home, ["history.sqlite*"]))
    yield Found("Settings", _matching(home, ["settings.toml*", ".settings.toml.*.new"]))
    yield Found("Keywords", _matching(home, ["keywords.txt*", ".keywords.txt.*.new"]))
    yield Found("Clipboard copies", _matching(home, ["borrowed-clipboard*"]))
    yield Found("Logs", _matching(home / "logs", ["mica.log*", "engine.log*"]))
    yield Found("Temporary audio", _matching(home / "scratch", ["tmp*"]))
    if not keep_models:
        yield Found("Speech models", tuple(_models(home / "models")))
    yield Found("Control socket", _matching(paths.control_socket(), [""]))
    if sys.platform == "darwin":
        yield Found("Apps", tuple(app for app in _APPS if _is_ours(app)))


def _matching(folder: Path, patterns: Sequence[str]) -> tuple[Path, ...]:
    """What is there; a pattern "" is the place itself."""
    if patterns == [""]:
        return (folder,) if folder.exists() else ()
    found = (place for pattern in patterns for place in folder.glob(pattern))
    return tuple(sorted(found))


def _models(folder: Path) -> Iterator[Path]:
    for name in catalogue.installed():
        if name != catalogue.EMBEDDED and (folder / name).exists():
            yield folder / name


def _is_ours(app: Path) -> bool:
    try:
        plist = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    except (OSError, plistlib.InvalidFileException):
        return False
    return bool(plist.get("CFBundleIdentifier") == IDENTIFIER)


def _removed(places: Iterable[Path]) -> Iterator[str]:
    """Removes each; a line for what stays."""
    for place in places:
        try:
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink()
        except OSError as why:
            yield f"{place} could not be removed ({why.strerror or why})."


def _without_empty_folders(home: Path) -> None:
    for folder in (*(home / name for name in _FOLDERS), home):
        try:
            folder.rmdir()
        except OSError:  # it is not there, or holds what is not ours
            continue


def _forget_permissions() -> None:
    """tccutil(1): "reset All" with an identifier concerns that program alone."""
    done = subprocess.run(["tccutil", "reset", "All", IDENTIFIER], capture_output=True)
    if done.returncode:
        say(
            "Permissions could not be reset. Remove Mica from System Settings › "
            "Privacy & Security."
        )


def _bytes(place: Path) -> int:
    inside = place.rglob("*") if place.is_dir() and not place.is_symlink() else [place]
    return sum(file.lstat().st_size for file in inside if not file.is_dir())


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
