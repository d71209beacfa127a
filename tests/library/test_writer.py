"""A library that fails for a while: reported once, and brought up to date afterward."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mica.events import Style, Transcript
from mica.library.database import FULL
from mica.library.store import EntryStatus, Library
from mica.library.writer import LibraryWriter

LINE = f"{FULL} Free some space."


class Disk:
    """A library whose number of pages can be limited, as on a full disk."""

    def __init__(self, folder: Path) -> None:
        self.history = Library(folder / "history.sqlite")
        self.reported: list[str] = []
        self.writer = LibraryWriter(self.history, self.reported.append)

    def fill(self) -> None:
        """Forbid more pages, so that SQLite raises its error for a full disk."""
        database = self.history._database
        (pages,) = database.execute("pragma page_count").fetchone()
        database.execute(f"pragma max_page_count = {pages}")

    def on_disk(self, number: int) -> str:
        """The status of a row in the file; empty if it has none."""
        query = "select status from utterance where id = ?"
        found = self.history._database.execute(query, (number,)).fetchone()
        return "" if found is None else str(found[0])

    def free(self) -> None:
        self.history._database.execute("pragma max_page_count = 1000000")


LONG = "word " * 20_000  # does not fit into the existing pages


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path)
    yield disk
    disk.history.close()


def dictated(disk: Disk) -> int:
    """A dictation whose writes all happen while the disk is full."""
    number = disk.writer.reserve()
    disk.writer.begin(number, 1.0, Style.PUNCTUATED, "")
    disk.fill()
    disk.writer.set_committed(number, LONG)
    disk.writer.set_status(number, EntryStatus.WORKING)
    disk.writer.set_text(number, Transcript(LONG, "m", 1.0))
    disk.writer.set_status(number, EntryStatus.INSERTED)
    return number


def test_full_disk_is_reported_once_per_dictation(disk: Disk) -> None:
    dictated(disk)
    assert disk.reported == [LINE]


@pytest.mark.parametrize("way", ["flush", "settle", "the next dictation"])
def test_a_row_is_brought_up_to_date_once_there_is_room(disk: Disk, way: str) -> None:
    number = dictated(disk)
    assert disk.on_disk(number) == "speaking"
    disk.free()
    if way == "the next dictation":
        disk.writer.begin(disk.writer.reserve(), 2.0, Style.PUNCTUATED, "")
    else:
        getattr(disk.writer, way)()
    entry = disk.history.entry(number)
    assert entry is not None
    assert (entry.status, entry.text) == (EntryStatus.INSERTED, LONG)
    assert disk.writer.is_saved(number) and disk.on_disk(number) == "inserted"


def test_what_could_not_be_saved_yet_is_still_the_last_dictation(disk: Disk) -> None:
    older = disk.history.add(0.5, Style.PUNCTUATED)
    disk.history.set_text(older, Transcript("The one before.", "m", 1.0))
    disk.writer = LibraryWriter(disk.history, disk.reported.append)
    number = dictated(disk)
    assert not disk.writer.is_saved(number)
    for entry in (disk.writer.last(), disk.writer.newest(), disk.writer.entry(number)):
        assert entry is not None and (entry.id, entry.text) == (number, LONG)
    disk.writer.set_status(number, EntryStatus.FAILED)
    last, newest = disk.writer.last(), disk.writer.newest()
    assert last is not None and last.id == older
    assert newest is not None and newest.id == number


def test_a_write_that_can_never_work_does_not_stop_the_others(disk: Disk) -> None:
    number = disk.writer.reserve()
    disk.writer.begin(number, 1.0, Style.PUNCTUATED, "")
    disk.writer.set_committed(number, "\udcff")  # no UTF-8
    disk.writer.set_status(number, EntryStatus.WORKING)
    entry = disk.history.entry(number)
    assert entry is not None and entry.status is EntryStatus.WORKING
    assert len(disk.reported) == 1


def test_a_failed_dictation_can_be_tried_again_once_there_is_room(
    disk: Disk, tmp_path: Path
) -> None:
    from mica.audio.journal import Journal

    number = disk.writer.reserve()
    disk.writer.begin(number, 1.0, Style.PUNCTUATED, "")
    journal = Journal.open(tmp_path, number, 16_000)
    journal.append(bytes(64_000))
    journal.close()
    disk.fill()
    disk.writer.set_journal(number, journal.path)
    disk.writer.set_committed(number, LONG)
    disk.writer.set_status(number, EntryStatus.FAILED, "It died.")
    assert disk.on_disk(number) == "speaking"
    entry = disk.writer.failed()
    assert entry is not None and entry.id == number
    disk.free()
    disk.writer.flush()
    assert disk.on_disk(number) == "failed"
    assert [entry.id for entry in disk.history.failed()] == [number]


def test_a_row_that_the_disk_refused_to_change_can_be_deleted(disk: Disk) -> None:
    number = dictated(disk)
    disk.free()
    disk.writer.remove(number)
    assert disk.history.entry(number) is None and disk.on_disk(number) == ""
    disk.writer.flush()
    assert disk.on_disk(number) == ""


def test_a_later_write_does_not_overtake_an_earlier_one(disk: Disk) -> None:
    number = dictated(disk)
    disk.writer.set_status(number, EntryStatus.COPIED)
    disk.free()
    disk.writer.settle()
    entry = disk.history.entry(number)
    assert entry is not None and entry.status is EntryStatus.COPIED


def test_a_dictation_whose_row_is_refused_is_the_last_one_and_is_saved_later(
    disk: Disk,
) -> None:
    before = disk.writer.reserve()
    disk.writer.begin(before, 1.0, Style.PUNCTUATED, "")
    disk.writer.set_text(before, Transcript("An older one.", "m", 1.0))
    disk.history._database.execute("pragma query_only = on")
    number = disk.writer.reserve()
    disk.writer.begin(number, 2.0, Style.PUNCTUATED, "Mail")
    disk.writer.set_text(number, Transcript("The last one.", "m", 1.0))
    disk.writer.set_status(number, EntryStatus.INSERTED)
    assert number == before + 1 and disk.history.is_in_memory(number)
    newest = disk.writer.newest()
    assert newest is not None and newest.text == "The last one."
    assert len(disk.reported) == 1
    disk.history._database.execute("pragma query_only = off")
    disk.writer.settle()
    assert not disk.history.is_in_memory(number)
    assert disk.writer.newest() == newest


def test_other_failures_of_the_library_are_reported_unchanged(disk: Disk) -> None:
    number = disk.writer.reserve()
    disk.writer.begin(number, 1.0, Style.PUNCTUATED, "")
    disk.history._database.execute("drop table utterance")
    disk.writer.set_status(number, EntryStatus.WORKING)
    disk.writer.set_status(number, EntryStatus.FAILED)
    assert len(disk.reported) == 1 and "no such table" in disk.reported[0]
