"""The library's database schema: numbered steps, each applied once, in order.

Nothing else changes the schema. Versions 1 to 4 were those of Mica before 0.1.0; their
rows are copied into the table of the first step.

Example of a later step: append `_meetings` to STEPS; it finds the tables as `_records`
left them, and `user_version` becomes 6.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

Step = Callable[[sqlite3.Connection], None]
PREVIEW: Final = 4  # the last version before 0.1.0
_OLD: Final = "utterance_before_0_1"


def _records(database: sqlite3.Connection) -> None:
    """One row for each dictation, caption utterance, file or meeting; see store.Kind.

    Numbers are never used again (autoincrement): recordings are named by them.
    """
    database.execute(
        """
        create table utterance (
            id integer primary key autoincrement,
            kind text not null,
            started_s real not null,
            style text not null,
            target text not null default '',
            translated_to text,
            journal text,
            status text not null,
            text text not null default '',
            transcript text,
            error text
        )
        """
    )


STEPS: Final[tuple[Step, ...]] = (_records,)
VERSION: Final = PREVIEW + len(STEPS)


def migrate(database: sqlite3.Connection) -> None:
    """Bring a database up to date, all or nothing; one from a newer Mica raises
    DatabaseError."""
    if _version(database) == VERSION:
        return
    database.execute("begin immediate")  # another process may be migrating it
    try:
        version = _version(database)
        if version > VERSION:
            raise sqlite3.DatabaseError("it was written by a newer Mica")
        if 0 < version <= PREVIEW:
            _copy_preview(database)
            version = PREVIEW + 1
        for number, step in enumerate(STEPS, PREVIEW + 1):
            if number > version:
                step(database)
        database.execute(f"pragma user_version = {VERSION}")
    except BaseException:
        database.rollback()
        raise
    database.commit()


def _version(database: sqlite3.Connection) -> int:
    (version,) = database.execute("pragma user_version").fetchone()
    return int(version)


def _copy_preview(database: sqlite3.Connection) -> None:
    """Copy the rows of versions 1 to 4, in which two columns may be missing, and drop
    the full-text index."""
    database.execute(f"alter table utterance rename to {_OLD}")
    _records(database)
    known = {row[1] for row in database.execute(f"pragma table_info({_OLD})")}
    kind = "iif(captions, 'captions', 'dictation')"
    kind = kind if "captions" in known else "'dictation'"
    into = "translated_to" if "translated_to" in known else "null"
    same = "id, started_s, style, target, journal, status, text, transcript, error"
    database.execute(
        f"insert into utterance ({same}, kind, translated_to) "
        f"select {same}, {kind}, {into} from {_OLD}"
    )
    database.execute(f"drop table {_OLD}")  # its triggers go with it
    database.execute("drop table if exists utterance_text")
