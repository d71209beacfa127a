"""The app starts whatever is wrong with its files, says what is off, and dictates."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mica import desktop as app
from mica.audio.journal import HEADER_BYTES
from mica.errors import LibraryError
from mica.events import Style, Transcript
from mica.library import database
from mica.library.store import Library
from support.fakes import LIMIT_S

PAGE = 4096


def full_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    def no_room(path: Path, *_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(database, "opened", no_room)
    return "dictations aren’t saved to the history"


def read_only_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """As for a user who may only read: root may write everywhere."""
    home_text, opened, connect = str(home), os.open, sqlite3.connect

    def read_only(path: object, flags: int, *more: object, **other: object) -> int:
        wants = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if wants and str(path).startswith(home_text):
            raise PermissionError(30, "Read-only file system", str(path))
        return opened(path, flags, *more, **other)

    def no_database(path: object, *more: object, **other: object) -> object:
        if str(path).startswith(home_text):
            raise sqlite3.OperationalError("unable to open database file")
        return connect(path, *more, **other)

    mkdir = Path.mkdir

    def no_folder(self: Path, *more: object, **other: object) -> None:
        if home in self.parents and not self.exists():
            raise PermissionError(30, "Read-only file system", str(self))
        mkdir(self, *more, **other)

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(Path, "mkdir", no_folder)
    monkeypatch.setattr(database.sqlite3, "connect", no_database)
    return "dictations aren’t saved to the history"


def damaged_pages(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    library = Library(home / "history.sqlite")
    for number in range(300):
        text = Transcript("word " * 50, "m", 1.0)
        library.set_text(library.add(float(number), Style.RAW, "Editor"), text)
    library.close()
    with (home / "history.sqlite").open("r+b") as file:
        file.seek(10 * PAGE)
        file.write(b"\xff" * 2 * PAGE)
    return "the old one is kept as history.sqlite.broken"


def no_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (home / "history.sqlite").mkdir()
    return "dictations aren’t saved to the history"


def unknown_row(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    library = Library(home / "history.sqlite")
    for column, value in (
        ("style", "shouted"),
        ("status", "sung"),
        ("kind", "a film"),
        ("translated_to", "Klingon"),
        ("journal", b"\0"),
        ("journal", 7),
    ):
        number = library.add(100.0, Style.RAW, "Editor")
        library._write(
            f"update utterance set {column} = ? where id = ?", (value, number)
        )
    library.close()
    return ""


def dangling_link(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (home / "journal").mkdir()
    (home / "journal" / "00000001.wav").symlink_to(home / "nowhere.wav")
    (home / "journal" / "00000002.wav").mkdir()
    return ""


def pipes(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Nobody writes to them: opening one to read would block."""
    for name in (
        "borrowed-clipboard",
        "dictated-windows",
        "logs/network.log",
        "journal/00000003.wav",
    ):
        (home / name).parent.mkdir(exist_ok=True)
        os.mkfifo(home / name)
    return ""


def pipe_for_the_history(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    os.mkfifo(home / "history.sqlite")
    return "dictations aren’t saved to the history"


def no_journal_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (home / "journal").write_text("not a folder")
    return ""


def unreadable_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (home / "settings.toml").mkdir()
    return "The settings can’t be read"


def nested_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (home / "settings.toml").write_text(f"a = {'[' * 10_000}{']' * 10_000}\n")
    return "settings"


def unreadable_keywords(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (home / "keywords.txt").mkdir()
    return "Your keywords can’t be read"


def no_socket(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    def taken(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(app, "SingleInstance", taken)
    return "commands and a second start don’t reach Mica"


def no_rows(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    def fails(*_: object) -> list[str]:
        raise LibraryError("The history cannot be used.", "Check the disk.")

    monkeypatch.setattr(app, "recovered", fails)
    return "The history cannot be used. Check the disk."


FAULTS: list[Callable[[Path, pytest.MonkeyPatch], str]] = [
    *(full_disk, read_only_home, damaged_pages, no_database, unknown_row),
    *(pipes, pipe_for_the_history),
    *(dangling_link, no_journal_folder, unreadable_settings, nested_settings),
    *(unreadable_keywords, no_socket, no_rows),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_the_app_starts_says_what_is_off_and_dictates(
    home, fake, request, monkeypatch, qtbot, fault
) -> None:
    said = fault(home, monkeypatch)
    desktop = request.getfixturevalue("desktop")
    desktop.start()
    assert said in "\n".join(desktop._notes)
    desktop._dictation.toggle()
    microphone = desktop._microphone_pool.leased.get(timeout=LIMIT_S)
    microphone.speak(0.5)
    recording = desktop._dictation._utterances.speaking.recording
    qtbot.waitUntil(lambda: recording.recorded >= 0.5 * microphone.rate_hz)
    desktop._dictation.toggle()
    microphone.speak(0.4)
    assert desktop._client.ended.get(timeout=LIMIT_S)
    if recording.journal is not None:
        assert recording.journal.stat().st_size > HEADER_BYTES
