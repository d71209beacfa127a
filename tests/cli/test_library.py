"""Recordings are listed, shown, transcribed again, inserted and deleted by number."""

import io
import json
import os
from pathlib import Path

import pytest

from cli.conftest import RATE_HZ, Mica
from mica import paths
from mica.audio.journal import Journal
from mica.errors import LibraryError
from mica.events import Certainty, SegmentText, Style, Transcript
from mica.library.store import EntryStatus, Kind, Library
from support import rows
from support.recordings import left_behind
from support.sounds import words


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
    """A dictation with a recording of speech, whose header is out of date."""
    number = history.add(1_000_000.0, Style.RAW, kind=kind)
    pcm = words(seconds).astype("<f4").tobytes()
    history.set_journal(number, left_behind(paths.journal_folder(), number, pcm))
    if text:
        history.set_text(number, Transcript(text, "m", float(seconds)))
    history.set_status(number, status)
    return number


def two_failed(history: Library) -> tuple[int, int, Path]:
    """Two failed dictations, and the recording of the first."""
    first, second = (dictated(history, EntryStatus.FAILED) for _ in range(2))
    recording = rows.entry(history, first).journal
    assert recording is not None
    return first, second, recording


def test_recordings_marks_those_without_text(mica: Mica, history: Library) -> None:
    dictated(history, EntryStatus.INSERTED, "Hello there. " * 9)
    dictated(history, EntryStatus.FAILED, seconds=62)
    dictated(history, EntryStatus.CANCELLED)
    dictated(history, EntryStatus.SPEAKING)
    history.set_journal(
        dictated(history, EntryStatus.FAILED), paths.home() / "gone.wav"
    )
    result = mica("library", "list")
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
    lines = mica("library", "list").out.splitlines()
    for kind, line in zip(Kind, reversed(lines), strict=True):
        assert line.endswith(f" {kind.value:9}   0:02  Said in {kind.value}.")


def test_recordings_lists_the_newest_twenty_unless_all_is_given(
    mica: Mica, history: Library
) -> None:
    for _ in range(22):
        dictated(history, EntryStatus.INSERTED, "Hello.", seconds=1)
    assert len(mica("library", "list").out.splitlines()) == 20
    assert len(mica("library", "list", "--all").out.splitlines()) == 22


def test_an_interrupted_recording_is_transcribed(
    mica: Mica, history: Library, tiny: Path
) -> None:
    other = dictated(history, EntryStatus.FAILED)
    number = dictated(history, EntryStatus.SPEAKING)
    result = mica("library", "retry", other, number, "--model", tiny)
    assert result.code == 0, result.err
    for one in (other, number):
        row = rows.entry(history, one)
        assert row.status is EntryStatus.WRITTEN and row.text in result.out
    assert result.out.strip() != ""


def test_a_recording_in_progress_is_not_transcribed(
    mica: Mica, history: Library, tiny: Path
) -> None:
    number = dictated(history, EntryStatus.SPEAKING)
    journal = Journal.open(paths.journal_folder(), number + 1, RATE_HZ)
    history.set_journal(number, journal.path)
    result = mica("library", "retry", number, "--model", tiny)
    assert result.code == 3 and "still in progress" in result.line()
    journal.close()


def test_a_number_without_a_recording_is_an_error(mica: Mica, history: Library) -> None:
    number = history.add(1.0, Style.RAW)
    for options in (number, number + 1):
        result = mica("library", "retry", options)
        assert result.code == 3 and f"no recording {options}" in result.line()


def test_an_unreadable_recording_does_not_stop_the_others(
    mica: Mica, history: Library, tiny: Path
) -> None:
    empty, whole, recording = two_failed(history)
    recording.write_bytes(b"no sound")
    result = mica("library", "retry", empty, whole, "--model", tiny)
    assert result.code == 3 and f"Recording {empty}:" in result.err
    assert rows.entry(history, whole).status is EntryStatus.WRITTEN
    assert rows.entry(history, empty).status is EntryStatus.FAILED


def test_a_missing_model_is_not_replaced_by_another(
    mica: Mica, history: Library
) -> None:
    (paths.home() / "settings.toml").write_text('model = "/mnt/gone/granite"')
    result = mica("library", "retry", dictated(history, EntryStatus.FAILED))
    assert result.code == 4 and "There is no model" in result.line()


def test_a_recording_without_speech_is_listed_as_such(
    mica: Mica, history: Library
) -> None:
    dictated(history, EntryStatus.WRITTEN)
    dictated(history, EntryStatus.FAILED)
    lines = mica("library", "list").out.splitlines()
    assert "(no speech)" not in lines[0] and lines[1].endswith("(no speech)")


def test_unknown_numbers_do_not_stop_the_other_recordings(
    mica: Mica, history: Library, tiny: Path
) -> None:
    folder, whole, recording = two_failed(history)
    recording.unlink()
    recording.mkdir()
    words = [folder, 10**30, -(10**30), whole]
    result = mica("library", "retry", "--model", tiny, "--", *words)
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
    options = ["library", "retry", *numbers, "--model", tiny]
    texts = mica(*options).out
    monkeypatch.setattr(Library, "set_text", refuse)
    result = mica(*options)
    assert result.code == LibraryError.exit_code and result.out == texts != ""
    assert "mica: The disk is full. Free some space." in result.err.splitlines()


def test_a_pipe_in_place_of_a_recording_is_not_read(
    mica: Mica, history: Library
) -> None:
    recording = rows.entry(history, dictated(history, EntryStatus.FAILED)).journal
    assert recording is not None
    recording.unlink()
    os.mkfifo(recording)
    assert mica("library", "list").out == ""
    assert mica("library", "retry", 1).code == 3


def test_recordings_prints_no_control_characters(mica: Mica, history: Library) -> None:
    dictated(history, EntryStatus.INSERTED, "One\ntwo\t\x1b[31mthree\x07.")
    assert mica("library", "list").out.splitlines()[0].endswith("One two [31mthree .")


def test_unknown_values_of_a_later_mica_hide_no_recording(
    mica: Mica, history: Library
) -> None:
    for column in ("style", "status", "translated_to"):
        number = dictated(history, EntryStatus.FAILED)
        history._database.execute(
            f"update utterance set {column} = 'klingon' where id = ?", (number,)
        )
    history._database.commit()
    assert len(mica("library", "list").out.splitlines()) == 3


def test_recordings_says_that_there_are_none(mica: Mica) -> None:
    result = mica("library", "list")
    assert (result.code, result.out) == (0, "")
    assert result.line() == "mica: No recordings yet."


def test_the_list_and_a_recording_as_json(mica: Mica, history: Library) -> None:
    good = dictated(history, EntryStatus.INSERTED, "Hello there.")
    bad = dictated(history, EntryStatus.FAILED, kind=Kind.CAPTIONS)
    first, second = json.loads(mica("library", "list", "--json").out)
    assert (first["number"], first["kind"], first["incomplete"]) == (
        bad,
        "captions",
        True,
    )
    assert first["text"] == "" and Path(first["recording"]).is_file()
    assert (second["text"], second["duration_s"]) == ("Hello there.", 2.0)
    assert second["started"] == "1970-01-12T13:46:40+00:00"
    assert json.loads(mica("library", "show", good, "--json").out) == second
    result = mica("library", "list", "--json")
    assert result.err == ""


def test_the_text_of_a_recording_is_shown(mica: Mica, history: Library) -> None:
    number = dictated(history, EntryStatus.INSERTED, "Hello there.")
    result = mica("library", "show", number)
    assert (result.code, result.out, result.err) == (0, "Hello there.\n", "")
    failed = dictated(history, EntryStatus.FAILED)
    assert "incomplete" in mica("library", "show", failed).line()
    assert mica("library", "show", 99).code == 3


def test_texts_are_listed_after_their_recordings_were_deleted(
    mica: Mica, history: Library
) -> None:
    number = dictated(history, EntryStatus.INSERTED, "Hello there.")
    recording = rows.entry(history, number).journal
    assert recording is not None
    recording.unlink()
    assert mica("library", "list").out.endswith("dictation         Hello there.\n")


def test_recording_without_a_row_is_listed_and_transcribed(
    mica: Mica, history: Library, tiny: Path
) -> None:
    dictated(history, EntryStatus.INSERTED, "Hello there.")
    pcm = words(2).astype("<f4").tobytes()
    path = left_behind(paths.journal_folder(), 44, pcm)
    os.utime(path, (1.0, 1.0))
    for _ in range(2):
        newest, _ = mica("library", "list").out.splitlines()
        assert newest.startswith("!     2 ") and "recording   0:02" in newest
    assert mica("library", "retry", 2, "--model", tiny).code == 0
    first = mica("library", "list").out.splitlines()[0]
    assert first.startswith("?     2 ")  # random weights understand nothing


@pytest.mark.parametrize("command", ["copy", "insert"])
def test_copy_and_insert_need_the_app(
    mica: Mica, history: Library, command: str
) -> None:
    number = dictated(history, EntryStatus.INSERTED, "Hello there.")
    result = mica("library", command, number)
    assert result.code == 1 and "not running" in result.line()
    assert mica("library", command, 99).code == 3


def test_recordings_are_deleted_only_if_that_is_confirmed(
    mica: Mica, history: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [dictated(history, EntryStatus.INSERTED, "Hello.") for _ in range(3)]
    for answer in ("n\n", "\n", ""):  # no, the default, and nobody there
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        result = mica("library", "delete", *numbers[:2])
        assert result.code == (0 if answer else 130) and len(history.kept()) == 3
    assert "recordings 1, 2" in result.err
    assert mica("library", "delete", *numbers[:2], "--yes").code == 0
    assert [entry.id for entry in history.kept()] == numbers[2:]
    names = [file.name for file in paths.journal_folder().iterdir()]
    assert names == [f"{numbers[2]:08d}.wav"]
    assert mica("library", "delete", numbers[0], "--yes").code == 3
    for wrong in ([], [numbers[2], "--all"]):
        assert mica("library", "delete", *wrong, "--yes").code == 2


def test_everything_is_deleted_at_once(
    mica: Mica, history: Library, home: Path
) -> None:
    for _ in range(3):
        dictated(history, EntryStatus.INSERTED, "A quixotic word.")
    (home / "keywords.txt").write_text("Katherine")
    history.close()
    result = mica("library", "delete", "--all", "--yes")
    assert (result.code, result.err) == (0, "")
    held = [file for file in home.rglob("*") if file.is_file()]
    assert not [f for f in held if b"quixotic" in f.read_bytes()]
    assert not [f for f in held if f.suffix == ".wav"]
    assert (home / "keywords.txt").read_text() == "Katherine"
    assert "No recordings" in mica("library", "list").line()


@pytest.mark.parametrize("content", ["newer", "damaged"])
def test_only_the_app_sets_a_library_aside_that_cannot_be_read(
    mica: Mica, history: Library, home: Path, content: str
) -> None:
    number = dictated(history, EntryStatus.INSERTED, "A quixotic word.")
    if content == "newer":  # and running
        history._database.execute("pragma user_version = 99")
    else:
        history.close()
        paths.history_file().write_bytes(b"quixotic, but no database" * 100)
    for command in (["list"], ["show", number], ["retry", number]):
        result = mica("library", *command)
        assert result.code == 1 and "history" in result.line()
    assert [file.name for file in home.glob("history.sqlite.*")] == []
    assert mica("library", "delete", "--all", "--yes").code == 0
    held = [file for file in home.rglob("*") if file.is_file()]
    assert not [file for file in held if b"quixotic" in file.read_bytes()]


def test_a_text_that_was_not_understood_is_marked(mica: Mica, history: Library) -> None:
    number = history.add(1_000_000.0, Style.RAW)
    guess = SegmentText(0, 1, "Angela spoke.", certainty=Certainty.NOT_UNDERSTOOD)
    history.set_text(number, Transcript("Angela spoke.", "m", 1.0, (guess,)))
    history.set_status(number, EntryStatus.INSERTED)
    assert mica("library", "list").out.startswith("?     1 ")
    [listed] = json.loads(mica("library", "list", "--json").out)
    assert listed["certainty"] == "not understood"
    shown = mica("library", "show", "1")
    assert shown.out == "Angela spoke.\n"
    assert "Check the text." in shown.err
