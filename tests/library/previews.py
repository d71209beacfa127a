"""The databases of Mica before 0.1.0."""

#: The schema changes made by Mica before 0.1.0, by version.
PREVIEWS = (
    """
    create table utterance (
        id integer primary key autoincrement, started_s real not null,
        style text not null, target text not null default '', journal text,
        status text not null, text text not null default '', transcript text,
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
    """,
    "alter table utterance add column captions integer not null default 0;",
    """
    drop trigger utterance_added; drop trigger utterance_removed;
    drop table utterance_text;
    """,
    "alter table utterance add column translated_to text;",
)
