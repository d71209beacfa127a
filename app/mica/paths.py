"""Paths of Mica's files. Creates folders on first use, unless they are only read.

The environment variable MICA_HOME moves all of them: settings, library, models,
journals, logs, and the control socket. Only the user can read them: make_private() is
among the first acts of each process, and folders that are too open are closed.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import platformdirs

from mica.errors import HomeError

_PRIVATE, _OTHERS = 0o700, 0o077  # the user's permissions, and everybody else's
#: The names of Mica's files and folders in its data folder.
OWN_NAMES: Final = (
    *("history.sqlite*", "settings.toml*", "keywords.txt*", "borrowed-clipboard*"),
    *("dictated-windows*", "clipboard-hint", "running", "control", ".*.new"),
    *("journal", "logs", "scratch", "models"),
)
_PACKAGE = Path(__file__).resolve().parent


def home(*, create: bool = True) -> Path:
    """The folder of all of Mica's files.

    create   if missing; for what only reads: False, here and below
    """
    made = _created if create else _unless_file
    chosen = os.environ.get("MICA_HOME", "").strip()
    if not chosen:
        return made(Path(platformdirs.user_data_dir("Mica", False)))
    try:
        return made(_expanded(chosen))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        what = f"MICA_HOME is “{chosen}”, which can’t be used as a folder ({reason})."
        raise HomeError(what, "Set it to another folder, or unset it.") from error


def settings_file(*, create: bool = True) -> Path:
    return home(create=create) / "settings.toml"


def keywords_file(*, create: bool = True) -> Path:
    return home(create=create) / "keywords.txt"


def history_file(*, create: bool = True) -> Path:
    return home(create=create) / "history.sqlite"


def borrowed_file() -> Path:
    """Backup of the user's clipboard content while Mica's text replaces it."""
    return home() / "borrowed-clipboard"


def dictated_windows_file() -> Path:
    """The ids of the windows that were dictated into."""
    return home() / "dictated-windows"


def clipboard_hint_file() -> Path:
    """Exists once the user knows that macOS may ask about the clipboard."""
    return home() / "clipboard-hint"


def journal_folder() -> Path:
    return _created(home() / "journal")


def models_folder() -> Path:
    """Need not exist."""
    return home(create=False) / "models"


def logs_folder() -> Path:
    return _created(home() / "logs")


def network_log(*, create: bool = True) -> Path:
    """See network_guard.py."""
    folder = logs_folder() if create else home(create=False) / "logs"
    return folder / "network.log"


def scratch_folder() -> Path:
    """For temporary files, which have no names (except for an instant)."""
    return _created(home() / "scratch")


def instance_lock() -> Path:
    """Locked by the running app; see dictation/control.py."""
    return home() / "running"


def control_socket() -> Path:
    """The running app's socket. Its path may be too long for AF_UNIX; see
    dictation/control.py. The app creates its folder with instance_lock()."""
    return home(create=False) / "control"


def resource(name: str) -> Path:
    """A file or folder that ships with Mica: in the checkout, else in the package."""
    checkout = _PACKAGE.parent.parent / "resources" / name
    return checkout if checkout.exists() else _PACKAGE / "resources" / name


def embedded_model() -> Path:
    return resource("models/pebble")


def _expanded(chosen: str) -> Path:
    """The path with ~ and variables expanded, which desktop entries and launch agents
    do not do; a relative one is relative to the current folder."""
    path = Path(os.path.expandvars(chosen))
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("no such user") from error


def _unless_file(folder: Path) -> Path:
    """The same, which may be missing; NotADirectoryError if something else is there."""
    with suppress(FileNotFoundError):
        os.scandir(folder).close()
    return folder


def _created(folder: Path) -> Path:
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)  # it holds what was said
    if folder.stat().st_mode & _OTHERS and _is_ours_alone(folder):
        _close_to_others(folder.resolve())
    return folder


def make_private() -> None:
    """From now on, only the user can read the files that this process creates."""
    global _users_umask
    _users_umask = os.umask(_OTHERS)


def read_own(file: Path) -> bytes:
    """The content of one of Mica's own files. Raises OSError also if it is no regular
    file: a pipe in its place would block for ever."""
    refuse_special(file)
    return file.read_bytes()


def refuse_special(file: Path) -> None:
    """Raises OSError if something other than a regular file is in a file's place."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", str(file))


def opener(file: str, flags: int) -> int:
    """For open(): a new file is private even in a process that is not."""
    return os.open(file, flags, 0o600)


@contextmanager
def as_user() -> Iterator[None]:
    """Inside, new files get the permissions that the user wants: results of commands,
    outside the data folder."""
    private = os.umask(_users_umask)
    try:
        yield
    finally:
        os.umask(private)


def is_private() -> bool:
    """Whether the data folder is the user's, and closed to everybody else."""
    found = home().stat()
    return found.st_uid == os.getuid() and not found.st_mode & _OTHERS


def close_to_others() -> None:
    """Make Mica's files private that an earlier Mica, or the user, left open."""
    for place in home().iterdir():
        if _is_ours(place):
            _close_to_others(place)
            for folder, _, files in os.walk(place):
                for name in ("", *files):
                    _close_to_others(Path(folder) / name)


def _is_ours_alone(folder: Path) -> bool:
    """Whether a folder is not also used for something else, as MICA_HOME may be."""
    return folder != home(create=False) or all(map(_is_ours, folder.iterdir()))


def _is_ours(place: Path) -> bool:
    return any(place.match(pattern) for pattern in OWN_NAMES)


def _close_to_others(place: Path) -> None:
    """Take all permissions from others, if it is the user's file or folder."""
    with suppress(OSError):  # a disk without permissions; `mica doctor` says so
        found = place.lstat()
        mode = stat.S_IMODE(found.st_mode)
        is_link = stat.S_ISLNK(found.st_mode)
        if mode & _OTHERS and not is_link and found.st_uid == os.getuid():
            place.chmod(mode & ~_OTHERS)


_users_umask = 0o022  # until make_private() knows it
