"""Hold the key, speak, release: everything real, seen from outside."""

import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import xserver
from end_to_end import desk as desks
from end_to_end.desk import RIGHT_ALT, Desk, FocusWatch, after, desk, screenshot
from mica import paths
from mica.audio import files
from virtual_microphone import RATE_HZ
from xserver import until, xdotool

LACKING = desks.missing()
DEMO = paths.resource("demo.wav")
SHORT = Path(__file__).parents[1] / "pebble" / "clips" / "05.wav"
TYPES = ("UTF8_STRING", "text/html", "image/png", "application/x-private")
HALF_A_SECOND = np.zeros(RATE_HZ // 2, np.int16)
Samples = NDArray[np.int16]
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.timeout(240),
]


def spoken(file: Path) -> Samples:
    """Someone speaking, and a little silence after it."""
    with wave.open(str(file)) as sound:
        assert sound.getframerate() == RATE_HZ
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    return np.concatenate([samples, HALF_A_SECOND])


def written_from(recording: str, folder: Path) -> str:
    """What `mica transcribe` makes of the very samples that were recorded."""
    done = subprocess.run(
        [sys.executable, "-m", "mica", "transcribe", recording],
        env={**os.environ, "MICA_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.strip()


def likeness(recording: str, said: Samples) -> float:
    """Correlation of a recording with what was said into the microphone."""
    heard = np.concatenate(list(files.read(Path(recording))))
    size = len(heard) + len(said)
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size))
    lag = int(np.fft.irfft(spectrum, size)[: len(heard)].argmax())
    part = heard[lag : lag + len(said)]
    return float(np.corrcoef(part, said[: len(part)])[0, 1])


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("mica")) as running:
        yield running


@pytest.fixture
def earlier_copy(app: Desk) -> Iterator[None]:
    """Another program has copied text, HTML, an image and a private type."""
    del app  # its display must be there
    owner = xserver.start(xserver.qt_program("owner"))
    assert owner.stdin is not None and owner.stdout is not None
    owner.stdin.write(b"\n")
    owner.stdin.flush()
    assert owner.stdout.readline() == b"owned\n"
    yield
    xserver.end(owner)


def clipboard() -> dict[str, bytes]:
    """What a third program reads from it now."""
    return {type: copied(type) for type in TYPES}


def copied(type: str) -> bytes:
    command = ["xclip", "-o", "-selection", "clipboard", "-t", type]
    return subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S).stdout


def field(folder: Path, title: str) -> tuple[list[str], Path]:
    return xserver.qt_program("field", title, str(folder / title)), folder / title


def text_of(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def test_the_words_stand_where_the_cursor_is(app, earlier_copy, tmp_path):
    before, demo = clipboard(), spoken(DEMO)
    assert all(before.values())
    command, file = field(tmp_path, "letter")
    with xserver.program(command, "letter"):
        watch = FocusWatch()
        with app.listening():
            overlay = app.overlay()
            with after(2.0, lambda: screenshot("listening")):
                app.microphone.play(demo)
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
        focused = watch.close()
        screenshot("inserted")
    assert row["status"] == "inserted"
    assert overlay is not None and overlay not in focused
    assert clipboard() == before
    assert likeness(row["journal"], demo) > 0.9  # resampled twice, at another phase
    assert text_of(file) == written_from(row["journal"], tmp_path)
    assert len(text_of(file).split()) >= 4


def test_a_tap_listens_until_the_next_tap(app, tmp_path):
    command, file = field(tmp_path, "tapped")
    with xserver.program(command, "tapped"):
        with app.latched():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9


def test_a_chord_is_no_dictation(app, tmp_path):
    command, file = field(tmp_path, "chord")
    with xserver.program(command, "chord"):
        before = len(app.rows())
        xdotool("keydown", RIGHT_ALT)
        until(lambda: len(app.rows()) > before)
        xdotool("key", "F5")
        xdotool("keyup", RIGHT_ALT)
        assert app.ended()["status"] == "cancelled"
        until(lambda: app.overlay() is None)
    assert text_of(file) == ""


def test_a_dead_engine_costs_time_but_no_words(app, tmp_path):
    command, file = field(tmp_path, "report")
    first = app.engine()
    with xserver.program(command, "report"):
        with app.listening(), after(1.0, lambda: os.kill(first, signal.SIGKILL)):
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert app.engine() != first
    assert "started anew" in app.said()
    assert text_of(file) == written_from(row["journal"], tmp_path) != ""


def test_text_never_goes_into_a_window_that_was_not_asked(app, tmp_path):
    command, first = field(tmp_path, "first")
    other, second = field(tmp_path, "second")
    with ExitStack() as windows:
        windows.enter_context(xserver.program(command, "first"))
        with app.listening():
            app.microphone.play(spoken(SHORT))
            # a dialogue pops up while the key is down
            windows.enter_context(xserver.program(other, "second"))
        row = app.ended()
        screenshot("focus-changed")
        assert row["status"] == "copied" and row["text"]
        assert text_of(first) == "" and text_of(second) == ""
        assert "Another window" in row["error"]
        assert copied("UTF8_STRING").decode() == row["text"]


def test_a_microphone_of_zeros_is_named(app, tmp_path):
    command, file = field(tmp_path, "quiet")
    with xserver.program(command, "quiet"):
        app.microphone.mute()
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


def test_a_vanishing_microphone_keeps_what_was_said(app, tmp_path):
    command, file = field(tmp_path, "last")
    with xserver.program(command, "last"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
            app.microphone.unplug()
            until(lambda: "microphone was lost" in app.said())
        row = app.ended()
        screenshot("vanished")
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9
    assert text_of(file) == written_from(row["journal"], tmp_path) != ""


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
