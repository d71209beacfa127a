"""Temporary folders for a running command, for example for a file's samples.

They are in MICA_HOME, since the system's temporary folder may be in memory. Each is
locked by its process; creating one removes those that are no longer locked.
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
    """A private folder, removed at the end; first removes those of dead processes."""
    above = paths.scratch_folder()
    with _locked(above):  # so that no process sweeps one that is not locked yet
        _sweep(above)
        folder = Path(tempfile.mkdtemp(dir=above))
        held = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def sweep() -> None:
    """Remove the folders of dead processes."""
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
    """Lock a folder; the descriptor holds the lock. With LOCK_NB, OSError if another
    process holds it."""
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
