import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from library.previews import PREVIEWS
from mica import atomic
from mica.errors import LibraryError
from mica.events import Certainty, Language, SegmentText, Style, Transcript
from mica.library.schema import VERSION, migrate
from mica.library.store import EntryStatus, Kind, Library
from support import rows

KINDS = (Kind.DICTATION, Kind.CAPTIONS)
HELLO = Transcript("Hello there.", "pebble", 1.5, (SegmentText(0.0, 1.5, "Hello."),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


def written(history: Library, text: str) -> int:
    number = history.add(100.0, Style.RAW, "Editor")
    history.set_text(number, Transcript(text, "pebble", 1.0))
    return number


def test_row_exists_from_the_start(file: Path) -> None:
    history = Library(file)
    number = history.add(100.0, Style.PUNCTUATED, "Editor")
    entry = rows.entry(history, number)
    assert (entry.started_s, entry.style, entry.target) == (
        100.0,
        Style.PUNCTUATED,
        "Editor",
    )
    assert (entry.status, entry.text, entry.journal) == (EntryStatus.SPEAKING, "", None)
    assert history.last() is None


def test_a_written_text_survives_a_crash(file: Path, tmp_path: Path) -> None:
    history = Library(file)
    number = history.add(100.0, Style.RAW)
    history.set_journal(number, tmp_path / "1.wav")
    history.set_text(number, HELLO)
    history.set_status(number, EntryStatus.INSERTED)
    reopened = Library(file)  # the first one was never closed
    entry = reopened.last()
    assert entry is not None
    assert (entry.id, entry.text, entry.status) == (
        number,
        "Hello there.",
        EntryStatus.INSERTED,
    )
    assert entry.journal == tmp_path / "1.wav"
    assert rows.transcript(reopened, number) == HELLO


def test_captions_are_not_the_last_dictation(file: Path) -> None:
    history = Library(file)
    assert history.last() is None
    dictated = written(history, "Hello.")
    shown = history.add(101.0, Style.RAW, kind=Kind.CAPTIONS)
    history.set_text(shown, Transcript("What a meeting.", "pebble", 1.0))
    assert history.last() == rows.entry(history, dictated)
    history.close()


def test_an_unfinished_dictation_is_the_newest_and_not_the_last(
    file: Path,
) -> None:
    history = Library(file)
    whole = written(history, "Hello.")
    other = history.add(101.0, Style.RAW)
    history.set_committed(other, "Half a")
    assert history.newest() == history.last() == rows.entry(history, whole)
    for status in (EntryStatus.WORKING, EntryStatus.FAILED):
        history.set_status(other, status)
        newest = history.newest()
        assert newest is not None and (newest.id, newest.text) == (other, "Half a")
        assert history.last() == rows.entry(history, whole)
    history.set_status(other, EntryStatus.CANCELLED)
    history.set_text(history.add(102.0, Style.RAW), Transcript("", "pebble", 1.0))
    assert history.newest() == history.last() == rows.entry(history, whole)


def test_the_target_language_is_saved(file: Path) -> None:
    number = Library(file).add(100.0, Style.RAW, kind=Kind.CAPTIONS, to=Language.GERMAN)
    entry = Library(file).entry(number)
    assert (
        entry is not None
        and entry.kind is Kind.CAPTIONS
        and entry.to is Language.GERMAN
    )
    assert Library(file).entry(number + 1) is None


def test_recordings_are_listed_newest_first(file: Path, tmp_path: Path) -> None:
    history = Library(file)
    numbers = [history.add(float(n), Style.RAW, kind=KINDS[n == 1]) for n in range(4)]
    for number in numbers[:3]:
        history.set_journal(number, tmp_path / f"{number}.wav")
    history.set_status(numbers[1], EntryStatus.FAILED, "It died.")
    history.set_status(numbers[3], EntryStatus.FAILED, "No microphone.")
    assert [e.id for e in history.kept(2)] == [numbers[2], numbers[1]]
    assert [e.id for e in history.kept()] == numbers[2::-1]
    assert [e.id for e in history.journals()] == numbers[:3]
    assert [e.id for e in history.failed()] == [numbers[1]]


def test_the_applications_dictated_into_are_listed_newest_first(file: Path) -> None:
    history = Library(file)
    for target in ("Editor", "Mail", "", "Editor"):
        history.add(100.0, Style.RAW, target)
    history.add(100.0, Style.RAW, "Films", kind=Kind.CAPTIONS)
    assert history.targets() == ["Editor", "Mail"]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_databases_from_before_the_first_release_open_with_all_rows(
    file: Path, version: int
) -> None:
    database = sqlite3.connect(file)
    database.executescript("".join(PREVIEWS[:version]))
    insert = "insert into utterance (id, started_s, style, target, status, text)"
    database.execute(f"{insert} values (7, 1.0, 'raw', 'Mail', 'written', 'Hello.')")
    database.execute(f"{insert} values (8, 2.0, 'raw', '', 'written', 'A film.')")
    if version >= 2:
        database.execute("update utterance set captions = 1 where id = 8")
    if version == 4:
        database.execute("update utterance set translated_to = 'German' where id = 7")
    database.execute(f"pragma user_version = {version}")
    database.commit()
    database.close()
    for library in (Library(file), Library(file)):
        first, second = rows.entry(library, 7), rows.entry(library, 8)
        assert (first.text, first.target, first.kind) == (
            "Hello.",
            "Mail",
            Kind.DICTATION,
        )
        assert second.kind is (Kind.CAPTIONS if version >= 2 else Kind.DICTATION)
        assert first.to is (Language.GERMAN if version == 4 else None)
        assert library.notes == []
    assert written(library, "Next.") == 9
    tables = "select name from sqlite_master where name like 'utterance_%'"
    assert library._database.execute(tables).fetchall() == []


def test_a_migration_that_fails_changes_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sqlite3.connect(file)
    database.executescript("".join(PREVIEWS) + "pragma user_version = 4;")

    def fails(database: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("mica.library.schema._records", fails)  # after the rename
    with pytest.raises(sqlite3.OperationalError):
        migrate(database)
    monkeypatch.undo()
    migrate(database)
    assert database.execute("pragma user_version").fetchone() == (VERSION,)


def test_rows_of_every_kind_are_kept_and_only_dictations_are_pasted(
    file: Path,
) -> None:
    library = Library(file)
    dictated = written(library, "Hello.")
    for kind in (Kind.CAPTIONS, Kind.FILE, Kind.MEETING):
        number = library.add(101.0, Style.RAW, kind=kind)
        library.set_text(number, HELLO)
        assert rows.entry(library, number).kind is kind
    library._database.execute(
        "insert into utterance (kind, started_s, style, status, text) "
        "values ('sermon', 1.0, 'raw', 'written', 'Amen.')"
    )
    assert rows.entry(library, 5).kind is Kind.OTHER
    last, newest = library.last(), library.newest()
    assert last == newest == rows.entry(library, dictated)
    assert [entry.id for entry in library.uninserted()] == [dictated]


def test_numbers_are_never_used_again(file: Path) -> None:
    history = Library(file)
    first = history.add(1.0, Style.RAW)
    second = Library(file).add(2.0, Style.RAW)
    assert second == first + 1


def test_unreadable_database_is_renamed_and_reported(file: Path) -> None:
    file.write_bytes(b"this is no database" * 100)
    history = Library(file)
    assert written(history, "words") == 1
    [note] = history.notes
    assert "history.sqlite.broken" in note
    renamed = file.with_name("history.sqlite.broken")
    assert renamed.read_bytes().startswith(b"this is no database")


def test_a_second_unreadable_database_leaves_the_first_one(file: Path) -> None:
    for number in (1, 2, 3):
        file.write_bytes(b"this is no database %d" % number * 100)
        history = Library(file)
        name = "history.sqlite.broken" + (f"-{number}" if number > 1 else "")
        assert f"kept as {name}." in history.notes[0]
        history.close()
        content = file.with_name(name).read_bytes()
        assert content.startswith(b"this is no database %d" % number)


def test_no_part_of_an_unreadable_database_is_overwritten_by_the_next(
    file: Path,
) -> None:
    """Mica was killed after it had renamed the log, and before the database."""
    log = file.with_name("history.sqlite.broken-wal")
    log.write_bytes(b"the newest rows")
    file.write_bytes(b"this is no database" * 100)
    Library(file).close()
    assert log.read_bytes() == b"the newest rows"
    assert file.with_name("history.sqlite.broken-2").exists()


def test_rows_only_in_the_log_go_with_the_database(file: Path, tmp_path: Path) -> None:
    """A newer Mica is running: SQLite leaves its write-ahead log with the rows."""
    running = Library(file)
    number = written(running, "said before")
    running._database.execute(f"pragma user_version = {VERSION + 1}")
    assert "newer Mica" in Library(file).notes[0]
    copy = tmp_path / "copy.sqlite"
    for rest in ("", "-wal"):
        shutil.copy(f"{file}.broken{rest}", f"{copy}{rest}")
    query = "select text from utterance where id = ?"
    found = sqlite3.connect(copy).execute(query, (number,)).fetchone()
    assert found == ("said before",)


def test_a_database_that_another_process_has_replaced_is_used(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both processes found the old file unreadable; the second waits for the first."""
    file.write_bytes(b"this is no database" * 100)
    real, others = atomic.locked, list[Library]()

    @contextmanager
    def after_the_other(path: Path) -> Iterator[Path]:
        monkeypatch.setattr(atomic, "locked", real)
        others.append(Library(path))
        with real(path) as locked:
            yield locked

    monkeypatch.setattr(atomic, "locked", after_the_other)
    history = Library(file)
    assert history.notes == [] and others[0].notes
    assert rows.entry(history, written(others[0], "Hello.")).text == "Hello."
    assert not file.with_name("history.sqlite.broken-2").exists()


def test_a_database_of_a_newer_mica_is_renamed(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute(f"pragma user_version = {VERSION + 1}")
    database.close()
    assert "newer Mica" in Library(file).notes[0]


def test_missing_folder_is_a_library_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as raised:
        Library(tmp_path / "no" / "history.sqlite")
    assert raised.value.remedy


def test_failed_write_is_a_library_error(file: Path) -> None:
    history = Library(file)
    history.close()
    with pytest.raises(LibraryError):
        history.add(1.0, Style.RAW)


def test_rows_under_way_at_a_sudden_end_are_unfinished(file: Path) -> None:
    before = Library(file)
    for _ in range(3):
        before.add(1.0, Style.RAW)
    before.set_status(2, EntryStatus.WORKING)
    before.set_text(3, HELLO)
    before.close()
    assert [entry.id for entry in Library(file).unfinished()] == [1, 2]


def test_captions_are_found_by_when_they_began(file: Path) -> None:
    history = Library(file)
    early, dictation, late = (
        history.add(began_s, Style.RAW, kind=kind)
        for began_s, kind in [
            (100.0, Kind.CAPTIONS),
            (300.0, Kind.DICTATION),
            (300.0, Kind.CAPTIONS),
        ]
    )
    del dictation
    assert [entry.id for entry in history.captions_since(100.0)] == [early, late]
    assert [entry.id for entry in history.captions_since(100.1)] == [late]


def test_a_private_row_is_read_like_others_and_is_in_no_file(file: Path) -> None:
    library = Library(file)
    first = written(library, "Hello.")
    number = library.add(200.0, Style.RAW, "Mail", in_memory=True)
    library.set_journal(number, file)
    library.set_committed(number, "My secret")
    library.set_text(number, Transcript("My secret.", "m", 1.0))
    library.set_status(number, EntryStatus.INSERTED)
    assert number == first + 1 and library.is_in_memory(number)
    assert library.last() == library.newest() == rows.entry(library, number)
    assert [e.text for e in library.kept(1)] == ["My secret."]
    assert [e.text for e in library.kept()] == ["My secret.", "Hello."]
    assert library.targets() == ["Mail", "Editor"]
    assert library.texts_in_memory() == ["My secret."]
    assert [entry.id for entry in Library(file).kept()] == [first]
    for part in file.parent.glob("history.sqlite*"):
        assert b"secret" not in part.read_bytes()
    after = written(library, "After.")
    assert after == number + 1 and library.newest() == rows.entry(library, after)
    library.remove(number)
    assert not library.is_in_memory(number) and library.entry(number) is None


def test_private_numbers_do_not_need_the_file(file: Path) -> None:
    library = Library(file)
    written(library, "Hello.")
    library.close()
    numbers = [library.add(1.0, Style.RAW, in_memory=True) for _ in range(2)]
    assert numbers[1] == numbers[0] + 1 and library.is_in_memory(numbers[1])


def test_a_row_the_disk_refused_is_moved_there_later(file: Path) -> None:
    library = Library(file)
    number = library.add(1.0, Style.RAW, "Mail", to=Language.GERMAN, in_memory=True)
    library.set_text(number, HELLO)
    before = rows.entry(library, number)
    library.move_to_disk(number)
    assert not library.is_in_memory(number)
    reopened = Library(file)
    assert rows.entry(reopened, number) == before
    assert rows.transcript(reopened, number) == HELLO
    library.move_to_disk(number)  # a second time changes nothing


def test_a_recording_without_a_row_may_be_the_last_one_spoken(file: Path) -> None:
    library = Library(file)
    dictated = written(library, "Hello.")  # at 100 s
    before, after = library.add_found(50.0, file), library.add_found(150.0, file)
    newest = library.newest()
    assert newest is not None and newest.id == after
    library.remove(after)
    newest = library.newest()
    assert newest is not None and newest.id == dictated
    library.remove(dictated)
    newest = library.newest()
    assert newest is not None and newest.id == before


@pytest.mark.parametrize(
    ("found", "least"),
    [
        ([], Certainty.SURE),
        ([Certainty.SURE, Certainty.SURE], Certainty.SURE),
        ([Certainty.SURE, Certainty.CHECK], Certainty.CHECK),
        ([Certainty.NOT_UNDERSTOOD, Certainty.CHECK], Certainty.NOT_UNDERSTOOD),
    ],
)
def test_an_entry_is_as_certain_as_its_least_certain_segment(
    file: Path, found: list[Certainty], least: Certainty
) -> None:
    history = Library(file)
    number = history.add(100.0, Style.RAW)
    quoted = '"certainty":"not understood"'  # what a user said is no mark
    segments = tuple(SegmentText(0, 1, quoted, certainty=one) for one in found)
    history.set_text(number, Transcript(quoted, "m", 1.0, segments))
    assert rows.entry(history, number).certainty is least
    assert rows.transcript(history, number).segments == segments


@pytest.mark.parametrize(
    ("text", "seconds", "replaces"),
    [
        ("All of it.", 9.0, True),
        ("All of it.", 8.6, True),
        ("A part.", 3.0, False),  # of a recording that the disk cut off
        ("", 9.0, False),
    ],
)
def test_a_text_is_replaced_only_by_that_of_the_whole_recording(
    file: Path, text: str, seconds: float, replaces: bool
) -> None:
    history = Library(file)
    number = history.add(100.0, Style.RAW)
    found = Transcript(text, "m", seconds)
    assert history.may_replace_text(number, found)  # nothing is there
    history.set_text(number, Transcript("All of it.", "m", 9.0))
    assert history.may_replace_text(number, found) is replaces
    history.set_status(number, EntryStatus.FAILED)
    assert history.may_replace_text(number, found) is bool(text)
