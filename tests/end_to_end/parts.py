"""Helpers for the end-to-end tests: speech, commands, windows, clipboard."""

import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from end_to_end import running_app
from mica import paths
from mica.audio import files
from support import xserver
from support.sounds import cough
from support.virtual_microphone import RATE_HZ

LACKING = running_app.missing()
needs_desktop = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.timeout(240),
]
DEMO = paths.resource("demo.wav")
CLIPS = Path(__file__).parents[1] / "pebble" / "clips"
SHORT, OTHER = CLIPS / "05.wav", CLIPS / "06.wav"
TYPES = ("UTF8_STRING", "text/html", "image/png", "application/x-private")
HALF_A_SECOND = np.zeros(RATE_HZ // 2, np.int16)
COUGH = (cough() * 32_767).astype(np.int16)
Samples = NDArray[np.int16]


def spoken(file: Path) -> Samples:
    """A cough, then the speech in a file, followed by half a second of silence."""
    with wave.open(str(file)) as sound:
        assert sound.getframerate() == RATE_HZ
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    return np.concatenate([COUGH, samples, HALF_A_SECOND])


def mica(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a `mica` command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "mica", *words],
        env={**os.environ, "MICA_HOME": str(home), "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def written_from(recording: str, folder: Path) -> str:
    """The output of `mica transcribe` for a recording."""
    done = mica(folder, "transcribe", recording)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def likeness(recording: str, spoken: Samples) -> float:
    """Correlation of a recording with what was played into the microphone."""
    recorded = np.concatenate(list(files.read(Path(recording))))
    size = len(recorded) + len(spoken)
    spectrum = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(spoken, size))
    lag = int(np.fft.irfft(spectrum, size)[: len(recorded)].argmax())
    part = recorded[lag : lag + len(spoken)]
    return float(np.corrcoef(part, spoken[: len(part)])[0, 1])


def clipboard() -> dict[str, bytes]:
    """The clipboard's contents as another program reads them."""
    return {type: copied(type) for type in TYPES}


def copied(type: str) -> bytes:
    command = ["xclip", "-o", "-selection", "clipboard", "-t", type]
    return subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S).stdout


def wait_until_recording(app: running_app.RunningApp, utterance: int) -> None:
    """Wait until the nth row of the library, counted from 0, has samples on disk."""

    def written() -> bool:
        rows = app.rows()[utterance:]
        journal = rows[0]["journal"] if rows else None
        return (
            journal is not None
            and Path(journal).stat().st_size > running_app.HEADER_BYTES
        )

    xserver.until(written)


def window(title: str) -> str:
    """The id of the visible window with this title; "" if none."""
    return xserver.xdotool("search", "--onlyvisible", "--name", f"^{title}$")


def click(title: str) -> None:
    """Click a button in Mica's window with this title."""
    place = ["--window", window(title), "20", "14"]
    xserver.xdotool("mousemove", *place, "click", "1")


def field(folder: Path, title: str) -> tuple[list[str], Path]:
    """The command for a window with a text field, and the file that gets its text."""
    return xserver.qt_program("field", title, str(folder / title)), folder / title


def text_of(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""
