"""The library's SQLite file: opened, migrated, set aside if it cannot be read, emptied.

database, broken = open_or_replace(path)
empty(database); checkpoint(database)
"""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from mica import atomic
from mica.errors import LibraryError
from mica.library.schema import migrate

WAIT_S: Final = 5.0  # for another process
FULL: Final = "The disk is full, so this dictation was not saved to the history."
IN_USE: Final = "The history is in use by another program."
_REMEDY: Final = "Check the disk and the folder’s permissions."
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
#: Added to the name of the database; the newest rows may be only in the first.
FILES: Final = ("-wal", "-shm", "-journal", "")
_PRAGMAS: Final = (
    "journal_mode = wal",
    "synchronous = full",  # a text survives a power failure
    "fullfsync = on",  # on a Mac, fsync(2) leaves it in the drive's cache
    "secure_delete = on",  # overwrite what is deleted
    "temp_store = memory",
)


def open_or_replace(
    path: Path, wait_s: float = WAIT_S, *, sets_aside: bool = True
) -> tuple[sqlite3.Connection, str | None]:
    """A database and what to tell the user about it, if anything. Raises LibraryError.

    sets_aside   one that cannot be read is renamed to `.broken`, or `.broken-2` and so
                 on; False: it is refused, because an app may be using it
    """
    try:
        return opened(path, wait_s), None
    except sqlite3.DatabaseError as why:
        if isinstance(why, sqlite3.OperationalError) or not sets_aside:
            raise library_error(why) from why
        database, broken = _recreated(path)
        note = f"The history could not be read ({why}). A new one is begun; "
        name = broken.name if broken is not None else ""
        return database, f"{note}the old one is kept as {name}." if name else None


def opened(path: Path, wait_s: float = WAIT_S) -> sqlite3.Connection:
    """The database, or a new one. Raises sqlite3.Error."""
    # used by two threads, but never at once: see Library
    database = sqlite3.connect(path, timeout=wait_s, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            database.execute(f"pragma {pragma}")
        migrate(database)
        (found,) = database.execute("pragma quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError("it is damaged")
    except sqlite3.Error:
        database.close()
        raise
    return database


def memory_database() -> sqlite3.Connection:
    """An empty database that is never on disk."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    migrate(database)
    return database


def empty(database: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Delete all rows, and everything that was ever in the file. Returns the database,
    or a new one if it was damaged or the disk had no room. Raises LibraryError."""
    try:
        with database:
            database.execute("delete from utterance")
        database.execute("vacuum")
    except sqlite3.Error as why:
        if getattr(why, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            raise LibraryError(IN_USE, "Try again.") from why
        database.close()
        try:
            for rest in FILES:
                _beside(path, rest).unlink(missing_ok=True)
            database = opened(path)
        except (OSError, sqlite3.Error) as failure:
            raise library_error(failure) from failure
    if not checkpoint(database):
        raise LibraryError(IN_USE, "Try again.")
    return database


def checkpoint(database: sqlite3.Connection) -> bool:
    """Empty the write-ahead log, which has deleted texts; False if another process
    reads it."""
    try:
        is_busy, *_ = database.execute("pragma wal_checkpoint(truncate)").fetchone()
    except sqlite3.Error:
        return False
    return not is_busy


def library_error(why: Exception) -> LibraryError:
    """The error for the user."""
    code = getattr(why, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return LibraryError(FULL, "Free some space.")
    if code in _BUSY:
        return LibraryError(IN_USE, "Mica keeps trying to save to it.")
    return LibraryError(f"The history cannot be used ({why}).", _REMEDY)


def _recreated(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """A new database in place of an unreadable one, and the latter's new name; None if
    another process replaced it first."""
    try:
        with atomic.locked(path):
            with suppress(sqlite3.DatabaseError):
                return opened(path), None
            broken = atomic.free_name(path, "broken", FILES)
            for rest in FILES:
                with suppress(FileNotFoundError):
                    _beside(path, rest).rename(_beside(broken, rest))
            return opened(path), broken
    except (OSError, sqlite3.Error) as why:
        raise library_error(why) from why


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
