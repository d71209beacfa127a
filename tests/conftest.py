"""Every test gets its own MICA_HOME, and no screen unless it starts one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.detectors import LoudIsSpeech

os.environ["QT_QPA_PLATFORM"] = "offscreen"

# The same examples on every run, so that a failure is due to the change being tested;
# no deadline, because machines are noisy. HYPOTHESIS_PROFILE=default tries new ones.
settings.register_profile("mica", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "mica"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured (record_property), which pytest would not print."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch) -> Path:
    """The MICA_HOME of this test."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MICA_HOME", str(folder))
    return folder


@pytest.fixture(scope="module")
def noise_is_speech() -> Iterator[None]:
    """The detector of speech takes every loud sound for speech."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mica.audio.vad.SileroVad", LoudIsSpeech)
        yield


@pytest.fixture(scope="module")
def decoder_is_trusted() -> Iterator[None]:
    """Random weights, whose two readings never agree, count as sure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mica.engine.agreement.FAR", float("inf"))
        patch.setattr("mica.engine.agreement.SURE", 0.0)
        yield
