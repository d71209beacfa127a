"""What the end-to-end tests say, and where they look: speech, windows, clipboard."""

import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from end_to_end import desk
from mica import paths
from mica.audio import files
from support import xserver
from support.virtual_microphone import RATE_HZ

LACKING = desk.missing()
needs_a_desk = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.timeout(240),
]
DEMO = paths.resource("demo.wav")
CLIPS = Path(__file__).parents[1] / "pebble" / "clips"
SHORT, OTHER = CLIPS / "05.wav", CLIPS / "06.wav"
TYPES = ("UTF8_STRING", "text/html", "image/png", "application/x-private")
HALF_A_SECOND = np.zeros(RATE_HZ // 2, np.int16)
Samples = NDArray[np.int16]


def spoken(file: Path) -> Samples:
    """Someone speaking, and a little silence after it."""
    with wave.open(str(file)) as sound:
        assert sound.getframerate() == RATE_HZ
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    return np.concatenate([samples, HALF_A_SECOND])


def mica(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command of ours, as a user gives it."""
    return subprocess.run(
        [sys.executable, "-m", "mica", *words],
        env={**os.environ, "MICA_HOME": str(home), "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def written_from(recording: str, folder: Path) -> str:
    """What `mica transcribe` makes of the very samples that were recorded."""
    done = mica(folder, "transcribe", recording)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def likeness(recording: str, spoken: Samples) -> float:
    """Correlation of a recording with what was said into the microphone."""
    recorded = np.concatenate(list(files.read(Path(recording))))
    size = len(recorded) + len(spoken)
    spectrum = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(spoken, size))
    lag = int(np.fft.irfft(spectrum, size)[: len(recorded)].argmax())
    part = recorded[lag : lag + len(spoken)]
    return float(np.corrcoef(part, spoken[: len(part)])[0, 1])


def clipboard() -> dict[str, bytes]:
    """What a third program reads from it now."""
    return {type: copied(type) for type in TYPES}


def copied(type: str) -> bytes:
    command = ["xclip", "-o", "-selection", "clipboard", "-t", type]
    return subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S).stdout


def wait_until_recording(app: desk.RunningApp, utterance: int) -> None:
    """That one of the history, counted from 0, has samples on the disk."""

    def written() -> bool:
        rows = app.rows()[utterance:]
        journal = rows[0]["journal"] if rows else None
        return journal is not None and Path(journal).stat().st_size > desk.HEADER_BYTES

    xserver.until(written)


def window(title: str) -> str:
    """The id of a window that is visible; "" where none is."""
    return xserver.xdotool("search", "--onlyvisible", "--name", f"^{title}$")


def click(title: str) -> None:
    """On that button of ours."""
    place = ["--window", window(title), "20", "14"]
    xserver.xdotool("mousemove", *place, "click", "1")


def field(folder: Path, title: str) -> tuple[list[str], Path]:
    """A text window's command, and the file that holds what stands in it."""
    return xserver.qt_program("field", title, str(folder / title)), folder / title


def text_of(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""
