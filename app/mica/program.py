"""How Mica starts itself again as a child process: from Python, or as the built app.

The built app (packaging/app) is one executable without an interpreter beside it: it has
no `-m`, and sys.executable is Mica itself. PyInstaller sets sys.frozen in it.
"""

import sys
from pathlib import Path


def is_built_app() -> bool:
    return bool(getattr(sys, "frozen", False))


def own_command(*arguments: str) -> list[str]:
    """The command line that runs Mica with these arguments."""
    if is_built_app():
        return [sys.executable, *arguments]
    # -P: the current folder may hold a file named like a module
    return [sys.executable, "-P", "-m", "mica", *arguments]


def app_folder() -> Path | None:
    """The built app that runs this: a bundle on a Mac, else a folder; else None."""
    if not is_built_app():
        return None
    executable = Path(sys.executable).resolve()
    return executable.parents[2 if sys.platform == "darwin" else 0]


def app_resources() -> Path | None:
    """The folder for files beside the built app's code; None without a built app."""
    folder = app_folder()
    if folder is None:
        return None
    return folder / "Contents" / "Resources" if sys.platform == "darwin" else folder
