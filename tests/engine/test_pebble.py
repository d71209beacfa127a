"""The engine process with the bundled model and the demo recording: real text."""

import os
import queue
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mica import paths
from mica.audio.journal import Journal
from mica.engine.client import (
    EngineClient,
    EngineEvent,
    Finished,
    Ready,
    Restarted,
)
from mica.engine.process import environment
from mica.events import Language, Style, TranscribeOptions
from support.processes import children
from support.sounds import RATE_HZ, Floats, cut, silence, voice

COMMAND = [sys.executable, "-m", "mica", "--engine"]
LIMIT_S = 90.0


class Engine:
    """A client of the real process, and the events it reported."""

    def __init__(self) -> None:
        self.events: queue.Queue[EngineEvent] = queue.Queue()
        self.client = EngineClient(
            paths.embedded_model(), self.events.put, command=COMMAND
        )
        self.client.start()

    def until(self, last: type[EngineEvent]) -> list[EngineEvent]:
        events: list[EngineEvent] = []
        while not events or not isinstance(events[-1], last):
            events.append(self.events.get(timeout=LIMIT_S))
        return events


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("MICA_HOME", str(tmp_path / "home"))
    engine = Engine()
    yield engine
    engine.client.close()


@pytest.fixture(scope="module")
def demo() -> Floats:
    with wave.open(str(paths.resource("demo.wav"))) as opened:
        assert opened.getframerate() == RATE_HZ
        data = opened.readframes(opened.getnframes())
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)


PLAIN_PATH = """
import sys
import numpy as np
from pathlib import Path
from mica.engine.offline import finish
from mica.engine.endpointing import Segmenter
from mica.events import Style, TranscribeOptions
from mica.model.load import load_model

model, samples = load_model(Path(sys.argv[1])), np.load(sys.argv[2])
segmenter = Segmenter()
for p in [*segmenter.push(samples), *segmenter.finish()]:
    print(finish(model, samples[p.start : p.stop], TranscribeOptions(Style.RAW)).text)
"""


@pytest.fixture(scope="module")
def expected(demo: Floats, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The offline reader's raw text of each segment, decoded alone, with fast BLAS."""
    file = tmp_path_factory.mktemp("demo") / "demo.npy"
    np.save(file, demo)
    done = subprocess.run(
        [sys.executable, "-c", PLAIN_PATH, str(paths.embedded_model()), str(file)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT_S,
    )
    return " ".join(done.stdout.split())


def push(engine: Engine, samples: Floats, sizes: list[int], journal: Path) -> None:
    engine.client.begin(1, RATE_HZ, TranscribeOptions(Style.RAW), journal)
    at = 0
    for piece in cut(samples, sizes):
        engine.client.push(1, at, piece.tobytes())
        at += len(piece)


def journalled(folder: Path, samples: Floats) -> Path:
    journal = Journal.open(folder, 1, RATE_HZ)
    journal.append(samples.tobytes())
    journal.close()
    return journal.path


def text(events: list[EngineEvent]) -> str:
    assert isinstance(events[-1], Finished)
    return events[-1].transcript.text


def test_the_demo_has_words(expected: str) -> None:
    assert len(expected.split()) >= 5


def test_pebble_does_not_translate_and_writes_the_spoken_words(
    engine: Engine, demo: Floats, expected: str, tmp_path: Path
) -> None:
    journal = journalled(tmp_path, demo)
    engine.client.begin(
        1,
        RATE_HZ,
        TranscribeOptions(Style.RAW, target_language=Language.FRENCH),
        journal,
    )
    engine.client.push(1, 0, demo.tobytes())
    engine.client.end(1, len(demo))
    [*_, finished] = engine.until(Finished)
    assert isinstance(finished, Finished)
    assert (finished.transcript.text, finished.transcript.language) == (expected, None)
    [note] = finished.transcript.notes
    assert "“pebble” can’t translate" in note
    assert "IBM’s Granite Speech models can." in note


def test_random_pieces_give_the_text_of_the_offline_reader(
    engine: Engine, demo: Floats, expected: str, tmp_path: Path
) -> None:
    sizes = np.random.default_rng(11).integers(1, 4000, 40).tolist()
    push(engine, demo, sizes, journalled(tmp_path, demo))
    engine.client.end(1, len(demo))
    assert text(engine.until(Finished)) == expected


@pytest.mark.parametrize("paced", [True, False], ids=["paced", "at once"])
def test_knock_and_pause_before_the_words_lose_none_of_them(
    engine: Engine, demo: Floats, expected: str, tmp_path: Path, paced: bool
) -> None:
    engine.until(Ready)
    knock = np.exp(-np.arange(RATE_HZ // 2) / 500) * voice(0.5, level=0.2)
    samples = np.concatenate([silence(0.3), knock, silence(13), demo, knock])
    samples = samples.astype(np.float32)
    journal = journalled(tmp_path, samples)
    push(engine, samples, [320 if paced else len(samples)], journal)
    engine.client.end(1, len(samples))
    assert text(engine.until(Finished)) == expected


def test_cough_gives_no_text_and_the_next_utterance_is_transcribed(
    engine: Engine, demo: Floats, expected: str, tmp_path: Path
) -> None:
    cough = voice(0.4, level=0.2)
    engine.client.begin(
        1, RATE_HZ, TranscribeOptions(Style.RAW), journalled(tmp_path, cough)
    )
    engine.client.push(1, 0, cough.tobytes())
    engine.client.end(1, len(cough))
    assert text(engine.until(Finished)) == ""
    engine.client.begin(2, RATE_HZ, TranscribeOptions(Style.RAW), None)
    engine.client.push(2, 0, demo.tobytes())
    engine.client.end(2, len(demo))
    assert text(engine.until(Finished)) == expected


def test_text_arrives_though_the_engine_is_killed(
    engine: Engine, demo: Floats, expected: str, tmp_path: Path
) -> None:
    engine.until(Ready)
    push(engine, demo, [1600], journalled(tmp_path, demo))
    engine.client.end(1, len(demo))
    for child in children("--engine"):
        os.kill(child, signal.SIGKILL)
    events = engine.until(Finished)
    assert Restarted(1) in events
    assert text(events) == expected
