"""Paths of Mica's files. Creates folders on first use, unless they are only read.

The environment variable MICA_HOME moves all of them: settings, library, models,
journals, logs.
"""

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import platformdirs

from mica.errors import HomeError

SOCKET_BYTES = 103
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


def scratch_folder() -> Path:
    """For temporary files, which have no names (except for an instant)."""
    return _created(home() / "scratch")


def instance_lock() -> Path:
    """Locked by the running app; see dictation/control.py."""
    return home() / "running"


def control_socket() -> Path:
    """The running app's socket; its path fits AF_UNIX (104 bytes on macOS). The app
    creates its folder with instance_lock().

    On a Mac it is in the home folder if its path fits: macOS removes files from its
    temporary folder after three days, even a socket in use.
    """
    folder = home(create=False)
    beside = folder / "control"
    if sys.platform == "darwin" and len(os.fsencode(beside)) <= SOCKET_BYTES:
        return beside
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"mica-{os.getuid()}-{digest}"


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
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds what was said
    return folder
