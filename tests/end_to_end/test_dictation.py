"""Hold the key, speak, release: everything real, seen from outside."""

import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import virtual_microphone
import xserver
from end_to_end.desk import Desk, FocusWatch, desk, screenshot
from mica import paths
from mica.audio import files
from xserver import until

LACKING = [*xserver.missing(), *virtual_microphone.missing()]
DEMO = paths.resource("demo.wav")
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.timeout(240),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("mica")) as running:
        yield running


@pytest.fixture(scope="module")
def demo() -> np.ndarray:
    with wave.open(str(DEMO)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What Mica writes for the recording itself."""
    home = tmp_path_factory.mktemp("words")
    done = subprocess.run(
        [sys.executable, "-m", "mica", "transcribe", str(DEMO)],
        env={**os.environ, "MICA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert len(done.stdout.split()) >= 8
    return done.stdout.strip()


@pytest.fixture
def earlier_copy() -> Iterator[None]:
    """Another program has copied text, HTML, an image and a private type."""
    owner = xserver.start(xserver.qt_program("owner"))
    assert owner.stdout is not None and owner.stdout.readline() == b"owned\n"
    yield
    xserver.end(owner)


def clipboard(folder: Path) -> dict[str, Any]:
    reader = xserver.start(xserver.qt_program("reader", str(folder / "clipboard.json")))
    assert reader.wait(xserver.WAIT_S) == 0
    xserver.end(reader)
    found: dict[str, Any] = json.loads((folder / "clipboard.json").read_text("utf-8"))
    return found


def field(folder: Path, title: str) -> tuple[list[str], Path]:
    return xserver.qt_program("field", title, str(folder / title)), folder / title


def text_of(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def test_the_words_stand_where_the_cursor_is(app, demo, words, earlier_copy, tmp_path):
    before = clipboard(tmp_path)
    assert before["text"] and before["html"] and before["pixels"] and before["private"]
    command, file = field(tmp_path, "letter")
    with xserver.program(command, "letter"):
        watch = FocusWatch()
        with app.held_key():
            overlay = app.overlay()
            app.microphone.play(demo[: len(demo) // 2])
            screenshot("listening")
            app.microphone.play(demo[len(demo) // 2 :])
        row = app.wait_for_status("inserted", "copied", "failed")
        until(lambda: text_of(file) == words)
        focused = watch.close()
    assert row["status"] == "inserted" and row["text"] == words
    assert overlay is not None and overlay not in focused
    assert clipboard(tmp_path) == before
    recorded_s = files.duration_s(Path(row["journal"]))
    assert recorded_s is not None and recorded_s >= len(demo) / 16_000


def test_a_dead_engine_costs_time_but_no_words(app, demo, words, tmp_path):
    command, file = field(tmp_path, "report")
    with xserver.program(command, "report"):
        with app.held_key():
            app.microphone.play(demo[: len(demo) // 2])
            os.kill(app.engine(), signal.SIGKILL)
            app.microphone.play(demo[len(demo) // 2 :])
        row = app.wait_for_status("inserted", "copied", "failed")
        assert row["status"] == "inserted"
        until(lambda: text_of(file) == words)


def test_text_never_goes_into_a_window_that_was_not_asked(app, demo, words, tmp_path):
    command, first = field(tmp_path, "first")
    other, second = field(tmp_path, "second")
    with xserver.program(command, "first"):
        with app.held_key():
            app.microphone.play(demo)
        with xserver.program(other, "second"):
            row = app.wait_for_status("inserted", "copied", "failed")
            screenshot("focus-changed")
            assert row["status"] == "copied" and row["text"] == words
            assert text_of(first) == "" and text_of(second) == ""
            assert clipboard(tmp_path)["text"] == words


def test_a_microphone_of_zeros_is_named(app, tmp_path):
    command, file = field(tmp_path, "quiet")
    with xserver.program(command, "quiet"):
        app.microphone.muted = True
        with app.held_key():
            app.microphone.play(np.zeros(24_000, np.int16))
            screenshot("zeros")
        app.microphone.muted = False
        until(lambda: app.rows()[-1]["status"] not in ("speaking", "working"), 30)
        assert text_of(file) == ""


def test_a_second_start_shows_the_first(app):
    again = subprocess.run(
        [sys.executable, "-m", "mica"],
        env={**os.environ, "MICA_HOME": str(app.home), "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert again.returncode == 0 and "running already" in again.stderr
    find = ["xdotool", "search", "--onlyvisible", "--name", "^Keywords$"]
    until(lambda: subprocess.run(find, capture_output=True).returncode == 0)
    screenshot("keywords")


def test_a_vanishing_microphone_keeps_what_was_said(app, demo, words, tmp_path):
    command, file = field(tmp_path, "last")
    with xserver.program(command, "last"):
        with app.held_key():
            app.microphone.play(demo)
            app.microphone.unplug()
            row = app.wait_for_status("inserted", "copied", "failed")
            screenshot("vanished")
        assert row["text"] == words
        until(lambda: text_of(file) == words)


def test_no_microphone_is_said_and_nothing_breaks(tmp_path):
    (tmp_path / "home").mkdir()
    with desk(tmp_path / "home", plugged=False) as app:
        for _ in range(2):
            with app.held_key():
                screenshot("no-microphone")
            until(lambda: app.rows()[-1]["status"] == "failed")
        assert "microphone" in app.rows()[-1]["error"]
