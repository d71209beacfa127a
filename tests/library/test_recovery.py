"""Recordings are found after a crash, and only old ones with a text are deleted."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mica.audio.journal import HEADER_BYTES, Journal, extent
from mica.events import Style, Transcript
from mica.library.entries import EntryStatus, Kind
from mica.library.recovery import KEPT_S, adopt, prune, recover
from mica.library.store import FOUND, INTERRUPTED, Library
from support import rows
from support.recordings import left_behind

DONE = Transcript("Hello.", "m", 1.0)
OLD_S = time.time() - 2 * KEPT_S


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    library = Library(home / "history.sqlite")
    yield library
    library.close()


def add_recording(
    library: Library, folder: Path, status: EntryStatus, age_s: float
) -> Path:
    """A recording with a row, last written to so long ago."""
    number = library.add(1.0, Style.RAW)
    path = left_behind(folder, number)
    library.set_journal(number, path)
    if status not in (EntryStatus.FAILED, EntryStatus.SPEAKING):
        library.set_text(number, DONE)
    library.set_status(number, status)
    os.utime(path, (time.time() - age_s, time.time() - age_s))
    return path


def test_recordings_without_a_row_are_found_repaired_and_listed_once(
    library: Library, tmp_path: Path
) -> None:
    path = left_behind(tmp_path, 3, bytes(4 * 32_000))
    [entry] = recover(library, tmp_path)
    assert (entry.kind, entry.status) == (Kind.RECORDING, EntryStatus.FAILED)
    assert entry.error == FOUND and entry.journal == path
    assert entry.started_s == pytest.approx(path.stat().st_mtime - 2.0, abs=0.1)
    assert extent(path) == (16_000, 32_000)
    assert library.failed() == [entry]
    assert recover(library, tmp_path) == []


def test_recordings_of_an_unreadable_library_are_found_again(home: Path) -> None:
    file = home / "history.sqlite"
    first = Library(file)
    paths = [add_recording(first, home, EntryStatus.INSERTED, 100.0) for _ in range(3)]
    first.close()
    file.write_bytes(b"this is no database" * 100)
    library = Library(file)
    found = [entry.journal for entry in recover(library, home)]
    assert found == paths


def test_recordings_of_a_folder_that_was_moved_keep_their_texts(
    library: Library, tmp_path: Path, home: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    add_recording(library, old, EntryStatus.INSERTED, 100.0)
    old.rename(new)
    assert recover(library, new) == []
    [entry] = library.kept()
    assert entry.journal == new / "00000001.wav" and entry.text == "Hello."


def test_recordings_in_progress_elsewhere_are_left_alone(
    library: Library, tmp_path: Path
) -> None:
    """By `mica listen`: one with its row, one whose row could not be added."""
    number = library.add(1.0, Style.RAW, kind=Kind.CAPTIONS)
    journals = [Journal.open(tmp_path, n, 16_000) for n in (number, 7)]
    for journal in journals:
        journal.append(b"\0" * 400)
    library.set_journal(number, journals[0].path)
    assert recover(library, tmp_path) == []
    assert rows.entry(library, number).status is EntryStatus.SPEAKING
    for journal in journals:
        journal.close()
    found = recover(library, tmp_path)
    assert [entry.error for entry in found] == [None, FOUND]
    assert rows.entry(library, number).error == INTERRUPTED


def test_empty_and_foreign_files_are_not_recordings(
    library: Library, tmp_path: Path
) -> None:
    Journal.open(tmp_path, 1, 16_000).close()
    (tmp_path / "2.wav").write_bytes(b"no sound at all" * 100)
    (tmp_path / "3.wav").mkdir()
    (tmp_path / "4.wav").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "5.wav")
    assert recover(library, tmp_path) == [] and library.kept() == []
    prune(library, tmp_path, count=0)
    assert len(list(tmp_path.iterdir())) == 5


def test_recordings_that_just_ended_may_get_their_row_from_the_app(
    library: Library, tmp_path: Path
) -> None:
    left_behind(tmp_path, 1)
    assert list(adopt(library, tmp_path, least_age_s=60.0)) == []
    os.utime(tmp_path / "00000001.wav", (OLD_S, OLD_S))
    assert len(list(adopt(library, tmp_path, least_age_s=60.0))) == 1


def test_only_old_recordings_with_a_text_are_deleted(
    library: Library, tmp_path: Path
) -> None:
    old_s = 2 * KEPT_S
    done = [
        add_recording(library, tmp_path, status, old_s)
        for status in EntryStatus
        if status not in (EntryStatus.FAILED, EntryStatus.SPEAKING, EntryStatus.WORKING)
    ]
    waiting = [
        add_recording(library, tmp_path, status, old_s)
        for status in (EntryStatus.FAILED, EntryStatus.SPEAKING, EntryStatus.WORKING)
    ]
    young = add_recording(library, tmp_path, EntryStatus.INSERTED, KEPT_S - 60.0)
    future = add_recording(
        library, tmp_path, EntryStatus.INSERTED, -old_s
    )  # the clock was set
    unknown = left_behind(tmp_path, 90)
    os.utime(unknown, (OLD_S, OLD_S))
    prune(library, tmp_path, count=0)
    remaining = {*tmp_path.glob("*.wav")}
    assert remaining == {*waiting, young, future, unknown}
    assert all(e.journal not in done for e in library.kept()) and len(done) == 5
    assert {entry.text for entry in library.kept()} == {"Hello.", ""}


def test_a_recording_in_progress_is_never_deleted(
    library: Library, tmp_path: Path
) -> None:
    """Of captions whose text so far is saved, and whose file looks old."""
    number = library.add(1.0, Style.RAW)
    journal = Journal.open(tmp_path, number, 16_000)
    journal.append(b"\0" * 400)
    library.set_journal(number, journal.path)
    library.set_text(number, DONE)
    os.utime(journal.path, (OLD_S, OLD_S))
    prune(library, tmp_path, count=0)
    assert journal.path.exists()
    journal.close()
    os.utime(journal.path, (OLD_S, OLD_S))
    prune(library, tmp_path, count=0)
    assert not journal.path.exists()


def test_the_oldest_are_deleted_first_whatever_their_numbers(
    library: Library, tmp_path: Path
) -> None:
    """A history begun anew counts from 1 while older recordings have high numbers."""
    ages = (5, 2, 4, 3)
    paths = [
        add_recording(library, tmp_path, EntryStatus.INSERTED, age * KEPT_S)
        for age in ages
    ]
    prune(library, tmp_path, count=2)
    assert {*tmp_path.glob("*.wav")} == {paths[1], paths[3]}


def test_recordings_together_are_not_larger_than_wanted(
    library: Library, tmp_path: Path
) -> None:
    paths = [
        add_recording(library, tmp_path, EntryStatus.INSERTED, age * KEPT_S)
        for age in (2, 3, 4)
    ]
    prune(library, tmp_path, most_bytes=2 * (HEADER_BYTES + 400))
    assert {*tmp_path.glob("*.wav")} == {*paths[:2]}
