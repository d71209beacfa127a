"""The decoding process: a failure in it costs only one file."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mica.audio import files
from mica.errors import AudioFileError
from support.wav_files import tone, write_wav

CRASH = "import os, signal; os.kill(os.getpid(), signal.{})"


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "a.wav", tone(1.0, 16_000), 16_000)


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_decoder_crash_is_one_error_line(sound, monkeypatch, name):
    command = (sys.executable, "-c", CRASH.format(name))
    monkeypatch.setattr(files, "COMMAND", command)
    with pytest.raises(AudioFileError) as caught:
        list(files.read(sound))
    assert caught.value.line() == (
        "a.wav cannot be read: decoding it crashed. Convert it to M4A, MP3 or WAV."
    )


def test_decoder_crash_in_the_middle_of_a_file_is_one_error_line(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(600.0, 16_000), 16_000)
    pieces = files.read(path)
    next(pieces)
    for child in decoders():
        os.kill(child, 9)
    with pytest.raises(AudioFileError, match="decoding it crashed"):
        list(pieces)


def test_reader_that_stops_ends_the_decoder(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(600.0, 16_000), 16_000)
    pieces = files.read(path)
    next(pieces)
    assert len(decoders()) == 1
    pieces.close()
    assert decoders() == []


def test_decoder_imports_nothing_from_the_current_folder(sound, tmp_path, monkeypatch):
    for name in ("av", "json", "struct", "mica", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    assert len(np.concatenate(list(files.read(sound)))) == 16_000


def test_disk_error_while_reading_is_reported(tmp_path, monkeypatch):
    reading, writing = os.pipe()
    os.write(writing, b"RIFF" + bytes(1000))
    os.close(writing)
    home = tmp_path / "home"
    home.mkdir()
    (home / "scratch").write_text("in the way")
    monkeypatch.setenv("MICA_HOME", str(home))
    with pytest.raises(AudioFileError, match=r"cannot be read \(File exists\)"):
        list(files.read(Path(f"/dev/fd/{reading}")))
    os.close(reading)


def decoders() -> list[int]:
    """The running decoding processes that this process started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True
    )
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return [
        int(row[0])
        for row in rows
        if int(row[1]) == os.getpid() and row[2][0] != "Z" and "--decode" in row[3]
    ]
