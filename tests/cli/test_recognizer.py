"""The engine behind the commands, when the disk is full."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cli.conftest import RATE_HZ
from mica.audio import journal
from mica.cli.recognizer import Recognizer
from mica.errors import JournalError
from mica.events import Style, TranscribeOptions

SECONDS = 4
NOISE = (np.random.default_rng(1).standard_normal(RATE_HZ) / 10).astype(np.float32)


@pytest.fixture
def recognizer(tiny: Path) -> Iterator[Recognizer]:
    """A recognizer whose engine has been started, without a limit on file sizes yet."""
    with Recognizer(str(tiny), lambda event: None) as made:
        yield made


@pytest.fixture
def full_disk(recognizer: Recognizer) -> Iterator[None]:
    """Limit this process's files to 100 kB from now on: 1.5 s of recording."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_is_reported_and_speech_is_still_transcribed(
    recognizer: Recognizer, full_disk: None, tmp_path: Path
) -> None:
    recognizer.begin(RATE_HZ, TranscribeOptions(Style.RAW), tmp_path)
    for _ in range(SECONDS):
        recognizer.push(NOISE)
    assert recognizer.disk_error is not None
    assert "cannot be written" in recognizer.disk_error.line()
    assert recognizer.finish().duration_s == SECONDS
    [recording] = tmp_path.glob("*.wav")
    assert 90_000 < recording.stat().st_size <= 100_000


def test_a_file_on_a_full_disk_is_an_error(
    recognizer: Recognizer, full_disk: None
) -> None:
    with pytest.raises(JournalError, match="cannot be written"):
        recognizer.transcribe([NOISE] * SECONDS, TranscribeOptions())


KILLED = """
import os, sys
import numpy as np
from mica.audio import journal
from mica.cli.recognizer import Recognizer
from mica.events import TranscribeOptions
with Recognizer(sys.argv[1], lambda event: None) as recognizer:
    recognizer.begin(16_000, TranscribeOptions(), None)
    recognizer.push(np.ones(160_000, np.float32))
    recognizer.poll()
    print("reads", flush=True)
    os.kill(os.getpid(), 9)
"""


def test_killed_transcription_leaves_no_sound(tiny: Path, home: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tiny)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "reads\n", done.stderr
    large = [f for f in home.rglob("*") if f.is_file() and f.stat().st_size > 100_000]
    assert large == []


def test_a_recording_that_is_not_kept_is_gone_when_the_recognizer_closes(
    tiny: Path,
) -> None:
    with Recognizer(str(tiny), lambda event: None) as recognizer:
        path = recognizer.begin(RATE_HZ, TranscribeOptions(), None)
        recognizer.push(NOISE)
        assert journal.extent(path)[0] == RATE_HZ
        recognizer.finish()
    assert not path.exists()
