"""Folders for what only a running command needs, such as a file's samples.

They are in MICA_HOME, since the system's temporary folder may be memory. Each is locked
by the process it belongs to; whoever makes one removes those nobody holds any more.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mica import paths


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of one's own, removed at the end; those of dead processes go first."""
    above = paths.scratch_folder()
    with _locked(above):  # so that nobody sweeps one that is not locked yet
        _sweep(above)
        folder = Path(tempfile.mkdtemp(dir=above))
        held = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def sweep() -> None:
    """Remove what dead processes left."""
    above = paths.scratch_folder()
    with _locked(above):
        _sweep(above)


def _sweep(above: Path) -> None:
    for folder in above.iterdir():
        with suppress(OSError):
            held = _lock(folder, fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _lock(folder: Path, flags: int = 0) -> int:
    """A descriptor that holds the folder's lock; OSError where another does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | flags)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    held = _lock(folder)
    try:
        yield
    finally:
        os.close(held)
