"""What the next start recovers after a crash, and what it reports."""

from pathlib import Path

import pytest

from mica.audio.journal import HEADER_BYTES, Journal, extent
from mica.dictation.recovery import recovered
from mica.dictation.strings import RECOVERABLE_MANY, RECOVERABLE_ONE, UNINSERTED
from mica.events import Style, Transcript
from mica.library.store import EntryStatus, Kind, Library

HELLO = Transcript("Hello.", "m", 1.0)


@pytest.fixture
def history(home: Path) -> Library:
    return Library(home / "history.sqlite")


def unfinished(history: Library, folder: Path, samples: int, **more: Kind) -> int:
    """A recording during which Mica ended; its header is out of date."""
    number = history.add(100.0, Style.RAW, **more)
    journal = Journal.open(folder, number, 16_000)
    journal.append(b"\0\0\0\1" * samples)
    history.set_journal(number, journal.path)
    return number


def test_a_start_after_a_clean_quit_says_nothing(history: Library) -> None:
    assert recovered(history) == []


def test_an_interrupted_recording_is_said_once_and_can_be_transcribed(
    history: Library, tmp_path: Path
) -> None:
    number = unfinished(history, tmp_path, 100)
    assert recovered(history) == [RECOVERABLE_ONE]
    [entry] = history.failed()
    assert entry.id == number and extent(entry.journal) == (16_000, 100)
    assert recovered(history) == []


def test_interrupted_recordings_are_counted_captions_too(
    history: Library, tmp_path: Path
) -> None:
    unfinished(history, tmp_path, 100)
    unfinished(history, tmp_path, 100, kind=Kind.CAPTIONS)
    assert recovered(history) == [RECOVERABLE_MANY.format(2)]


@pytest.mark.parametrize("remains", ["no file", "no samples", "no recording"])
def test_a_recording_without_samples_is_not_called_safe(
    history: Library, tmp_path: Path, remains: str
) -> None:
    if remains == "no recording":
        history.add(100.0, Style.RAW)
    else:
        number = unfinished(history, tmp_path, 0)
        if remains == "no file":
            (tmp_path / f"{number:08d}.wav").unlink()
    assert recovered(history) == []


def test_a_text_that_did_not_reach_its_window_is_said(history: Library) -> None:
    number = history.add(100.0, Style.RAW, "Editor")
    history.set_text(number, HELLO)
    assert recovered(history) == [UNINSERTED]
    assert recovered(history) == []


def test_only_the_last_dictation_is_said_not_to_be_inserted(
    history: Library,
) -> None:
    older = history.add(99.0, Style.RAW, "Editor")
    history.set_text(older, HELLO)
    number = history.add(100.0, Style.RAW, "Editor")
    history.set_text(number, HELLO)
    history.set_status(number, EntryStatus.INSERTED)
    assert recovered(history) == []


def test_an_extent_is_nothing_where_there_is_no_recording(tmp_path: Path) -> None:
    for content in (b"", b"x" * HEADER_BYTES):
        (tmp_path / "1.wav").write_bytes(content)
        assert extent(tmp_path / "1.wav") == (0, 0)
    assert extent(tmp_path / "2.wav") == (0, 0)
