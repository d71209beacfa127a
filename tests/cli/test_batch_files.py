"""Writing output files: no file is overwritten, and none is incomplete."""

import errno
import os
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from mica.cli.batch_files import ResultFiles, open_sound
from mica.events import Transcript

TRANSCRIPT = Transcript("hello", "tiny", 1.0)
SOUND = Path("talk.wav")


@pytest.fixture
def results(tmp_path: Path) -> ResultFiles:
    return ResultFiles("text", tmp_path / "out", overwrite=False)


def test_an_existing_result_is_kept_and_its_file_skipped(
    results: ResultFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    results.prepare([])
    (results.folder / "talk.txt").write_text("notes")
    assert results.prepare([SOUND, Path("b.wav")]) == [Path("b.wav")]
    assert (
        "talk.txt already exists, so talk.wav was skipped." in capsys.readouterr().err
    )


def test_a_dangling_link_counts_as_an_existing_result(results: ResultFiles) -> None:
    results.prepare([])
    (results.folder / "talk.txt").symlink_to("nowhere")
    assert results.prepare([SOUND]) == []


def test_a_result_created_meanwhile_is_kept_and_the_text_printed(
    results: ResultFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert results.prepare([SOUND]) == [SOUND]
    (results.folder / "talk.txt").write_text("notes")
    assert results.deliver(TRANSCRIPT, SOUND) == 1
    assert (results.folder / "talk.txt").read_text() == "notes"
    output = capsys.readouterr()
    assert output.out == "hello\n"
    assert "couldn’t be saved (File exists). The text is printed instead." in output.err
    assert len(list(results.folder.iterdir())) == 1


def test_overwrite_replaces_the_target_of_a_link(tmp_path: Path) -> None:
    results = ResultFiles("text", tmp_path / "out", overwrite=True)
    results.prepare([])
    (tmp_path / "elsewhere.txt").write_text("notes")
    (results.folder / "talk.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert results.prepare([SOUND]) == [SOUND]
    assert results.deliver(TRANSCRIPT, SOUND) == 0
    assert (tmp_path / "elsewhere.txt").read_text() == "hello\n"
    assert (results.folder / "talk.txt").is_symlink()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_an_existing_result_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    results = ResultFiles("text", tmp_path / "out", overwrite=overwrite)
    results.prepare([SOUND])
    if overwrite:
        (results.folder / "talk.txt").write_text("notes")

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    assert results.deliver(TRANSCRIPT, SOUND) == 1
    files = {file.name: file.read_text() for file in results.folder.iterdir()}
    assert files == ({"talk.txt": "notes"} if overwrite else {})


@pytest.mark.parametrize("refusal", [errno.EPERM, errno.ENOTSUP])
def test_a_volume_without_hard_links_gets_the_result(
    results: ResultFiles, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(os, "link", refuse)
    results.prepare([SOUND])
    assert results.deliver(TRANSCRIPT, SOUND) == 0
    assert results.deliver(TRANSCRIPT, SOUND) == 1  # the file exists by now
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
def test_names_that_differ_only_by_case_are_refused_on_a_mac_volume(
    results: ResultFiles, names: tuple[str, str]
) -> None:
    with pytest.raises(click.UsageError, match="Two files would both be saved as"):
        results.prepare([Path(name) for name in names])
    assert not results.folder.exists()


def test_a_result_has_the_permissions_of_a_new_file(results: ResultFiles) -> None:
    results.prepare([SOUND])
    results.deliver(TRANSCRIPT, SOUND)
    other = results.folder / "other"
    other.write_text("")
    assert (results.folder / "talk.txt").stat().st_mode == other.stat().st_mode


def test_only_pipes_and_devices_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def slow(*_: object) -> Iterator[None]:
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join(10)
        yield

    monkeypatch.setattr("mica.cli.batch_files.WAITING_NOTE_S", 0.01)
    monkeypatch.setattr("mica.cli.batch_files.files.opened", slow)
    sound, pipe = tmp_path / "talk.wav", tmp_path / "pipe.wav"
    sound.write_bytes(b"RIFF")
    os.mkfifo(pipe)
    for path in (sound, pipe, tmp_path / "missing.wav"):
        with open_sound(path):
            pass
    assert capsys.readouterr().err.count("Waiting for audio") == 1
