"""`mica listen` and `mica` in a terminal, as processes with a virtual microphone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.conftest import Mica
from mica import paths
from mica.audio.journal import is_recorded_now
from mica.library.entries import EntryStatus, Kind
from mica.library.recovery import recover
from mica.library.store import Library
from support import virtual_microphone
from support.sounds import words
from support.virtual_microphone import RATE_HZ, VirtualMicrophone

LIMIT_S = 60.0
COMMAND = [sys.executable, "-m", "mica"]


@pytest.fixture
def microphone(request: pytest.FixtureRequest) -> Iterator[VirtualMicrophone]:
    """A virtual microphone, muted if the test requests it."""
    lacking = virtual_microphone.missing()
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}")
    muted = getattr(request, "param", False)
    with virtual_microphone.virtual_microphone(muted=muted) as running:
        yield running


def spoken(seconds: float) -> np.ndarray:
    return (words(seconds) * 32767).astype(np.int16)


class Listening:
    """A running `mica listen --json` that records from the microphone."""

    def __init__(self, microphone: VirtualMicrophone, model: Path) -> None:
        environment = {**os.environ, **microphone.environment}
        self.process = subprocess.Popen(
            [*COMMAND, "listen", "--json", "--model", str(model)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def until(self, **wanted: Any) -> dict[str, Any]:
        """The first event with these values."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            if all(event.get(name) == value for name, value in wanted.items()):
                return event
        raise AssertionError(self.process.communicate()[1])

    def stderr_line(self) -> str:
        """The next line on stderr; "" at the end."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def end(self) -> str:
        """Wait until it exits with code 0; return the rest of its stderr."""
        err = self.process.communicate(timeout=LIMIT_S)[1]
        assert self.process.returncode == 0, err
        return str(err)


@pytest.fixture
def listening(microphone: VirtualMicrophone, tiny: Path) -> Iterator[Listening]:
    started = Listening(microphone, tiny)
    yield started
    started.process.kill()
    started.process.communicate()


@pytest.fixture
def after_a_second(microphone: VirtualMicrophone, listening: Listening) -> Listening:
    """A Listening that has received a second of speech."""
    listening.until(event="state", state="listening")
    microphone.play(spoken(1.0))
    return listening


def test_listen_transcribes_until_enter(
    microphone: VirtualMicrophone, listening: Listening
) -> None:
    listening.until(event="state", state="listening")
    microphone.play(spoken(1.5))
    assert listening.process.stdin is not None
    listening.process.stdin.write("\n")
    listening.process.stdin.flush()
    final = listening.until(event="final")
    assert final["llm_passes"] > 0
    assert final["key_up_to_text_ms"] >= final["release_to_text_ms"]
    listening.end()
    [recording] = paths.journal_folder().glob("*.wav")
    assert recording.stat().st_size > RATE_HZ * 4
    with closing(Library(paths.history_file())) as library:
        [entry] = library.kept()
    assert (entry.kind, entry.status) == (Kind.CAPTIONS, EntryStatus.WRITTEN)
    assert entry.text == final["text"] and entry.journal == recording


def test_recording_of_a_killed_listen_is_listed_and_transcribed(
    microphone: VirtualMicrophone, after_a_second: Listening, mica: Mica, tiny: Path
) -> None:
    with closing(Library(paths.history_file())) as library:
        [entry] = library.kept()
        assert entry.journal is not None and is_recorded_now(entry.journal)
        assert recover(library, paths.journal_folder()) == []  # the app starts
        after_a_second.process.kill()
        after_a_second.process.wait(LIMIT_S)
        assert mica("library", "list").out.startswith("!     1 ")
        [found] = recover(library, paths.journal_folder())
        assert found.id == entry.id
    result = mica("library", "retry", 1, "--model", tiny)
    assert result.code == 0 and result.out.strip(), result.err


def test_a_private_listen_saves_nothing(
    microphone: VirtualMicrophone, home: Path, tiny: Path
) -> None:
    (home / "settings.toml").write_text("private_dictation = true")
    listening = Listening(microphone, tiny)
    listening.until(event="state", state="listening")
    microphone.play(spoken(1.0))
    listening.process.send_signal(signal.SIGINT)
    assert listening.until(event="final")["text"]
    listening.end()
    assert not list(home.rglob("*.wav")) and not list(home.glob("history*"))


def test_an_interrupt_ends_listen_with_the_text(after_a_second: Listening) -> None:
    after_a_second.process.send_signal(signal.SIGINT)
    assert after_a_second.until(event="final")["llm_passes"] > 0
    after_a_second.end()


@pytest.mark.parametrize("microphone", [True], ids=["muted"], indirect=True)
def test_listen_reports_a_muted_microphone(listening: Listening) -> None:
    assert "silence" in listening.stderr_line()


@pytest.mark.parametrize("microphone", [True], ids=["muted"], indirect=True)
def test_listen_reopens_a_muted_microphone_and_transcribes_it_later(
    microphone: VirtualMicrophone, listening: Listening
) -> None:
    assert any("was opened again" in line for line in iter(listening.stderr_line, ""))
    microphone.muted = False
    listening.until(event="state", state="listening")
    microphone.play(spoken(1.0))
    listening.process.send_signal(signal.SIGINT)
    assert listening.until(event="final")["llm_passes"] > 0
    listening.end()


def test_listen_reports_a_soft_voice(
    microphone: VirtualMicrophone, listening: Listening
) -> None:
    listening.until(event="state", state="listening")
    microphone.play((spoken(3.0) / 200).round().astype(np.int16))
    assert "very quiet" in listening.stderr_line()


def test_listen_transcribes_what_came_before_a_disconnect(
    microphone: VirtualMicrophone, after_a_second: Listening
) -> None:
    microphone.unplug()
    assert after_a_second.until(event="final")["llm_passes"] > 0
    assert "disconnected" in after_a_second.end()


def test_listen_resumes_when_the_microphone_returns(
    microphone: VirtualMicrophone, after_a_second: Listening
) -> None:
    microphone.unplug()
    microphone.plug_in()
    assert any("was away" in line for line in iter(after_a_second.stderr_line, ""))
    microphone.play(spoken(1.0))
    after_a_second.process.send_signal(signal.SIGINT)
    assert after_a_second.until(event="final")["llm_passes"] > 0


def test_mica_without_display_and_microphone_transcribes_the_demo() -> None:
    environment = {**os.environ, "PULSE_SERVER": "unix:/nowhere"}
    environment.pop("DISPLAY", None)
    done = subprocess.run(
        COMMAND, env=environment, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) >= 5
    assert "demo recording" in done.stderr
