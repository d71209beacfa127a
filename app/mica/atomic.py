"""Changes files that several processes change: one at a time, each whole or not at all.

The lock is on the folder, since the file itself is replaced. Links are followed: a file
kept elsewhere (dotfiles) stays there.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOCK_S: Final = 5.0  # a change takes milliseconds; who holds it longer is stopped
_ASK_S: Final = 0.01
_UNSUPPORTED: Final = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS}


@contextlib.contextmanager
def locked(file: Path, wait_s: float = LOCK_S) -> Iterator[Path]:
    """Nobody else changes this file meanwhile; gives where it really lies.

    Raises TimeoutError after `wait_s`. Not to be nested, not even for another file of
    the folder.
    """
    real = Path(os.path.realpath(file))
    folder = os.open(real.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _lock(folder, real, wait_s)
        yield real
    finally:
        os.close(folder)  # and the lock goes


def replace(real: Path, text: str) -> None:
    """Put this text in the file's place, on disk when the call returns.

    real   as locked() gave it. It keeps its permissions; a new one is the user's alone
    """
    _sweep(real)
    try:
        number, name = tempfile.mkstemp(".new", f".{real.name}.", real.parent)
    except OSError as why:
        why.filename = str(real)  # a draft's name tells people nothing
        raise
    draft = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(number, real.stat().st_mode & 0o777)
            os.fsync(number)
        draft.replace(real)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(real.parent)


def set_aside(real: Path) -> Path:
    """Move what cannot be used out of the way, over nothing; where it is now."""
    return real.rename(_free(real, "broken"))


def keep_copy(real: Path) -> Path:
    """Copy a file before it is written otherwise, over nothing; where the copy is."""
    copy = _free(real, "original")
    shutil.copy2(real, copy)
    return copy


def _free(real: Path, ending: str) -> Path:
    number = 1
    while True:
        again = f"-{number}" if number > 1 else ""
        name = real.with_name(f"{real.name}.{ending}{again}")
        if not os.path.lexists(name):
            return name
        number += 1


def _lock(folder: int, file: Path, wait_s: float) -> None:
    end_s = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end_s:
                busy = "another program is changing it"
                raise TimeoutError(errno.ETIMEDOUT, busy, str(file)) from None
            time.sleep(_ASK_S)
        except OSError as why:
            if why.errno not in _UNSUPPORTED:  # a network folder without locks
                raise
            return
        else:
            return


def _sweep(real: Path) -> None:
    """Drafts of processes that were killed: nobody else writes one now."""
    for draft in real.parent.glob(f".{real.name}.*.new"):
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """The new name is on disk as well, where the system can be asked."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
