"""A migration happens completely or not at all, wherever it is stopped."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from library.previews import PREVIEWS
from mica.library.schema import VERSION, migrate
from mica.library.store import Library
from support import rows

TEXT = "Hello there. " * 400  # several pages


def old_database(file: Path, version: int) -> None:
    """A database of a version before 0.1.0, with two rows."""
    database = sqlite3.connect(file)
    database.execute("pragma journal_mode = wal")
    database.executescript("".join(PREVIEWS[:version]))
    for number in (7, 8):
        database.execute(
            "insert into utterance (id, started_s, style, target, status, text) "
            "values (?, 1.0, 'raw', 'Mail', 'written', ?)",
            (number, TEXT),
        )
    database.execute(f"pragma user_version = {version}")
    database.commit()
    database.close()


def assert_complete(file: Path) -> None:
    """It opens with both rows, and takes another."""
    library = Library(file)
    assert library.notes == []
    assert [rows.entry(library, number).text for number in (7, 8)] == [TEXT, TEXT]
    assert library.add(2.0, rows.entry(library, 7).style) == 9
    library.close()


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_migrations_killed_before_any_statement_are_done_at_the_next_start(
    tmp_path: Path, version: int
) -> None:
    """The files are copied before each statement, as a kill would leave them."""
    file = tmp_path / "history.sqlite"
    old_database(file, version)
    copies: list[Path] = []
    statements: list[str] = []

    def copy(statement: str) -> None:
        statements.append(statement.split()[0].lower())
        folder = tmp_path / str(len(copies))
        folder.mkdir()
        for part in tmp_path.glob("history.sqlite*"):
            if not part.name.endswith("-shm"):
                shutil.copy(part, folder)
        copies.append(folder / file.name)

    database = sqlite3.connect(file)
    database.set_trace_callback(copy)
    migrate(database)
    copy("end")
    database.close()
    assert {"begin", "alter", "create", "insert", "drop", "commit"} <= {*statements}
    for one in copies:
        assert_complete(one)


@pytest.mark.parametrize("version", [1, 4])
def test_migrations_stopped_inside_any_statement_change_nothing(
    tmp_path: Path, version: int
) -> None:
    """SQLite interrupts a statement after so many of its own instructions."""
    file, copy = tmp_path / "history.sqlite", tmp_path / "copy.sqlite"
    old_database(file, version)
    stops = 0
    for steps in range(1, 100_000):
        shutil.copy(file, copy)
        database = sqlite3.connect(copy)
        calls = iter(range(steps))
        database.set_progress_handler(lambda: next(calls, None) is None, 20)  # noqa: B023
        try:
            migrate(database)
        except sqlite3.OperationalError:
            stops += 1
            database.set_progress_handler(None, 0)
            found = database.execute("pragma user_version")
            assert found.fetchone() == (version,) and not database.in_transaction
            database.close()
        else:
            database.close()
            break
    assert stops > 10
    assert_complete(copy)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_migrations_on_a_full_disk_change_nothing_and_are_done_once_it_has_room(
    tmp_path: Path, version: int
) -> None:
    file = tmp_path / "history.sqlite"
    old_database(file, version)
    refusals = 0
    for pages in range(1_000):
        database = sqlite3.connect(file)
        (used,) = database.execute("pragma page_count").fetchone()
        database.execute(f"pragma max_page_count = {used + pages}")
        try:
            migrate(database)
        except sqlite3.OperationalError as why:
            assert why.sqlite_errorcode == sqlite3.SQLITE_FULL
            refusals += 1
            assert database.execute("pragma user_version").fetchone() == (version,)
            database.close()
        else:
            database.close()
            break
    assert refusals > 0
    assert_complete(file)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from mica.errors import LibraryError
from mica.library.store import Library
file, limit = Path(sys.argv[1]), int(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then writing fails, as on a full disk
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
try:
    Library(file).close()
except LibraryError as error:
    print(error.line())
"""


@pytest.mark.parametrize("kb", [0, 4, 12, 20, 28])
def test_migrations_survive_a_disk_without_room_for_the_log(
    tmp_path: Path, kb: int
) -> None:
    file = tmp_path / "history.sqlite"
    old_database(file, 4)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(file), str(kb << 10)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "history" in done.stdout, done.stderr
    assert_complete(file)
    assert not list(tmp_path.glob("*.broken*"))


def test_a_newer_database_is_not_migrated(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "history.sqlite")
    database.execute(f"pragma user_version = {VERSION + 1}")
    with pytest.raises(sqlite3.DatabaseError, match="newer Mica"):
        migrate(database)
