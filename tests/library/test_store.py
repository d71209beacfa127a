import sqlite3
from pathlib import Path

import pytest

import rows
from mica.errors import HistoryError
from mica.events import Language, SegmentText, Style, Transcript
from mica.library.schema import STEPS
from mica.library.store import EntryStatus, Library

HELLO = Transcript("Hello there.", "pebble", 1.5, (SegmentText(0.0, 1.5, "Hello."),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


def written(history: Library, text: str) -> int:
    number = history.add(100.0, Style.RAW, "Editor")
    history.set_text(number, Transcript(text, "pebble", 1.0))
    return number


def test_a_row_is_there_from_the_start(file: Path) -> None:
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


def test_what_was_written_is_there_after_a_crash(file: Path, tmp_path: Path) -> None:
    history = Library(file)
    number = history.add(100.0, Style.RAW)
    history.set_journal(number, tmp_path / "1.wav")
    history.set_text(number, HELLO)
    history.mark(number, EntryStatus.INSERTED)
    again = Library(file)  # the first one was never closed
    entry = again.last()
    assert entry is not None
    assert (entry.id, entry.text, entry.status) == (
        number,
        "Hello there.",
        EntryStatus.INSERTED,
    )
    assert entry.journal == tmp_path / "1.wav"
    assert rows.transcript(again, number) == HELLO


def test_captions_are_not_the_last_dictation(file: Path) -> None:
    history = Library(file)
    assert history.last() is None
    dictated = written(history, "Hello.")
    shown = history.add(101.0, Style.RAW, captions=True)
    history.set_text(shown, Transcript("What a meeting.", "pebble", 1.0))
    assert history.last() == rows.entry(history, dictated)
    history.close()


def test_what_failed_or_is_under_way_is_the_newest_and_not_the_last(
    file: Path,
) -> None:
    history = Library(file)
    whole = written(history, "Hello.")
    other = history.add(101.0, Style.RAW)
    history.set_committed(other, "Half a")
    assert history.newest() == history.last() == rows.entry(history, whole)
    for status in (EntryStatus.WORKING, EntryStatus.FAILED):
        history.mark(other, status)
        newest = history.newest()
        assert newest is not None and (newest.id, newest.text) == (other, "Half a")
        assert history.last() == rows.entry(history, whole)
    history.mark(other, EntryStatus.CANCELLED)
    history.set_text(history.add(102.0, Style.RAW), Transcript("", "pebble", 1.0))
    assert history.newest() == history.last() == rows.entry(history, whole)


def test_what_it_was_to_become_is_kept(file: Path) -> None:
    number = Library(file).add(100.0, Style.RAW, captions=True, to=Language.GERMAN)
    entry = Library(file).entry(number)
    assert entry is not None and entry.captions and entry.to is Language.GERMAN
    assert Library(file).entry(number + 1) is None


def test_recordings_are_listed_newest_first(file: Path, tmp_path: Path) -> None:
    history = Library(file)
    numbers = [history.add(float(n), Style.RAW, captions=n == 1) for n in range(4)]
    for number in numbers[:3]:
        history.set_journal(number, tmp_path / f"{number}.wav")
    history.mark(numbers[1], EntryStatus.FAILED, "It died.")
    history.mark(numbers[3], EntryStatus.FAILED, "No microphone.")
    assert [e.id for e in history.recorded(2)] == [numbers[2], numbers[1]]
    assert [e.id for e in history.recorded(-1)] == numbers[2::-1]
    assert [e.id for e in history.failed()] == [numbers[1]]


def test_the_applications_dictated_into_are_listed_newest_first(file: Path) -> None:
    history = Library(file)
    for target in ("Editor", "Mail", "", "Editor"):
        history.add(100.0, Style.RAW, target)
    history.add(100.0, Style.RAW, "Films", captions=True)
    assert history.targets() == ["Editor", "Mail"]


def test_a_history_from_before_captions_holds_dictations(file: Path) -> None:
    database = sqlite3.connect(file)
    STEPS[0](database)
    database.execute("pragma user_version = 1")
    asked = "insert into utterance (started_s, style, status, text)"
    database.execute(f"{asked} values (1.0, 'raw', 'written', 'Hello.')")
    database.commit()
    database.close()
    history = Library(file)
    last = history.last()
    assert last is not None and last.text == "Hello."
    history.close()


def test_numbers_are_never_used_again(file: Path) -> None:
    history = Library(file)
    first = history.add(1.0, Style.RAW)
    second = Library(file).add(2.0, Style.RAW)
    assert second == first + 1


def test_an_unreadable_database_is_kept_aside_and_said(file: Path) -> None:
    file.write_bytes(b"this is no database" * 100)
    history = Library(file)
    assert written(history, "words") == 1
    [note] = history.notes
    assert "history.sqlite.broken" in note
    kept = file.with_name("history.sqlite.broken")
    assert kept.read_bytes().startswith(b"this is no database")


def test_a_database_of_a_newer_mica_is_kept_aside(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute(f"pragma user_version = {len(STEPS) + 1}")
    database.close()
    assert "newer Mica" in Library(file).notes[0]


def test_a_folder_that_is_not_there_is_a_history_error(tmp_path: Path) -> None:
    with pytest.raises(HistoryError) as raised:
        Library(tmp_path / "no" / "history.sqlite")
    assert raised.value.remedy


def test_a_failed_write_is_a_history_error(file: Path) -> None:
    history = Library(file)
    history.close()
    with pytest.raises(HistoryError):
        history.add(1.0, Style.RAW)


def test_what_a_sudden_end_left_counts_as_failed(file: Path) -> None:
    before = Library(file)
    for _ in range(3):
        before.add(1.0, Style.RAW)
    before.mark(2, EntryStatus.WORKING)
    before.set_text(3, HELLO)
    before.close()
    after = Library(file)
    assert [entry.id for entry in after.interrupted()] == [1, 2]
    states = [rows.entry(after, number).status for number in (1, 2, 3)]
    assert states == [EntryStatus.FAILED, EntryStatus.FAILED, EntryStatus.WRITTEN]
    assert after.interrupted() == []
    after.close()
