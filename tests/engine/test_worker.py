"""The real engine process, with a tiny random model, behind the real client."""

import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mica.audio.journal import Journal
from mica.engine import messages as m
from mica.engine.client import (
    Committed,
    EngineClient,
    EngineEvent,
    Failed,
    Finished,
    Hypothesis,
    Ready,
    Restarted,
)
from mica.engine.process import openblas
from mica.engine.transcriber import Transcriber
from mica.errors import EngineError, ModelError
from mica.events import Language, Priority, Style, TranscribeOptions, Transcript
from mica.model.load import load_model
from support.processes import children
from support.sounds import RATE_HZ, Floats, cut, silence, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")

ENGINE = "mica.engine.worker"
OURS = os.environ.get("LD_PRELOAD")  # before any engine was started
TESTS = str(Path(__file__).parent.parent)
#: Noise is speech to it as it is here, see noise_is_speech.
START = f"""import sys; sys.path.append({TESTS!r})
import mica.audio.vad as vad, support.detectors as detectors
vad.SileroVad = detectors.LoudIsSpeech
from mica.engine.worker import main; main()"""
COMMAND = [sys.executable, "-c", START]
LIMIT_S = 60.0


class Engine:
    """A client of the real process, and the events it reported."""

    def __init__(self, folder: Path, command: list[str] | None = None) -> None:
        self.events: queue.Queue[EngineEvent] = queue.Queue()
        self.client = EngineClient(folder, self.events.put, command=command or COMMAND)
        self.client.start()

    def until(self, last: type[EngineEvent]) -> list[EngineEvent]:
        events: list[EngineEvent] = []
        while not events or not isinstance(events[-1], last):
            events.append(self.events.get(timeout=LIMIT_S))
        return events

    def speak(self, utterance: int, samples: Floats, journal: Path | None) -> None:
        self.client.begin(
            utterance, RATE_HZ, TranscribeOptions(Style.RAW, ("Jon",)), journal
        )
        at = 0
        for piece in cut(samples, [441, 3000, 17]):
            self.client.push(utterance, at, piece.tobytes())
            at += len(piece)

    def finish(self, utterance: int, last: int) -> list[EngineEvent]:
        self.client.end(utterance, last)
        return self.until(Finished)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICA_HOME", str(tmp_path / "home"))


@pytest.fixture
def engine(folder: Path, at_home: None) -> Iterator[Engine]:
    engine = Engine(folder)
    yield engine
    engine.client.close()


def spoken() -> Floats:
    parts = [voice(12.1), silence(0.8), voice(2, seed=1), silence(0.5)]
    return np.concatenate(parts)


def in_process(folder: Path, samples: Floats) -> Transcript:
    transcriber = Transcriber(load_model(folder), folder.name)
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW, ("Jon",)))
    transcriber.push(samples)
    return transcriber.finish()[1]


def journalled(folder: Path, samples: Floats) -> Path:
    journal = Journal.open(folder, 1, RATE_HZ)
    journal.append(samples.tobytes())
    return journal.path  # still open, as while the user speaks


def test_engine_process_gives_the_text_of_the_offline_reader(
    engine: Engine, folder: Path
) -> None:
    engine.speak(1, spoken(), None)
    events = engine.finish(1, len(spoken()))
    expected = in_process(folder, spoken())
    assert isinstance(events[-1], Finished)
    transcript = events[-1].transcript
    assert transcript.text == expected.text
    assert transcript.segments == expected.segments
    assert transcript.model == "tiny"
    committed = [event.text for event in events if isinstance(event, Committed)]
    assert " ".join(committed) == transcript.text


def test_release_before_the_model_is_loaded_is_answered_after_loading(
    engine: Engine, folder: Path
) -> None:
    engine.speak(1, spoken()[: 2 * RATE_HZ], None)
    events = engine.finish(1, 2 * RATE_HZ)
    assert isinstance(events[0], Ready)
    assert isinstance(events[-1], Finished)
    expected = in_process(folder, spoken()[: 2 * RATE_HZ])
    assert events[-1].transcript.text == expected.text


def test_translation_is_requested_through_the_process(folder: Path) -> None:
    trained = "import mica.model.config as config; config.GRANITE_TOKENS = 0"
    engine = Engine(folder, [*COMMAND[:2], f"{trained}; {COMMAND[2]}"])
    try:
        [*_, ready] = engine.until(Ready)
        engine.client.begin(
            1,
            RATE_HZ,
            TranscribeOptions(Style.RAW, target_language=Language.GERMAN),
            None,
        )
        engine.client.push(1, 0, voice(2).tobytes())
        [*_, finished] = engine.finish(1, 2 * RATE_HZ)
    finally:
        engine.client.close()
    assert isinstance(ready, Ready) and ready.translates
    assert isinstance(finished, Finished)
    assert finished.transcript.language == "de"
    assert finished.transcript.timing.draft_tokens == 0


def test_live_text_is_sent_while_speaking(engine: Engine) -> None:
    engine.until(Ready)
    engine.client.begin(1, RATE_HZ, TranscribeOptions(Style.RAW), None)
    engine.client.push(1, 0, voice(2).tobytes())
    shown = engine.until(Hypothesis)[-1]
    assert isinstance(shown, Hypothesis)
    assert shown.utterance == 1


def test_unrequested_live_text_is_not_sent(engine: Engine) -> None:
    engine.until(Ready)
    engine.client.begin(1, RATE_HZ, TranscribeOptions(Style.RAW, live=False), None)
    engine.client.push(1, 0, voice(2).tobytes())
    events = engine.finish(1, 2 * RATE_HZ)
    assert not [event for event in events if isinstance(event, Hypothesis)]


def test_an_engine_killed_at_work_is_replayed_and_the_text_arrives(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    engine.until(Ready)
    engine.speak(1, spoken(), journalled(tmp_path, spoken()))
    engine.until(Committed)
    for child in children(ENGINE):
        os.kill(child, signal.SIGKILL)
    events = engine.finish(1, len(spoken()))
    assert Restarted(1) in events
    assert isinstance(events[-1], Finished)
    assert events[-1].transcript.text == in_process(folder, spoken()).text
    assert len([event for event in events if isinstance(event, Committed)]) == 1


def test_two_channels_and_a_dictation_are_open_at_once(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    sounds = meeting()
    engine.until(Ready)
    attend(engine, sounds, tmp_path)
    finished = end_all(engine, sounds)
    assert [event.utterance for event in finished] == [3, 1, 2]
    for event in finished:
        alone = in_process(folder, sounds[event.utterance])
        assert event.transcript.text == alone.text
        assert event.transcript.segments == alone.segments


def test_all_open_utterances_survive_an_engine_killed_at_work(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    sounds = meeting()
    engine.until(Ready)
    attend(engine, sounds, tmp_path)
    engine.until(Committed)
    for child in children(ENGINE):
        os.kill(child, signal.SIGKILL)
    finished = end_all(engine, sounds)
    assert sorted(event.utterance for event in finished) == [1, 2, 3]
    for event in finished:
        alone = in_process(folder, sounds[event.utterance])
        assert event.transcript.text == alone.text


def meeting() -> dict[int, Floats]:
    """Two channels of a meeting (1 and 2) and a dictation (3)."""
    channel = spoken()
    return {1: channel, 2: np.roll(channel, 3 * RATE_HZ), 3: channel[: 3 * RATE_HZ]}


def attend(engine: Engine, sounds: dict[int, Floats], folder: Path) -> None:
    """Push all sounds, each with its own journal, without releasing any."""
    for number, sound in sounds.items():
        priority = Priority.DICTATION if number == 3 else Priority.LIVE
        options = TranscribeOptions(Style.RAW, ("Jon",), priority=priority)
        (folder / str(number)).mkdir()
        journal = journalled(folder / str(number), sound)
        engine.client.begin(number, RATE_HZ, options, journal)
    for at in range(0, len(sounds[1]), RATE_HZ // 4):
        for number, sound in sounds.items():
            if at < len(sound):
                pcm = sound[at : at + RATE_HZ // 4].tobytes()
                engine.client.push(number, at, pcm)


def end_all(engine: Engine, sounds: dict[int, Floats]) -> list[Finished]:
    """Release the utterances by number; return their results in order of arrival."""
    for number, sound in sounds.items():
        engine.client.end(number, len(sound))
    events = [event for _ in sounds for event in engine.until(Finished)]
    return [event for event in events if isinstance(event, Finished)]


def test_worker_is_ready_after_a_cancel(engine: Engine) -> None:
    engine.speak(1, np.concatenate([spoken()] * 6), None)
    engine.client.cancel(1)
    engine.speak(2, spoken()[: 2 * RATE_HZ], None)
    events = engine.finish(2, 2 * RATE_HZ)
    assert {e.utterance for e in events if not isinstance(e, Ready)} == {2}


def test_missing_model_is_reported_at_the_start_and_for_each_utterance(
    tmp_path: Path,
) -> None:
    engine = Engine(tmp_path / "nothing")
    first = engine.until(Failed)[-1]
    engine.speak(1, spoken()[:1000], None)
    engine.client.end(1, 1000)
    anew, second = engine.until(Failed)[-1], engine.until(Failed)[-1]
    engine.client.close()
    failures = [event for event in (first, anew, second) if isinstance(event, Failed)]
    assert [event.utterance for event in failures] == [None, None, 1]
    assert all(isinstance(event.error, ModelError) for event in failures)


def test_output_of_libraries_does_not_break_the_protocol(
    folder: Path, tmp_path: Path
) -> None:
    code = "import mica.engine.worker as w; run = w.Worker.run"
    code += "; w.Worker.run = lambda s: (print('noise', flush=True), run(s)); w.main()"
    engine = Engine(folder, [sys.executable, "-c", code])
    assert isinstance(engine.until(Ready)[-1], Ready)
    engine.client.close()
    assert "noise" in (tmp_path / "home" / "logs" / "engine.log").read_text()


def test_invalid_input_ends_the_worker_with_a_message() -> None:
    child = subprocess.run(
        COMMAND, input=b"\xff" * 50, capture_output=True, timeout=LIMIT_S
    )
    [(header, _)] = m.Unpacker().push(child.stdout)
    failed = m.reply(header)
    assert isinstance(failed, m.Failed)
    assert isinstance(failed.error, EngineError)


def test_worker_ends_when_its_input_does() -> None:
    child = subprocess.run(COMMAND, input=b"", capture_output=True, timeout=LIMIT_S)
    assert child.returncode == 0


@pytest.mark.parametrize("module", ["client", "worker_pipe", "endpointing"])
def test_imports_of_the_app_and_the_pipe_thread_are_free_of_mlx(module: str) -> None:
    code = f"import sys, mica.engine.{module}; sys.exit('mlx.core' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.skipif(openblas() is None, reason="the system has no OpenBLAS")
def test_the_child_has_openblas_and_we_do_not(engine: Engine) -> None:
    engine.until(Ready)
    loaded = [
        "openblas" in Path(f"/proc/{child}/maps").read_text()
        for child in children(ENGINE)
    ]
    assert loaded == [True]
    assert os.environ.get("LD_PRELOAD") == OURS
