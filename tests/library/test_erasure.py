"""What was deleted is in no byte of any file."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mica import paths
from mica.audio.journal import Journal
from mica.errors import LibraryError, MicaError
from mica.events import SegmentText, Style, Transcript
from mica.library.entries import EntryStatus
from mica.library.erasure import erase, erase_all
from mica.library.store import Library

SOUND = np.random.default_rng(7).standard_normal(500).astype("<f4").tobytes()
WORDS = ("xylophone", "quixotic", "marzipan")


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    library = Library(paths.history_file())
    yield library
    library.close()


def add_dictation(library: Library, word: str, *, is_long: bool = False) -> int:
    """A dictation with a recording, first saved in parts."""
    number = library.add(1.0, Style.RAW, word)
    journal = Journal.open(paths.journal_folder(), number, 16_000)
    journal.append(SOUND)
    journal.close()
    library.set_journal(number, journal.path)
    library.set_committed(number, f"The {word}")
    text = f"The {word} is here. " * (2_000 if is_long else 1)
    segment = SegmentText(0.0, 1.0, text)
    library.set_text(number, Transcript(text, "m", 1.0, (segment,)))
    library.set_status(number, EntryStatus.INSERTED, f"About {word}")
    return number


def contents(home: Path) -> bytes:
    """Every byte of every file in MICA_HOME."""
    files = [file for file in home.rglob("*") if file.is_file()]
    return b"\n".join(file.read_bytes() for file in files)


def assert_silent(home: Path, *words: str) -> None:
    held = contents(home)
    found = [word for word in words if word.encode() in held]
    assert found == [] and SOUND[100:140] not in held


def test_deleting_everything_leaves_no_word_in_any_file(
    library: Library, home: Path
) -> None:
    for word in WORDS:
        add_dictation(library, word)
        add_dictation(library, word, is_long=True)
    library.remove(1)
    left_behind(home)
    assert all(word.encode() in contents(home) for word in WORDS)
    (home / "settings.toml").write_text("# mine")
    (home / "keywords.txt").write_text("Katherine")
    erase_all(library, home)
    assert_silent(home, *WORDS)
    assert library.kept() == []
    assert (home / "settings.toml").read_text() == "# mine"
    assert (home / "keywords.txt").read_text() == "Katherine"
    assert add_dictation(library, "next") == 7  # numbers are not used again


def left_behind(home: Path) -> None:
    """Files of crashes, earlier versions and logs, all with words."""
    words = " ".join(WORDS).encode()
    for name in (
        "history.sqlite.broken",
        "history.sqlite.broken-wal",
        "history.sqlite.broken-2",
        "borrowed-clipboard",
        "borrowed-clipboard.new",
        "logs/mica.log",
        "logs/mica.log.1",
        "logs/engine.log",
        "scratch/tmp123/00000001.wav",
        "scratch/tmp456",
        "journal/00000099.wav",
        "journal/.00000099.wav.part",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(words + SOUND)


def test_deleting_one_leaves_no_word_of_it_and_all_of_the_others(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def careless(*given: Any, **more: Any) -> sqlite3.Connection:
        """A build of SQLite that does not overwrite by default."""
        database: sqlite3.Connection = connect(*given, **more)
        database.execute("pragma secure_delete = off")
        return database

    monkeypatch.setattr(sqlite3, "connect", careless)
    library = Library(paths.history_file())
    one, other = add_dictation(library, "xylophone"), add_dictation(library, "quixotic")
    long = add_dictation(library, "marzipan", is_long=True)
    for number in (one, long):
        erase(library, number)
    held = contents(home)
    assert b"xylophone" not in held and b"marzipan" not in held
    assert b"quixotic" in held
    assert [file.name for file in paths.journal_folder().iterdir()] == [
        f"{other:08d}.wav"
    ]


def test_words_in_pages_freed_by_an_older_version_are_deleted_too(home: Path) -> None:
    library = Library(paths.history_file())
    add_dictation(library, "xylophone", is_long=True)
    library.close()
    database = sqlite3.connect(paths.history_file())
    database.execute("pragma secure_delete = off")
    database.execute("delete from utterance")
    database.commit()
    database.close()
    assert b"xylophone" in contents(home)
    library = Library(paths.history_file())
    erase_all(library, home)
    assert_silent(home, "xylophone")


def test_nothing_is_deleted_while_something_is_recorded(
    library: Library, home: Path
) -> None:
    number = add_dictation(library, "xylophone")
    journal = Journal.open(paths.journal_folder(), number + 1, 16_000)
    for delete in (
        lambda: erase_all(library, home),
        lambda: erase(library, recording(library, journal)),
    ):
        with pytest.raises(MicaError, match="recording"):
            delete()
    assert b"xylophone" in contents(home) and journal.path.exists()
    journal.close()
    erase_all(library, home)
    assert_silent(home, "xylophone")


def recording(library: Library, journal: Journal) -> int:
    number = library.add(1.0, Style.RAW)
    library.set_journal(number, journal.path)
    return number


def test_library_read_by_another_program_is_not_reported_as_deleted(
    library: Library, home: Path
) -> None:
    add_dictation(library, "xylophone")
    other = sqlite3.connect(paths.history_file())
    other.execute("begin")
    other.execute("select * from utterance").fetchall()
    library._database.execute("pragma busy_timeout = 50")
    with pytest.raises(LibraryError, match="in use"):
        erase_all(library, home)
    other.rollback()
    erase_all(library, home)
    assert_silent(home, "xylophone")


def test_a_damaged_history_is_deleted_too(library: Library, home: Path) -> None:
    for _ in range(30):
        add_dictation(library, "xylophone", is_long=True)
    library.close()
    data = bytearray(paths.history_file().read_bytes())
    for page in range(4_096, len(data), 4_096):
        data[page : page + 8] = b"\xff" * 8
    paths.history_file().write_bytes(data)
    damaged = Library(paths.history_file())
    erase_all(damaged, home)
    assert_silent(home, "xylophone")
    assert add_dictation(damaged, "next") == 1
    damaged.close()


def test_a_full_disk_does_not_keep_the_history(library: Library, home: Path) -> None:
    add_dictation(library, "xylophone", is_long=True)
    library._database.execute(
        "create temp trigger refuses before delete on main.utterance "
        "begin select raise(abort, 'database or disk is full'); end"
    )
    erase_all(library, home)
    assert_silent(home, "xylophone")


def test_a_file_that_cannot_be_deleted_is_named_and_the_others_are_deleted(
    library: Library, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_dictation(library, "xylophone")
    stuck = paths.journal_folder() / "00000001.wav"
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError(1, os.strerror(1), str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(MicaError, match="couldn’t be deleted"):
        erase_all(library, home)
    assert b"xylophone" not in contents(home) and library.kept() == []


def test_files_of_others_and_behind_links_are_not_deleted(
    library: Library, home: Path, tmp_path: Path
) -> None:
    add_dictation(library, "word")
    outside = tmp_path / "outside.log"
    others = [home / "logs" / "work.log", home / "journal" / "interview.wav", outside]
    for file in others:
        file.parent.mkdir(exist_ok=True)
        file.write_text("mine")
    (home / "logs" / "engine.log").symlink_to(outside)
    (home / "journal" / "00000077.wav").symlink_to(outside)
    erase_all(library, home)
    assert [file.read_text() for file in others] == ["mine"] * 3
    assert not (home / "journal" / "00000077.wav").is_symlink()


def test_nothing_is_deleted_while_another_program_locks_the_history(
    home: Path,
) -> None:
    library = Library(paths.history_file(), wait_s=0.05)
    number = add_dictation(library, "word")
    other = sqlite3.connect(paths.history_file())
    other.execute("begin immediate")
    with pytest.raises(LibraryError, match="in use"):
        erase_all(library, home)
    other.rollback()
    entry = library.entry(number)
    assert entry is not None and entry.journal is not None and entry.journal.exists()
    erase_all(library, home)
    assert library.kept() == [] and not entry.journal.exists()
