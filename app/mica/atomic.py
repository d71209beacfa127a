"""Lets several processes change a file: one at a time, each whole or not at all.

    with atomic.locked(file) as real:
        atomic.replace(real, changed(real.read_text()))

The lock is on the folder, since the file itself is replaced. Symbolic links are
followed, so that a file kept elsewhere (dotfiles) stays there.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

LOCK_TIMEOUT_S: Final = 5.0  # a change takes milliseconds
_POLL_S: Final = 0.01
_UNSUPPORTED: Final = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS}


@contextlib.contextmanager
def locked(file: Path, wait_s: float = LOCK_TIMEOUT_S) -> Iterator[Path]:
    """Keep other processes from changing this file; yields its resolved path.

    Raises TimeoutError after `wait_s`. Must not be nested, not even for another file in
    the same folder.
    """
    real = Path(os.path.realpath(file))
    folder = os.open(real.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _lock(folder, real, wait_s)
        yield real
    finally:
        os.close(folder)  # releases the lock


def replace(real: Path, text: str) -> None:
    """Replace the file's content; it is on disk when the call returns.

    real   as locked() yields it. Its permissions stay; a new file is private
    """
    _remove_drafts(real)
    try:
        number, name = tempfile.mkstemp(".new", f".{real.name}.", real.parent)
    except OSError as error:
        error.filename = str(real)  # people don't know the draft's name
        raise
    draft = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(number, real.stat().st_mode & 0o777)
            sync(number)
        draft.replace(real)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(real.parent)


def move_to_backup(real: Path) -> Path:
    """Rename an unusable file to a free name, which is returned."""
    return real.rename(free_name(real, "broken"))


def back_up(real: Path) -> Path:
    """Copy a file before its encoding changes; the copy's path."""
    copy = free_name(real, "original")
    shutil.copy2(real, copy)
    return copy


def free_name(real: Path, ending: str, parts: Sequence[str] = ("",)) -> Path:
    """An unused name: the file's with this ending, and a number if needed.

    parts   the endings of the files that get this name, of which none may exist
    """
    number = 1
    while True:
        suffix = f"-{number}" if number > 1 else ""
        name = f"{real.name}.{ending}{suffix}"
        if not any(os.path.lexists(real.with_name(name + part)) for part in parts):
            return real.with_name(name)
        number += 1


def try_lock(opened: int) -> bool:
    """Lock an open file or folder until it is closed; False if another process has it.

    opened   its file descriptor
    """
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _UNSUPPORTED:  # a network folder without locks
            raise
    return True


def sync(opened: int) -> None:
    """Wait until a file is on the disk. On a Mac, fsync(2) leaves it in the drive's
    cache, which F_FULLFSYNC flushes; some file systems do not support that.

    opened   its file descriptor
    """
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(opened, full)
            return
    os.fsync(opened)


def sync_folder(folder: Path) -> None:
    """Flush a folder, which has a new name, if the system supports that."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _lock(folder: int, file: Path, wait_s: float) -> None:
    end_s = time.monotonic() + wait_s
    while not try_lock(folder):
        if time.monotonic() > end_s:
            busy = "another program is changing it"
            raise TimeoutError(errno.ETIMEDOUT, busy, str(file))
        time.sleep(_POLL_S)


def _remove_drafts(real: Path) -> None:
    """Remove drafts of killed processes; under the lock, no other process writes
    one."""
    for draft in real.parent.glob(f".{real.name}.*.new"):
        draft.unlink(missing_ok=True)
