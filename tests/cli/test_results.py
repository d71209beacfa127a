"""Where texts go: never over what is there, never half."""

import errno
import os
import unicodedata
from pathlib import Path

import click
import pytest

from mica.cli.results import Results
from mica.events import Transcript

SAID = Transcript("hello", "tiny", 1.0)
SOUND = Path("talk.wav")


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results("text", tmp_path / "out", overwrite=False)


def test_a_result_that_exists_is_kept_and_its_file_left_out(
    results: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    results.prepare([])
    (results.folder / "talk.txt").write_text("notes")
    assert results.prepare([SOUND, Path("b.wav")]) == [Path("b.wav")]
    assert "talk.txt exists already; talk.wav is left out." in capsys.readouterr().err


def test_a_link_to_nowhere_is_something_that_exists(results: Results) -> None:
    results.prepare([])
    (results.folder / "talk.txt").symlink_to("nowhere")
    assert results.prepare([SOUND]) == []


def test_a_result_that_appears_meanwhile_is_kept_and_the_text_printed(
    results: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    assert results.prepare([SOUND]) == [SOUND]
    (results.folder / "talk.txt").write_text("notes")
    assert results.deliver(SAID, SOUND) == 1
    assert (results.folder / "talk.txt").read_text() == "notes"
    told = capsys.readouterr()
    assert told.out == "hello\n"
    assert "cannot be written (File exists). Its text is printed instead." in told.err
    assert len(list(results.folder.iterdir())) == 1


def test_overwrite_takes_its_place_also_behind_a_link(tmp_path: Path) -> None:
    results = Results("text", tmp_path / "out", overwrite=True)
    results.prepare([])
    (tmp_path / "elsewhere.txt").write_text("notes")
    (results.folder / "talk.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert results.prepare([SOUND]) == [SOUND]
    assert results.deliver(SAID, SOUND) == 0
    assert (tmp_path / "elsewhere.txt").read_text() == "hello\n"
    assert (results.folder / "talk.txt").is_symlink()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    results = Results("text", tmp_path / "out", overwrite=overwrite)
    results.prepare([SOUND])
    if overwrite:
        (results.folder / "talk.txt").write_text("notes")

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    assert results.deliver(SAID, SOUND) == 1
    kept = {file.name: file.read_text() for file in results.folder.iterdir()}
    assert kept == ({"talk.txt": "notes"} if overwrite else {})


@pytest.mark.parametrize("refusal", [errno.EPERM, errno.ENOTSUP])
def test_a_volume_without_links_gets_the_result_too(
    results: Results, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(os, "link", refuse)
    results.prepare([SOUND])
    assert results.deliver(SAID, SOUND) == 0
    assert results.deliver(SAID, SOUND) == 1  # it is there by now
    assert [file.name for file in results.folder.iterdir()] == ["talk.txt"]


@pytest.mark.parametrize(
    "names",
    [
        ("a.wav", "a.mp3"),
        ("a.wav", "A.mp3"),
        ("STRASSE.wav", "straße.wav"),
        tuple(
            unicodedata.normalize(form, "Zoë") + ending
            for form, ending in (("NFC", ".wav"), ("NFD", ".mp3"))
        ),
        ("-", "stdin.wav"),
    ],
)
def test_names_that_a_macs_volume_takes_for_one_are_refused(
    results: Results, names: tuple[str, str]
) -> None:
    with pytest.raises(click.UsageError, match="Two results would be called"):
        results.prepare([Path(name) for name in names])
    assert not results.folder.exists()


def test_a_results_file_may_be_read_by_whom_files_may(results: Results) -> None:
    results.prepare([SOUND])
    results.deliver(SAID, SOUND)
    other = results.folder / "other"
    other.write_text("")
    assert (results.folder / "talk.txt").stat().st_mode == other.stat().st_mode
