"""Where things are on disk. Creates folders on request; reads nothing.

MICA_HOME moves all state: settings, history, models, journal, logs.
"""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

import platformdirs

from mica.errors import HomeError

SOCKET_BYTES = 103
_PACKAGE = Path(__file__).resolve().parent


def home() -> Path:
    """The folder of all state; created when missing."""
    chosen = os.environ.get("MICA_HOME", "").strip()
    if not chosen:
        return _made(Path(platformdirs.user_data_dir("Mica", False)))
    try:
        return _made(_expanded(chosen))
    except (OSError, ValueError) as why:
        reason = getattr(why, "strerror", None) or why
        what = f"MICA_HOME is “{chosen}”, which can't be used as a folder ({reason})."
        raise HomeError(what, "Set it to another folder, or leave it out.") from why


def settings_file() -> Path:
    return home() / "settings.toml"


def keywords_file() -> Path:
    return home() / "keywords.txt"


def history_file() -> Path:
    return home() / "history.sqlite"


def borrowed_file() -> Path:
    """What the clipboard held, while a text of ours has its place."""
    return home() / "borrowed-clipboard"


def journal_folder() -> Path:
    return _made(home() / "journal")


def models_folder() -> Path:
    return _made(home() / "models")


def logs_folder() -> Path:
    return _made(home() / "logs")


def scratch_folder() -> Path:
    """For what is needed only while a command runs; see audio/scratch.py."""
    return _made(home() / "scratch")


def control_socket() -> Path:
    """The running app's socket, short enough for AF_UNIX (104 bytes on macOS). There
    beside the settings where that is: macOS removes from its temporary folder what was
    not opened for three days, a socket somebody listens to as well."""
    beside = home() / "control"
    if sys.platform == "darwin" and len(os.fsencode(beside)) <= SOCKET_BYTES:
        return beside
    digest = hashlib.sha256(str(home().resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"mica-{os.getuid()}-{digest}"


def resource(name: str) -> Path:
    """A shipped file or folder: in the checkout first, then beside the package."""
    checkout = _PACKAGE.parent.parent / "resources" / name
    return checkout if checkout.exists() else _PACKAGE / "resources" / name


def embedded_model() -> Path:
    return resource("models/pebble")


def _expanded(chosen: str) -> Path:
    """As a shell would have it: a desktop entry or a launch agent expands nothing. A
    relative one counts from the current folder."""
    named = Path(os.path.expandvars(chosen))
    try:
        return named.expanduser().absolute()
    except RuntimeError as why:  # no such user
        raise ValueError("no such user") from why


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
