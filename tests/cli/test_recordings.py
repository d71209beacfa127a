"""What was dictated is listed, and becomes text once more by its number."""

import os
from pathlib import Path

import numpy as np
import pytest

from cli.conftest import RATE_HZ, Mica
from mica import paths
from mica.audio.journal import Journal
from mica.errors import HistoryError
from mica.events import Style, Transcript
from mica.library.store import EntryStatus, Library
from support import rows

LONG_AGO_S = 1.0


@pytest.fixture
def history(home: Path) -> Library:
    return Library(paths.history_file())


def dictated(
    history: Library, status: EntryStatus, text: str = "", seconds: int = 2
) -> int:
    """One with a recording of noise, whose file was not closed."""
    number = history.add(1_000_000.0, Style.RAW)
    journal = Journal.open(paths.journal_folder(), number, RATE_HZ)
    noise = np.random.default_rng(1).standard_normal(seconds * RATE_HZ) / 10
    journal.append(noise.astype("<f4").tobytes())
    os.utime(journal.path, (LONG_AGO_S, LONG_AGO_S))
    history.set_journal(number, journal.path)
    if text:
        history.set_text(number, Transcript(text, "m", float(seconds)))
    history.mark(number, status)
    return number


def test_what_lacks_its_text_is_marked(mica: Mica, history: Library) -> None:
    dictated(history, EntryStatus.INSERTED, "Hello there. " * 9)
    dictated(history, EntryStatus.FAILED, seconds=62)
    dictated(history, EntryStatus.CANCELLED)
    dictated(history, EntryStatus.SPEAKING)
    history.set_journal(
        dictated(history, EntryStatus.FAILED), paths.home() / "gone.wav"
    )
    said = mica("recordings")
    lines = said.out.splitlines()
    assert [line[:8] for line in lines] == [
        "!     4 ", "      3 ", "!     2 ", "      1 "
    ]  # fmt: skip
    assert "  1:02" in lines[2] and lines[1].endswith("(cancelled)")
    assert lines[3].endswith("Hello there. Hello…")


def test_the_newest_twenty_are_listed_unless_all_are_wanted(
    mica: Mica, history: Library
) -> None:
    for _ in range(22):
        dictated(history, EntryStatus.INSERTED, "Hello.", seconds=1)
    assert len(mica("recordings").out.splitlines()) == 20
    assert len(mica("recordings", "--all").out.splitlines()) == 22


def test_one_that_was_interrupted_gets_its_text(
    mica: Mica, history: Library, tiny: Path
) -> None:
    other = dictated(history, EntryStatus.FAILED)
    number = dictated(history, EntryStatus.SPEAKING)
    words = ["--recording", other, "--recording", number, "--model", tiny]
    said = mica("transcribe", *words)
    assert said.code == 0, said.err
    for one in (other, number):
        row = rows.entry(history, one)
        assert row.status is EntryStatus.WRITTEN and row.text in said.out
    assert said.out.strip() != ""


def test_one_that_is_being_recorded_is_left_alone(
    mica: Mica, history: Library, tiny: Path
) -> None:
    number = dictated(history, EntryStatus.SPEAKING)
    recording = rows.entry(history, number).journal
    assert recording is not None
    os.utime(recording)
    said = mica("transcribe", "--recording", number, "--model", tiny)
    assert said.code == 3 and "still under way" in said.line()


def test_a_number_that_has_no_recording_is_said(mica: Mica, history: Library) -> None:
    number = history.add(1.0, Style.RAW)
    for asked in (number, number + 1):
        said = mica("transcribe", "--recording", asked)
        assert said.code == 3 and f"no recording {asked}" in said.line()


def test_one_that_cannot_be_read_leaves_the_others_theirs(
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
    said = mica("transcribe", *words)
    assert said.code == 3 and f"Recording {empty}:" in said.err
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
def test_recordings_and_files_are_not_mixed(mica: Mica, words: list[str]) -> None:
    assert mica("transcribe", *words).code == 2


def test_a_missing_model_is_no_other_model(mica: Mica, history: Library) -> None:
    (paths.home() / "settings.toml").write_text('model = "/mnt/gone/granite"')
    said = mica("transcribe", "--recording", dictated(history, EntryStatus.FAILED))
    assert said.code == 4 and "There is no model" in said.line()


def test_one_in_which_nobody_spoke_is_listed_as_that(
    mica: Mica, history: Library
) -> None:
    dictated(history, EntryStatus.WRITTEN)
    dictated(history, EntryStatus.FAILED)
    lines = mica("recordings").out.splitlines()
    assert "(no speech)" not in lines[0] and lines[1].endswith("(no speech)")


def test_a_number_that_is_not_there_leaves_the_others_theirs(
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
    asked = [word for number in words for word in ("--recording", number)]
    said = mica("transcribe", *asked, "--model", tiny)
    lines = said.err.splitlines()
    assert said.code == 3 and len(lines) >= 3
    for number, line in zip(words[:3], lines, strict=False):
        assert line.startswith(f"mica: There is no recording {number}.")
    assert rows.entry(history, whole).status is EntryStatus.WRITTEN


def test_a_text_that_the_history_refuses_is_printed(
    mica: Mica, history: Library, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HistoryError("The disk is full.", "Free some space.")

    numbers = [dictated(history, EntryStatus.FAILED) for _ in range(2)]
    asked = [word for number in numbers for word in ("--recording", number)]
    texts = mica("transcribe", *asked, "--model", tiny).out
    monkeypatch.setattr(Library, "set_text", refuse)
    said = mica("transcribe", *asked, "--model", tiny)
    assert said.code == HistoryError.exit_code and said.out == texts != ""
    assert "mica: The disk is full. Free some space." in said.err.splitlines()


def test_a_pipe_in_a_recordings_place_is_not_waited_for(
    mica: Mica, history: Library
) -> None:
    recording = rows.entry(history, dictated(history, EntryStatus.FAILED)).journal
    assert recording is not None
    recording.unlink()
    os.mkfifo(recording)
    assert mica("recordings").out == ""
    assert mica("transcribe", "--recording", 1).code == 3


def test_every_recording_is_one_line_that_no_terminal_obeys(
    mica: Mica, history: Library
) -> None:
    dictated(history, EntryStatus.INSERTED, "One\ntwo\t\x1b[31mthree\x07.")
    assert mica("recordings").out.splitlines()[0].endswith("One two [31mthree .")


def test_a_recording_of_a_later_mica_hides_no_other(
    mica: Mica, history: Library
) -> None:
    for column in ("style", "status", "translated_to"):
        number = dictated(history, EntryStatus.FAILED)
        history._database.execute(
            f"update utterance set {column} = 'klingon' where id = ?", (number,)
        )
    history._database.commit()
    assert len(mica("recordings").out.splitlines()) == 3
