"""Where things are on disk. Creates folders on request; reads nothing.

MICA_HOME moves all state: settings, history, models, journal, logs.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def home() -> Path:
    """The folder of all state; created when missing."""
    chosen = os.environ.get("MICA_HOME")
    folder = Path(chosen) if chosen else Path(platformdirs.user_data_dir("Mica", False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def settings_file() -> Path:
    return home() / "settings.toml"


def keywords_file() -> Path:
    return home() / "keywords.txt"


def history_file() -> Path:
    return home() / "history.sqlite"


def journal_folder() -> Path:
    return _made(home() / "journal")


def models_folder() -> Path:
    return _made(home() / "models")


def logs_folder() -> Path:
    return _made(home() / "logs")


def control_socket() -> Path:
    """The running app's socket, short enough for AF_UNIX (104 bytes on macOS)."""
    digest = hashlib.sha256(str(home().resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"mica-{os.getuid()}-{digest}"


def resource(name: str) -> Path:
    """A shipped file or folder: in the checkout first, then beside the package."""
    checkout = _PACKAGE.parent.parent / "resources" / name
    return checkout if checkout.exists() else _PACKAGE / "resources" / name


def embedded_model() -> Path:
    return resource("models/pebble")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
