"""A disk and a database that fail on request, for everything below one folder.

Patches what Python offers for writing files, and SQLite's connections. Reading works,
except from a disk that hangs.
"""

import builtins
import errno
import io
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from faults.world import World

_WRITES: Final = (
    "insert",
    "update",
    "delete",
    "begin",
    "create",
    "alter",
    "drop",
    "pragma journal",
    "pragma user_version =",
)


@dataclass
class DiskFaults:
    """What goes wrong; a test changes it at any time.

    refuses     creating and writing files fails with this errno
    slow_s      writing takes this long
    database    statements fail with this error of SQLite
    locked      another program holds the database
    """

    refuses: int | None = None
    slow_s: float = 0.0
    database: int | None = None
    locked: bool = False


class Disk:
    """The disk that holds one folder.

    folder   may change, when the app is started with another one
    """

    def __init__(self, world: World, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.faults, self.folder = DiskFaults(), folder
        self._world = world
        self._real_open, self._real_connect = io.open, sqlite3.connect
        patch.setattr(io, "open", self._open)
        patch.setattr(builtins, "open", self._open)
        patch.setattr(sqlite3, "connect", self._connect)
        for name in ("write", "pwrite", "fsync", "ftruncate"):
            patch.setattr(os, name, self._on_file(getattr(os, name)))
        for name in ("rename", "replace", "unlink"):
            patch.setattr(os, name, self._on_path(getattr(os, name)))
        patch.setattr(os, "mkdir", self._on_path(os.mkdir, is_new=True))
        patch.setattr(os, "open", self._on_open(os.open))

    def check(self, path: Any) -> None:
        """Called before something is written: raises OSError, or takes its time."""
        is_fine = self.faults.refuses is None and not self.faults.slow_s
        if is_fine or not self._is_inside(path):
            return
        if self.faults.slow_s:
            self._world.block(self.faults.slow_s, lambda: not self.faults.slow_s)
        if self.faults.refuses is not None:
            refusal = self.faults.refuses
            raise OSError(refusal, os.strerror(refusal), str(path))

    def check_database(self, statement: str, wait_s: float) -> None:
        """Called before a statement is executed: raises sqlite3.Error."""
        is_write = statement.lstrip().lower().startswith(_WRITES)
        if self.faults.locked and is_write:
            self._world.block(wait_s, lambda: not self.faults.locked)
            if self.faults.locked:
                raise _error(sqlite3.SQLITE_BUSY)
        reads_too = self.faults.database == sqlite3.SQLITE_CORRUPT
        if self.faults.database is not None and (is_write or reads_too):
            raise _error(self.faults.database)
        if self.faults.refuses in (errno.ENOSPC, errno.EROFS) and is_write:
            is_full = self.faults.refuses == errno.ENOSPC
            raise _error(sqlite3.SQLITE_FULL if is_full else sqlite3.SQLITE_READONLY)

    def _is_inside(self, path: Any) -> bool:
        try:
            if isinstance(path, int):
                path = os.readlink(f"/proc/self/fd/{path}")  # noqa: PTH115
            return str(Path(os.fsdecode(path)).resolve()).startswith(str(self.folder))
        except (OSError, TypeError):
            return False

    def _open(self, file: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
        if mode.replace("b", "").replace("t", "") == "r" or isinstance(file, int):
            return self._real_open(file, mode, *more, **options)
        if self.faults.refuses != errno.ENOSPC:  # an empty file needs no space
            self.check(file)
        buffering = options.get("buffering", more[0] if more else -1)
        if buffering == 0 and self._is_inside(file):
            opener = options.get("opener")
            return CheckedFile(file, mode.replace("b", ""), self, opener)
        return self._real_open(file, mode, *more, **options)

    def _on_file(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: int, *more: Any) -> Any:
            self.check(file)
            return real(file, *more)

        return call

    def _on_path(
        self, real: Callable[..., Any], *, is_new: bool = False
    ) -> Callable[..., Any]:
        def call(path: Any, *more: Any, **options: Any) -> Any:
            if not (is_new and self._exists(path)):
                self.check(path)
            return real(path, *more, **options)

        return call

    def _exists(self, path: Any) -> bool:
        return os.path.lexists(path)

    def _on_open(self, real: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, flags: int, *more: Any, **options: Any) -> int:
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.check(path)
            return real(path, flags, *more, **options)

        return call

    def _connect(self, path: Any, *more: Any, **options: Any) -> sqlite3.Connection:
        wait_s = options.get("timeout", 5.0)
        if not self._is_inside(path):  # in memory
            return self._real_connect(path, *more, **options)
        if self.faults.refuses == errno.EMFILE:
            raise _error(sqlite3.SQLITE_CANTOPEN)
        made: sqlite3.Connection = self._real_connect(
            path, *more, **options, factory=CheckedConnection
        )
        assert isinstance(made, CheckedConnection)
        made.check = lambda statement: self.check_database(statement, wait_s)
        return made


class CheckedFile(io.FileIO):
    """An unbuffered file on the disk. On a full disk, the last write is cut short."""

    def __init__(self, file: Any, mode: str, disk: Disk, opener: Any) -> None:
        super().__init__(file, mode, opener=opener)
        self._disk, self._is_cut = disk, False

    def write(self, data: Any) -> int:  # type: ignore[override]
        if self._disk.faults.refuses == errno.ENOSPC and not self._is_cut:
            self._is_cut = True
            return super().write(bytes(data)[: len(bytes(data)) // 3])
        self._disk.check(self.fileno())
        return super().write(data)


class CheckedConnection(sqlite3.Connection):
    """A connection to a database on the disk."""

    check: Callable[[str], None] = staticmethod(lambda statement: None)

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
        self.check(sql)
        return super().execute(sql, *more)

    def executescript(self, sql: str) -> sqlite3.Cursor:
        self.check(sql)
        return super().executescript(sql)


_MESSAGES: Final = {
    sqlite3.SQLITE_BUSY: "database is locked",
    sqlite3.SQLITE_CANTOPEN: "unable to open database file",
    sqlite3.SQLITE_CORRUPT: "database disk image is malformed",
    sqlite3.SQLITE_FULL: "database or disk is full",
    sqlite3.SQLITE_IOERR: "disk I/O error",
    sqlite3.SQLITE_READONLY: "attempt to write a readonly database",
}


def _error(code: int) -> sqlite3.Error:
    is_corrupt = code == sqlite3.SQLITE_CORRUPT
    kind = sqlite3.DatabaseError if is_corrupt else sqlite3.OperationalError
    error = kind(_MESSAGES[code])
    error.sqlite_errorcode = code
    return error
