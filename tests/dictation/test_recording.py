"""A recording by itself: when it ends, and what fails under it loses nothing heard."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mica.audio.chunk_queue import HELD_SAMPLES
from mica.audio.journal import HEADER_BYTES
from mica.dictation.engine_queue import EngineQueue
from mica.dictation.recording import Engine, Recording
from mica.errors import EngineError
from mica.events import TranscribeOptions
from support.fakes import (
    LIMIT_S,
    RATE_HZ,
    Clock,
    FakeEngine,
    FakeMicrophone,
    FakeMicrophones,
)


class BrokenEngine(FakeEngine):
    """Takes the first chunk and then fails in a way nobody foresaw."""

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        if first:
            raise RuntimeError("no such pipe")
        super().push(utterance, first, pcm)


class Pushes(FakeEngine):
    """Remembers where each push began, and its samples."""

    def __init__(self) -> None:
        super().__init__()
        self.pushed: list[tuple[int, int]] = []

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        self.pushed.append((first, len(pcm) // 4))


class Early(FakeMicrophone):
    """Has given all the queue holds and a second more before anything is read."""

    def open(self) -> None:
        for samples in (HELD_SAMPLES, RATE_HZ):
            self.give(np.full(samples, 0.1, "<f4"))
        super().open()


class EarlyMicrophones(FakeMicrophones):
    kind = Early


@pytest.fixture
def turns() -> EngineQueue:
    return EngineQueue()


def begun(
    engine: Engine, microphones: FakeMicrophones, turns: EngineQueue, folder: Path
) -> tuple[Recording, FakeMicrophone]:
    """It listens."""
    recording = Recording(1, TranscribeOptions(), engine, turns, Clock())
    recording.start(None, microphones, folder)
    microphone = microphones.opened.get(timeout=LIMIT_S)
    until(lambda: recording.journal is not None)
    return recording, microphone


def until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(round(LIMIT_S / 0.002)):
        if condition():
            return
        pause.wait(0.002)
    raise AssertionError("it never happened")


def samples_in(journal: Path) -> int:
    return (journal.stat().st_size - HEADER_BYTES) // 4


def test_what_nobody_foresaw_ends_it_and_is_said_and_the_next_one_works(
    tmp_path: Path, turns: EngineQueue
) -> None:
    engine = BrokenEngine()
    recording, microphone = begun(engine, FakeMicrophones(), turns, tmp_path)
    microphone.say(0.1)
    assert recording.over.wait(LIMIT_S)
    assert isinstance(recording.error, EngineError)
    line = "The recording failed: no such pipe. Try again."
    assert recording.error.line() == line
    assert engine.calls[-1] == ("cancel", 1)
    assert microphone.closed and recording.heard_out and turns.free
    assert samples_in(recording.journal) >= 2 * RATE_HZ // 50  # disk first
    second, microphone = begun(FakeEngine(), FakeMicrophones(), turns, tmp_path)
    microphone.say(0.5)
    second.release()
    microphone.say(0.4)
    assert second.over.wait(LIMIT_S) and second.error is None


def test_what_nobody_foresaw_before_the_engine_has_it_tells_the_engine_nothing(
    tmp_path: Path, turns: EngineQueue
) -> None:
    engine, microphones = FakeEngine(), FakeMicrophones()
    microphones.refusal = RuntimeError("no such card")  # of no kind we know
    recording = Recording(1, TranscribeOptions(), engine, turns, Clock())
    recording.start(None, microphones, tmp_path)
    assert recording.over.wait(LIMIT_S)
    assert "no such card" in recording.error.line() and engine.calls == []


def test_a_second_release_does_not_move_the_end(
    tmp_path: Path, turns: EngineQueue
) -> None:
    engine = FakeEngine()
    recording, microphone = begun(engine, FakeMicrophones(), turns, tmp_path)
    microphone.say(0.5)
    until(lambda: recording.heard == RATE_HZ // 2)
    recording.release()
    microphone.say(0.06)
    recording.release()
    microphone.say(0.4)
    assert engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)


def test_samples_a_slow_disk_has_cost_are_said_and_silent_and_the_rest_is_kept(
    tmp_path: Path, turns: EngineQueue
) -> None:
    engine = FakeEngine()
    recording, microphone = begun(engine, EarlyMicrophones(), turns, tmp_path)
    until(lambda: recording.heard >= HELD_SAMPLES)
    microphone.give(np.full(RATE_HZ, 0.1, "<f4"))
    recording.release()
    microphone.say(0.4)
    assert recording.over.wait(LIMIT_S) and recording.error is None
    assert recording.trouble.line() == (
        "The disk is too slow; a part of the recording is missing. "
        "Close other programs."
    )
    written = np.fromfile(recording.journal, "<f4", offset=HEADER_BYTES)
    lost = written[HELD_SAMPLES : HELD_SAMPLES + RATE_HZ]
    assert written[:HELD_SAMPLES].all() and not lost.any()
    assert written[HELD_SAMPLES + RATE_HZ : HELD_SAMPLES + 2 * RATE_HZ].all()
    assert engine.samples[1] == len(written)


def test_a_disk_that_takes_no_journal_costs_no_words_and_closes_the_microphone(
    tmp_path: Path, turns: EngineQueue
) -> None:
    engine, microphones = FakeEngine(), FakeMicrophones()
    recording = Recording(1, TranscribeOptions(), engine, turns, Clock())
    recording.start(None, microphones, tmp_path / "full")  # nothing can be made there
    microphone = microphones.opened.get(timeout=LIMIT_S)
    microphone.say(0.5)
    until(lambda: recording.heard == RATE_HZ // 2)
    recording.release()
    microphone.say(0.4)
    assert engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)
    assert recording.over.wait(LIMIT_S) and recording.error is None
    assert microphone.closed and recording.journal is None and not recording.is_kept
    assert recording.trouble.line() == (
        "The recording could not be saved. Free some disk space."
    )


def test_without_a_journal_another_microphone_goes_on_all_the_same(
    tmp_path: Path, turns: EngineQueue
) -> None:
    engine, microphones = FakeEngine(), FakeMicrophones()
    recording = Recording(1, TranscribeOptions(), engine, turns, Clock())
    recording.start(None, microphones, tmp_path / "full")
    first = microphones.opened.get(timeout=LIMIT_S)
    first.say(0.5)
    until(lambda: recording.heard == RATE_HZ // 2)
    first.lose()
    second = microphones.opened.get(timeout=LIMIT_S)
    second.say(0.5)
    until(lambda: len(recording.device_changes) == 1)
    recording.release()
    second.say(0.4)
    assert engine.ended.get(timeout=LIMIT_S)[1] >= RATE_HZ
    assert recording.over.wait(LIMIT_S) and recording.error is None


def test_what_no_disk_has_waits_for_its_turn_at_the_engine(
    tmp_path: Path, turns: EngineQueue
) -> None:
    before = threading.Event()
    turns.take(before)
    engine, microphones = Pushes(), FakeMicrophones()
    recording = Recording(1, TranscribeOptions(), engine, turns, Clock())
    recording.start(None, microphones, tmp_path / "full")
    microphone = microphones.opened.get(timeout=LIMIT_S)
    microphone.say(0.5)
    until(lambda: recording.heard == RATE_HZ // 2)
    assert engine.pushed == []
    before.set()
    recording.release()
    microphone.say(0.4)
    assert recording.over.wait(LIMIT_S)
    reached = 0
    for first, samples in engine.pushed:
        assert first == reached
        reached += samples
    assert reached == recording.heard


@pytest.mark.parametrize("part", ["Endpointer", "Journal", "_free"])
def test_whatever_fails_behind_an_open_microphone_closes_it(
    tmp_path: Path, turns: EngineQueue, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(f"mica.dictation.recording.{part}", fails)
    microphones = FakeMicrophones()
    recording = Recording(1, TranscribeOptions(), FakeEngine(), turns, Clock())
    recording.start(None, microphones, tmp_path)
    assert recording.over.wait(LIMIT_S)
    assert microphones.opened.get(timeout=LIMIT_S).closed
    assert "Try again." in recording.error.line()
