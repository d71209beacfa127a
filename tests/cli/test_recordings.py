"""Recordings are listed, and can be transcribed again by number."""

import os
from pathlib import Path

import pytest

from cli.conftest import RATE_HZ, Mica
from mica import paths
from mica.audio.journal import Journal
from mica.errors import LibraryError
from mica.events import Style, Transcript
from mica.library.store import EntryStatus, Kind, Library
from support import rows
from support.sounds import words

LONG_AGO_S = 1.0


@pytest.fixture
def history(home: Path) -> Library:
    return Library(paths.history_file())


def dictated(
    history: Library,
    status: EntryStatus,
    text: str = "",
    seconds: int = 2,
    kind: Kind = Kind.DICTATION,
) -> int:
    """A dictation with a recording of speech, whose file was not closed."""
    number = history.add(1_000_000.0, Style.RAW, kind=kind)
    journal = Journal.open(paths.journal_folder(), number, RATE_HZ)
    journal.append(words(seconds).astype("<f4").tobytes())
    os.utime(journal.path, (LONG_AGO_S, LONG_AGO_S))
    history.set_journal(number, journal.path)
    if text:
        history.set_text(number, Transcript(text, "m", float(seconds)))
    history.set_status(number, status)
    return number


def test_recordings_marks_those_without_text(mica: Mica, history: Library) -> None:
    dictated(history, EntryStatus.INSERTED, "Hello there. " * 9)
    dictated(history, EntryStatus.FAILED, seconds=62)
    dictated(history, EntryStatus.CANCELLED)
    dictated(history, EntryStatus.SPEAKING)
    history.set_journal(
        dictated(history, EntryStatus.FAILED), paths.home() / "gone.wav"
    )
    result = mica("recordings")
    lines = result.out.splitlines()
    assert [line[:8] for line in lines] == [
        "!     4 ", "      3 ", "!     2 ", "      1 "
    ]  # fmt: skip
    assert "  1:02" in lines[2] and lines[1].endswith("(canceled)")
    assert lines[3].endswith("Hello there. Hello…")


def test_recordings_distinguishes_captions_from_dictations(
    mica: Mica, history: Library
) -> None:
    for kind in Kind:
        dictated(history, EntryStatus.WRITTEN, f"Said in {kind.value}.", kind=kind)
    lines = mica("recordings").out.splitlines()
    for kind, line in zip(Kind, reversed(lines), strict=True):
        assert line.endswith(f" {kind.value:9}   0:02  Said in {kind.value}.")


def test_recordings_lists_the_newest_twenty_unless_all_is_given(
    mica: Mica, history: Library
) -> None:
    for _ in range(22):
        dictated(history, EntryStatus.INSERTED, "Hello.", seconds=1)
    assert len(mica("recordings").out.splitlines()) == 20
    assert len(mica("recordings", "--all").out.splitlines()) == 22


def test_an_interrupted_recording_is_transcribed(
    mica: Mica, history: Library, tiny: Path
) -> None:
    other = dictated(history, EntryStatus.FAILED)
    number = dictated(history, EntryStatus.SPEAKING)
    words = ["--recording", other, "--recording", number, "--model", tiny]
    result = mica("transcribe", *words)
    assert result.code == 0, result.err
    for one in (other, number):
        row = rows.entry(history, one)
        assert row.status is EntryStatus.WRITTEN and row.text in result.out
    assert result.out.strip() != ""


def test_a_recording_in_progress_is_not_transcribed(
    mica: Mica, history: Library, tiny: Path
) -> None:
    number = dictated(history, EntryStatus.SPEAKING)
    recording = rows.entry(history, number).journal
    assert recording is not None
    os.utime(recording)
    result = mica("transcribe", "--recording", number, "--model", tiny)
    assert result.code == 3 and "still in progress" in result.line()


def test_a_number_without_a_recording_is_an_error(mica: Mica, history: Library) -> None:
    number = history.add(1.0, Style.RAW)
    for options in (number, number + 1):
        result = mica("transcribe", "--recording", options)
        assert result.code == 3 and f"no recording {options}" in result.line()


def test_an_unreadable_recording_does_not_stop_the_others(
    mica: Mica, history: Library, tiny: Path
) -> None:
    empty, whole = (
        dictated(history, EntryStatus.FAILED),
        dictated(history, EntryStatus.FAILED),
    )
    recording = rows.entry(history, empty).journal
    assert recording is not None
    recording.write_bytes(b"no sound")
    words = ["--recording", empty, "--recording", whole, "--model", tiny]
    result = mica("transcribe", *words)
    assert result.code == 3 and f"Recording {empty}:" in result.err
    assert rows.entry(history, whole).status is EntryStatus.WRITTEN
    assert rows.entry(history, empty).status is EntryStatus.FAILED


@pytest.mark.parametrize(
    "words",
    [
        ["--recording", "1", "talk.wav"],
        ["--recording", "1", "--output", "out"],
        ["--recording", "1", "--overwrite"],
        ["--recording", "1", "--track", "2"],
        ["--recording", "one"],
    ],
)
def test_recording_numbers_and_files_cannot_be_combined(
    mica: Mica, words: list[str]
) -> None:
    assert mica("transcribe", *words).code == 2


def test_a_missing_model_is_not_replaced_by_another(
    mica: Mica, history: Library
) -> None:
    (paths.home() / "settings.toml").write_text('model = "/mnt/gone/granite"')
    result = mica("transcribe", "--recording", dictated(history, EntryStatus.FAILED))
    assert result.code == 4 and "There is no model" in result.line()


def test_a_recording_without_speech_is_listed_as_such(
    mica: Mica, history: Library
) -> None:
    dictated(history, EntryStatus.WRITTEN)
    dictated(history, EntryStatus.FAILED)
    lines = mica("recordings").out.splitlines()
    assert "(no speech)" not in lines[0] and lines[1].endswith("(no speech)")


def test_unknown_numbers_do_not_stop_the_other_recordings(
    mica: Mica, history: Library, tiny: Path
) -> None:
    folder, whole = (
        dictated(history, EntryStatus.FAILED),
        dictated(history, EntryStatus.FAILED),
    )
    recording = rows.entry(history, folder).journal
    assert recording is not None
    recording.unlink()
    recording.mkdir()
    words = [folder, 10**30, -(10**30), whole]
    options = [word for number in words for word in ("--recording", number)]
    result = mica("transcribe", *options, "--model", tiny)
    lines = result.err.splitlines()
    assert result.code == 3 and len(lines) >= 3
    for number, line in zip(words[:3], lines, strict=False):
        assert line.startswith(f"mica: There is no recording {number}.")
    assert rows.entry(history, whole).status is EntryStatus.WRITTEN


def test_a_text_that_cannot_be_saved_is_printed(
    mica: Mica, history: Library, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise LibraryError("The disk is full.", "Free some space.")

    numbers = [dictated(history, EntryStatus.FAILED) for _ in range(2)]
    options = [word for number in numbers for word in ("--recording", number)]
    texts = mica("transcribe", *options, "--model", tiny).out
    monkeypatch.setattr(Library, "set_text", refuse)
    result = mica("transcribe", *options, "--model", tiny)
    assert result.code == LibraryError.exit_code and result.out == texts != ""
    assert "mica: The disk is full. Free some space." in result.err.splitlines()


def test_a_pipe_in_place_of_a_recording_is_not_read(
    mica: Mica, history: Library
) -> None:
    recording = rows.entry(history, dictated(history, EntryStatus.FAILED)).journal
    assert recording is not None
    recording.unlink()
    os.mkfifo(recording)
    assert mica("recordings").out == ""
    assert mica("transcribe", "--recording", 1).code == 3


def test_recordings_prints_no_control_characters(mica: Mica, history: Library) -> None:
    dictated(history, EntryStatus.INSERTED, "One\ntwo\t\x1b[31mthree\x07.")
    assert mica("recordings").out.splitlines()[0].endswith("One two [31mthree .")


def test_unknown_values_of_a_later_mica_hide_no_recording(
    mica: Mica, history: Library
) -> None:
    for column in ("style", "status", "translated_to"):
        number = dictated(history, EntryStatus.FAILED)
        history._database.execute(
            f"update utterance set {column} = 'klingon' where id = ?", (number,)
        )
    history._database.commit()
    assert len(mica("recordings").out.splitlines()) == 3


def test_recordings_says_that_there_are_none(mica: Mica) -> None:
    result = mica("recordings")
    assert (result.code, result.out) == (0, "")
    assert result.line() == "mica: No recordings yet."
