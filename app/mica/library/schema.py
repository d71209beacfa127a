"""The history database's shape: numbered steps, each applied once, in order.

Nothing else changes the schema.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

Step = Callable[[sqlite3.Connection], None]


def _utterances(database: sqlite3.Connection) -> None:
    database.executescript(
        """
        create table utterance (
            id integer primary key autoincrement,
            started_s real not null,
            style text not null,
            target text not null default '',
            journal text,
            status text not null,
            text text not null default '',
            transcript text,
            error text
        );
        create virtual table utterance_text using fts5(
            text, content='utterance', content_rowid='id'
        );
        create trigger utterance_added after insert on utterance begin
            insert into utterance_text(rowid, text) values (new.id, new.text);
        end;
        create trigger utterance_removed after delete on utterance begin
            insert into utterance_text(utterance_text, rowid, text)
            values ('delete', old.id, old.text);
        end;
        create trigger utterance_changed after update of text on utterance begin
            insert into utterance_text(utterance_text, rowid, text)
            values ('delete', old.id, old.text);
            insert into utterance_text(rowid, text) values (new.id, new.text);
        end;
        """
    )


def _captions(database: sqlite3.Connection) -> None:
    database.execute(
        "alter table utterance add column captions integer not null default 0"
    )


def _unsearched(database: sqlite3.Connection) -> None:
    """No search: nothing asks for one."""
    database.executescript(
        """
        drop trigger utterance_added;
        drop trigger utterance_removed;
        drop trigger utterance_changed;
        drop table utterance_text;
        """
    )


def _translations(database: sqlite3.Connection) -> None:
    """What a recording was to become, for those that are transcribed again."""
    database.execute("alter table utterance add column translated_to text")


STEPS: Final[tuple[Step, ...]] = (_utterances, _captions, _unsearched, _translations)


def migrate(database: sqlite3.Connection) -> None:
    """Bring a database up to date; one from a newer Mica raises DatabaseError."""
    (done,) = database.execute("pragma user_version").fetchone()
    if done > len(STEPS):
        raise sqlite3.DatabaseError("it was written by a newer Mica")
    for number, step in enumerate(STEPS[done:], done + 1):
        step(database)
        database.execute(f"pragma user_version = {number}")
    database.commit()
