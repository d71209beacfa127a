"""Nothing that was said is on disk after it was deleted, or if it was private."""

import subprocess
from itertools import pairwise
from pathlib import Path

from end_to_end.parts import (
    OTHER,
    SHORT,
    field,
    mica,
    needs_desktop,
    spoken,
    text_of,
)
from end_to_end.running_app import RunningApp
from support import xserver
from support.xserver import until

pytestmark = needs_desktop


def files_with(home: Path, text: str) -> list[str]:
    """The files that have two neighboring words of a text, or are recordings."""
    pairs = [f"{first} {second}".encode() for first, second in pairwise(text.split())]
    assert len(pairs) > 1
    files = [file for file in home.rglob("*") if file.is_file()]
    return [
        str(file)
        for file in files
        if file.suffix == ".wav" or any(p in file.read_bytes() for p in pairs)
    ]


def dictated(app: RunningApp, folder: Path, title: str, file: Path) -> str:
    """Dictate into a text field; returns its text."""
    command, text = field(folder, title)
    with xserver.program(command, title):
        with app.held_key():
            app.microphone.play(spoken(file))
        until(lambda: text_of(text) != "", 60.0)
    return text_of(text)


def test_deleting_everything_leaves_no_word_in_a_running_apps_files(
    app: RunningApp, tmp_path: Path
) -> None:
    text = dictated(app, tmp_path, "letter", SHORT)
    assert app.ended()["text"] == text
    assert mica(app.home, "tell", "copy-last").returncode == 0
    assert files_with(app.home, text) != []
    done = mica(app.home, "library", "delete", "--all", "--yes")
    assert done.returncode == 0, done.stderr
    assert files_with(app.home, text) == []
    assert "no dictation" in mica(app.home, "tell", "copy-last").stderr


def test_a_private_dictation_is_in_no_file_before_and_after_a_crash(
    app: RunningApp, tmp_path: Path
) -> None:
    assert mica(app.home, "tell", "private", "on").returncode == 0
    rows = len(app.rows())
    text = dictated(app, tmp_path, "diary", OTHER)
    assert files_with(app.home, text) == [] and len(app.rows()) == rows
    assert mica(app.home, "tell", "copy-last").returncode == 0
    until(lambda: clipboard_text() == text)
    assert files_with(app.home, text) == []
    with app.held_key():
        app.microphone.play(spoken(OTHER))
        app.crash()
    assert files_with(app.home, text) == [] and len(app.rows()) == rows
    assert "No recordings" in mica(app.home, "library", "list").stderr
    assert mica(app.home, "tell", "private", "off").returncode == 0
    dictated(app, tmp_path, "note", SHORT)
    assert len(app.rows()) == rows + 1


def clipboard_text() -> str:
    command = ["xclip", "-o", "-selection", "clipboard"]
    done = subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S)
    return done.stdout.decode()
