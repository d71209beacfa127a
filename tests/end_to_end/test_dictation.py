"""Hold the key, speak, release: everything real, seen from outside."""

import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xserver
from end_to_end import desk as desks
from end_to_end.desk import Desk, FocusWatch, after, desk, screenshot
from mica import paths
from mica.audio import files
from virtual_microphone import RATE_HZ
from xserver import until, xdotool

LACKING = desks.missing()
DEMO = paths.resource("demo.wav")
SHORT = Path(__file__).parents[1] / "pebble" / "clips" / "05.wav"
HALF_A_SECOND = np.zeros(RATE_HZ // 2, np.int16)
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.timeout(240),
]


@dataclass(frozen=True)
class Speech:
    """Someone speaking, and the words Mica writes for the recording itself."""

    samples: np.ndarray
    words: str


@pytest.fixture(scope="module")
def speeches(tmp_path_factory: pytest.TempPathFactory) -> list[Speech]:
    home = tmp_path_factory.mktemp("words")
    command = [sys.executable, "-m", "mica", "transcribe", "--output", str(home)]
    subprocess.run(
        [*command, str(DEMO), str(SHORT)],
        env={**os.environ, "MICA_HOME": str(home)},
        check=True,
        timeout=120,
    )
    speeches = []
    for file in (DEMO, SHORT):
        words = (home / f"{file.stem}.txt").read_text("utf-8").strip()
        with wave.open(str(file)) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        speeches.append(Speech(np.concatenate([samples, HALF_A_SECOND]), words))
    return speeches


@pytest.fixture(scope="module")
def demo(speeches: list[Speech]) -> Speech:
    assert len(speeches[0].words.split()) >= 8
    return speeches[0]


@pytest.fixture(scope="module")
def short(speeches: list[Speech]) -> Speech:
    assert len(speeches[1].words.split()) >= 4
    return speeches[1]


@pytest.fixture(scope="module")
def app(
    speeches: list[Speech], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    del speeches  # made before the app starts, not beside it
    with desk(tmp_path_factory.mktemp("mica")) as running:
        yield running


@pytest.fixture
def earlier_copy() -> Iterator[None]:
    """Another program has copied text, HTML, an image and a private type."""
    owner = xserver.start(xserver.qt_program("owner"))
    assert owner.stdout is not None and owner.stdout.readline() == b"owned\n"
    yield
    xserver.end(owner)


def clipboard(folder: Path) -> dict[str, Any]:
    """What a third program reads from it now."""
    reader = xserver.start(xserver.qt_program("reader", str(folder / "clipboard.json")))
    assert reader.wait(xserver.WAIT_S) == 0
    xserver.end(reader)
    found: dict[str, Any] = json.loads((folder / "clipboard.json").read_text("utf-8"))
    return found


def field(folder: Path, title: str) -> tuple[list[str], Path]:
    return xserver.qt_program("field", title, str(folder / title)), folder / title


def text_of(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def test_the_words_stand_where_the_cursor_is(app, demo, earlier_copy, tmp_path):
    before = clipboard(tmp_path)
    assert before["text"] and before["html"] and before["pixels"] and before["private"]
    command, file = field(tmp_path, "letter")
    with xserver.program(command, "letter"):
        watch = FocusWatch()
        with app.listening():
            overlay = app.overlay()
            with after(2.0, lambda: screenshot("listening")):
                app.microphone.play(demo.samples)
        row = app.ended()
        focused = watch.close()
        screenshot("inserted")
    assert text_of(file) == demo.words
    assert row["status"] == "inserted" and row["text"] == demo.words
    assert overlay is not None and overlay not in focused
    assert clipboard(tmp_path) == before
    recorded_s = files.duration_s(Path(row["journal"]))
    assert recorded_s is not None and recorded_s >= len(demo.samples) / RATE_HZ


def test_a_dead_engine_costs_time_but_no_words(app, short, tmp_path):
    command, file = field(tmp_path, "report")
    first = app.engine()
    with xserver.program(command, "report"):
        with app.listening(), after(1.0, lambda: os.kill(first, signal.SIGKILL)):
            app.microphone.play(short.samples)
        row = app.ended()
    assert (row["status"], text_of(file)) == ("inserted", short.words)
    assert app.engine() != first
    assert "started anew" in app.said()


def test_text_never_goes_into_a_window_that_was_not_asked(app, short, tmp_path):
    command, first = field(tmp_path, "first")
    other, second = field(tmp_path, "second")
    with ExitStack() as windows:
        windows.enter_context(xserver.program(command, "first"))
        with app.listening():
            app.microphone.play(short.samples)
            # a dialogue pops up while the key is down
            windows.enter_context(xserver.program(other, "second"))
        row = app.ended()
        screenshot("focus-changed")
        assert row["status"] == "copied" and row["text"] == short.words
        assert text_of(first) == "" and text_of(second) == ""
        assert "Another window" in row["error"]
        assert clipboard(tmp_path)["text"] == short.words


def test_a_microphone_of_zeros_is_named(app, tmp_path):
    command, file = field(tmp_path, "quiet")
    with xserver.program(command, "quiet"):
        app.microphone.muted = True
        with app.listening():
            until(lambda: "only silence" in app.said())
            screenshot("zeros")
        app.microphone.muted = False
        assert app.ended()["text"] == "" and text_of(file) == ""


def test_a_second_start_shows_the_first(app):
    again = subprocess.run(
        [sys.executable, "-m", "mica"],
        env={**os.environ, "MICA_HOME": str(app.home), "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode == 0 and "running already" in again.stderr
    find = ["search", "--onlyvisible", "--name", "^Keywords$"]
    until(lambda: xdotool("getactivewindow") in xdotool(*find).split())
    screenshot("keywords")


def test_a_vanishing_microphone_keeps_what_was_said(app, short, tmp_path):
    command, file = field(tmp_path, "last")
    with xserver.program(command, "last"):
        with app.listening():
            app.microphone.play(short.samples)
            app.microphone.unplug()
            until(lambda: "microphone was lost" in app.said())
            screenshot("vanished")
        row = app.ended()
    assert (row["status"], text_of(file)) == ("inserted", short.words)


def test_no_microphone_is_said_and_nothing_breaks(tmp_path):
    (tmp_path / "home").mkdir()
    with desk(tmp_path / "home", plugged=False) as app:
        for _ in range(2):
            pressed = len(app.rows())
            with app.held_key():
                until(lambda pressed=pressed: len(app.rows()) > pressed)
                row = app.ended()
            assert row["status"] == "failed" and "microphone" in row["error"]
        screenshot("no-microphone")
