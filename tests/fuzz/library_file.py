"""Fuzzes the library: damaged database files, and rows that no Mica has written."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from fuzz.mutations import BOUNDS, FLOATS, TEXTS, chosen, damaged
from mica.errors import LibraryError
from mica.events import Style, Transcript
from mica.library.store import Kind, Library

SMALL = tuple(one for one in BOUNDS if abs(one) < 1 << 63)
COLUMNS = (
    *("kind", "started_s", "style", "target", "translated_to"),
    *("journal", "status", "text", "transcript", "error"),
)
ROW = ("dictation", 1.7e9, "raw", "xterm", None, "/a.wav", "failed", "Hi.", None, "No.")
_folder: list[Path] = []


def prepare(folder: Path) -> None:
    _folder[:] = [folder]


def inputs() -> st.SearchStrategy[bytes]:
    whole = (_database([]), _database([{}]), _database([{}] * 20))
    return chosen(_with_rows) | damaged(whole, most=8)


def _with_rows(random: Random) -> bytes:
    """A database with a few rows that have any values."""
    rows = range(random.randint(1, 4))
    changes = range(random.randint(1, 3))
    columns = range(len(COLUMNS))
    return _database(
        [{random.choice(columns): _value(random) for _ in changes} for _ in rows]
    )


def _value(random: Random) -> Any:
    raw = random.randbytes(random.randint(0, 9))
    states = ("captions", "speaking", "working", "written", "inserted")
    texts = (*TEXTS, *states)
    numbers = random.choice(SMALL), random.choice(FLOATS)
    return random.choice((None, raw, _Invalid(raw), random.choice(texts), *numbers))


class _Invalid:
    """Text that is not UTF-8."""

    def __init__(self, raw: bytes) -> None:
        self.raw = b"\xff" + raw


def _database(changes: list[dict[int, Any]]) -> bytes:
    """A database with a row for each list of changes, if its schema allows them."""
    path = _folder[0] / "made.sqlite"
    path.unlink(missing_ok=True)
    Library(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma journal_mode = delete")
        for changed in changes:
            row: list[Any] = list(ROW)
            for column, value in changed.items():
                row[column] = value
            marks = ["cast(? as text)" if isinstance(v, _Invalid) else "?" for v in row]
            values = [v.raw if isinstance(v, _Invalid) else v for v in row]
            with suppress(sqlite3.Error):
                database.execute(
                    f"insert into utterance ({', '.join(COLUMNS)}) "
                    f"values ({', '.join(marks)})",
                    values,
                )
        database.commit()
    return path.read_bytes()


def check(data: bytes, folder: Path) -> None:
    for old in folder.glob("history.*"):
        old.unlink()
    path = folder / "history.sqlite"
    path.write_bytes(data)
    try:
        library = Library(path)
    except LibraryError:
        return
    with closing(library):
        _check_reading(library)
        with suppress(LibraryError):
            _check_writing(library)


def _check_reading(library: Library) -> None:
    reads = (
        library.failed,
        library.unfinished,
        library.uninserted,
        library.last,
        library.newest,
        library.kept,
        library.journals,
        library.targets,
        lambda: library.captions_since(0.0),
        lambda: library.entry(1),
    )
    for read in reads:
        with suppress(LibraryError):
            read()


def _check_writing(library: Library) -> None:
    number = library.add(1.0, Style.RAW, "xterm", kind=Kind.DICTATION)
    library.set_text(number, Transcript("Hi.", "pebble", 1.0))
    entry = library.entry(number)
    assert entry is not None and entry.text == "Hi."
    library.remove(number)
