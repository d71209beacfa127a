import os
import queue
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mica.engine import client, outbox
from mica.engine.client import (
    MAX_DEATHS,
    Committed,
    Deadlines,
    EngineClient,
    EngineEvent,
    Failed,
    Finished,
    Ready,
    Restarted,
    Unresponsive,
)
from mica.engine.job import MAX_FAILURES, Job
from mica.engine.messages import Begin, pack
from mica.errors import EngineError, ModelError
from mica.events import Priority, Style, TranscribeOptions
from mica.log_format import ContentFreeFormatter
from support.processes import children

FAKE = Path(__file__).parents[1] / "support" / "fake_engine.py"
QUICK = Deadlines(
    start_s=20.0,
    load_s=20.0,
    silence_s=2.0,
    rest_s=2.0,
    unit_s=0.3,
    finish_s=0.5,
    finish_per_s=0.0,
    backoff_s=0.0,
)
#: The engine's kinds of failure at an utterance that has ended.
FAULTS = [
    *("crash", "crash-at-end", "stuck", "silent", "garbage", "baffled"),
    *("nan", "far", "hungry", "nested"),
]
LIMIT_S = 30.0
RATE_HZ = 16_000


class Harness:
    """A client of a fake engine, and the events it reported."""

    def __init__(self, folder: Path, behaviors: tuple[str, ...], limits: Deadlines):
        self.folder = folder
        self.events: queue.Queue[EngineEvent] = queue.Queue()
        command = [sys.executable, str(FAKE), str(folder / "lives"), *behaviors]
        self.client = EngineClient(
            Path("model"), self.events.put, command=command, deadlines=limits
        )
        self.client.start()

    def until(self, last: type[EngineEvent]) -> list[EngineEvent]:
        """The events up to the first of a kind."""
        events: list[EngineEvent] = []
        while not events or not isinstance(events[-1], last):
            events.append(self.events.get(timeout=LIMIT_S))
        return events

    def journal(self, utterance: int, values: list[float]) -> Path:
        file = self.folder / f"{utterance}.wav"
        file.write_bytes(wav_header() + floats(values))
        return file

    def speak(
        self,
        utterance: int,
        values: list[float],
        *,
        journal: bool = True,
        rate_hz: int = RATE_HZ,
        priority: Priority = Priority.DICTATION,
    ) -> None:
        file = self.journal(utterance, values) if journal else None
        options = TranscribeOptions(Style.RAW, priority=priority)
        self.client.begin(utterance, rate_hz, options, file)
        for first in range(0, len(values), 100):
            self.client.push(utterance, first, floats(values[first : first + 100]))

    def lives(self) -> int:
        lives = self.folder / "lives"
        return int(lives.read_text() or 0) if lives.exists() else 0


Started = Callable[..., Harness]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    monkeypatch.setenv("MICA_HOME", str(tmp_path / "home"))
    benches: list[Harness] = []

    def start(*behaviors: str, limits: Deadlines = QUICK) -> Harness:
        benches.append(Harness(tmp_path, behaviors, limits))
        return benches[-1]

    yield start
    for bench in benches:
        bench.client.close()


def floats(values: list[float]) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def wav_header() -> bytes:
    """The header of a float32 file whose writer died: the lengths are zero."""
    form = struct.pack("<HHIIHH", 3, 1, RATE_HZ, 4 * RATE_HZ, 4, 32)
    return b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + b"data\0\0\0\0"


def text_of(events: list[EngineEvent]) -> str:
    assert isinstance(events[-1], Finished)
    return events[-1].transcript.text


def committed(events: list[EngineEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Committed)]


def test_an_utterance_is_begun_pushed_and_finished(started: Started) -> None:
    bench = started("well")
    bench.speak(1, [1.0] * 250)
    bench.client.end(1, 250)
    events = bench.until(Finished)
    assert isinstance(events[0], Ready)
    assert text_of(events) == "250 samples, sum 250"
    assert committed(events) == ["one", "two"]


def test_two_utterances_back_to_back_are_finished_in_order(started: Started) -> None:
    bench = started("well")
    for utterance, size in ((1, 50), (2, 60)):
        bench.speak(utterance, [1.0] * size)
        bench.client.end(utterance, size)
    first, second = bench.until(Finished)[-1], bench.until(Finished)[-1]
    assert (first.utterance, second.utterance) == (1, 2)
    assert text_of([second]) == "60 samples, sum 60"


def test_two_channels_and_a_dictation_are_open_at_once(started: Started) -> None:
    bench = started("well")
    for utterance, priority in ((1, Priority.LIVE), (2, Priority.LIVE)):
        bench.speak(utterance, [float(utterance)] * 100, priority=priority)
    bench.speak(3, [3.0] * 60)
    bench.client.end(3, 60)
    assert text_of(bench.until(Finished)) == "60 samples, sum 180"
    for utterance in (2, 1):
        bench.client.push(utterance, 100, floats([1.0] * 50))
        bench.client.end(utterance, 150)
        events = bench.until(Finished)
        assert events[-1].utterance == utterance
        assert text_of(events) == f"150 samples, sum {100 * utterance + 50}"


def test_all_open_utterances_are_replayed_after_an_engine_crash(
    started: Started,
) -> None:
    bench = started("crash-at-2", "well")
    bench.speak(1, [1.0] * 60, priority=Priority.LIVE)
    bench.speak(2, [2.0] * 60)
    assert bench.until(Restarted)[-1] == Restarted(2)
    for utterance in (2, 1):
        bench.client.end(utterance, 60)
        events = bench.until(Finished)
        assert events[-1].utterance == utterance
        assert text_of(events) == f"60 samples, sum {60 * utterance}"
    assert bench.lives() == 2


def test_only_the_utterance_the_engine_dies_at_fails(started: Started) -> None:
    bench = started(*["crash-at-2"] * MAX_FAILURES, "well")
    bench.speak(1, [1.0] * 60, priority=Priority.LIVE)
    bench.speak(2, [2.0] * 60)
    bench.client.end(2, 60)
    failed = bench.until(Failed)[-1]
    assert isinstance(failed, Failed) and failed.utterance == 2
    bench.client.end(1, 60)
    assert text_of(bench.until(Finished)) == "60 samples, sum 60"
    assert bench.lives() == MAX_FAILURES + 1


def test_a_dead_engine_is_restarted_and_the_utterance_replayed(
    started: Started,
) -> None:
    bench = started("crash", "well")
    bench.speak(1, [1.0] * 250)
    bench.client.end(1, 250)
    events = bench.until(Finished)
    assert Restarted(1) in events
    assert text_of(events) == "250 samples, sum 250"
    assert bench.lives() == 2


def test_replay_resumes_from_the_last_commit(started: Started) -> None:
    bench = started("crash-after-commit", "well")
    values = [float(n) for n in range(21) for _ in range(100)]
    bench.speak(1, values, rate_hz=100)
    bench.until(Committed)
    bench.client.end(1, len(values))
    events = bench.until(Finished)
    replayed = values[4 * 100 :]  # at least 12 s before the commit
    assert text_of(events) == f"{len(replayed)} samples, sum {sum(replayed):g}"


def test_commit_is_never_repeated_and_the_text_is_complete(started: Started) -> None:
    bench = started("crash-after-commit", "well")
    bench.speak(1, [1.0] * 2100, rate_hz=100)
    bench.until(Committed)
    bench.client.end(1, 2100)
    events = bench.until(Finished)
    assert committed(events) == ["two"]
    assert isinstance(events[-1], Finished)
    texts = [segment.text for segment in events[-1].transcript.segments]
    assert texts == ["one", "two"]
    assert events[-1].transcript.notes == ("As the first engine said.",)


def test_recording_continues_while_the_engine_restarts(started: Started) -> None:
    bench = started("crash", "well")
    values = [float(n % 7) for n in range(1000)]
    file = bench.journal(1, values)
    bench.client.begin(1, RATE_HZ, TranscribeOptions(Style.RAW), file)
    bench.client.push(1, 0, floats(values[:300]))
    bench.until(Restarted)
    bench.client.push(1, 300, floats(values[300:]))
    bench.client.end(1, 1000)
    assert text_of(bench.until(Finished)) == f"1000 samples, sum {sum(values):g}"


def test_an_engine_that_always_dies_fails_the_utterance_in_the_end(
    started: Started,
) -> None:
    bench = started("crash")
    bench.speak(1, [1.0] * 250)
    bench.client.end(1, 250)
    events = bench.until(Failed)
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert failed.utterance == 1
    assert isinstance(failed.error, EngineError)
    assert failed.error.remedy
    assert events.count(Restarted(1)) == 1, "it is said once"
    assert bench.lives() == MAX_FAILURES


@pytest.mark.parametrize("fault", FAULTS)
def test_the_text_comes_however_the_engine_fails_again_and_again(
    started: Started, fault: str
) -> None:
    bench = started(fault, fault, fault, "well")
    bench.speak(1, [1.0] * 250)
    bench.client.end(1, 250)
    events = bench.until(Finished)
    assert text_of(events) == "250 samples, sum 250"
    assert not any(isinstance(event, Failed) for event in events)
    assert bench.lives() == 4


def test_the_text_comes_after_failures_of_every_kind(started: Started) -> None:
    faults = [fault for fault in FAULTS if fault not in ("stuck", "silent")]
    assert len(faults) == MAX_FAILURES - 2
    bench = started(*faults, "well")
    bench.speak(1, [1.0] * 250)
    bench.client.end(1, 250)
    assert text_of(bench.until(Finished)) == "250 samples, sum 250"
    assert bench.lives() == MAX_FAILURES - 1


def test_an_answer_before_the_end_is_no_answer(started: Started) -> None:
    bench = started("early", "well")
    bench.speak(1, [1.0] * 250)
    bench.until(Restarted)
    bench.client.end(1, 250)
    assert text_of(bench.until(Finished)) == "250 samples, sum 250"


def test_an_utterance_that_is_still_spoken_is_never_given_up(started: Started) -> None:
    deaths = MAX_FAILURES + 2
    bench = started(*["crash"] * deaths, "well")
    bench.speak(1, [1.0] * 250)
    pause = threading.Event()
    while bench.lives() <= deaths:  # the test's own limit ends a vain wait
        pause.wait(0.01)
    bench.client.push(1, 250, floats([1.0] * 50))
    bench.client.end(1, 300)
    events = bench.until(Finished)
    assert text_of(events) == "300 samples, sum 300"
    assert not any(isinstance(event, Failed) for event in events)


def test_a_commit_makes_good_for_earlier_failures() -> None:
    job = Job(Begin(1, 100, TranscribeOptions()), None, pushed=1000, last=1000)
    job.failures = MAX_FAILURES
    assert job.is_hopeless
    job.commit(Committed(1, 0.0, 5.0, "Half.", until_s=5.0))
    assert job.failures == 0 and not job.is_hopeless
    job.failures = 3
    job.commit(Committed(1, 0.0, 5.0, "again", until_s=5.0))
    assert job.failures == 3, "no more was committed"


def test_a_new_utterance_does_not_wait_for_the_back_off(started: Started) -> None:
    slow = replace(QUICK, backoff_s=2 * LIMIT_S, longest_backoff_s=2 * LIMIT_S)
    bench = started("crash", "crash", "well", limits=slow)
    bench.speak(1, [1.0] * 250)
    bench.client.end(1, 250)
    bench.until(Restarted)
    pause = threading.Event()
    while bench.client._deaths < 2:  # the test's own limit ends a vain wait
        pause.wait(0.01)
    bench.speak(2, [2.0] * 60)
    bench.client.end(2, 60)
    texts = sorted(text_of(bench.until(Finished)) for _ in range(2))
    assert texts == ["250 samples, sum 250", "60 samples, sum 120"]


def test_the_engine_runs_where_its_log_cannot_be_written(
    started: Started, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "logs").write_text("not a folder")
    bench = started("well")
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    assert text_of(bench.until(Finished)) == "50 samples, sum 50"


@pytest.mark.parametrize("error", [OSError(30, "no"), RecursionError(), MemoryError()])
def test_no_error_ends_the_reader(
    started: Started, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    starts: list[object] = []
    real = client.Child

    def broken(*given: object) -> object:
        starts.append(given)
        if len(starts) < 3:
            raise error
        return real(*given)

    monkeypatch.setattr(client, "Child", broken)
    bench = started("well")
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    assert text_of(bench.until(Finished)) == "50 samples, sum 50"


def test_an_error_of_the_client_itself_is_survived(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last guard: even what handles a failure may fail."""
    monkeypatch.setattr(client, "GUARD_S", 0.0)
    ended: list[object] = []
    real = EngineClient._ended

    def broken(self: EngineClient, *given: object, **more: object) -> None:
        ended.append(given)
        if len(ended) == 1:
            raise RuntimeError("a mistake")
        real(self, *given, **more)

    monkeypatch.setattr(EngineClient, "_ended", broken)
    bench = started("crash", "crash", "well")
    bench.speak(1, [1.0] * 250)
    bench.client.end(1, 250)
    assert text_of(bench.until(Finished)) == "250 samples, sum 250"


def test_a_message_that_cannot_be_packed_fails_its_utterance_alone(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(message: object, pcm: bytes = b"") -> bytes:
        if getattr(message, "utterance", 0) == 1:
            raise OverflowError("too large")
        return pack(message, pcm)

    monkeypatch.setattr(outbox, "pack", limited)
    bench = started("well")
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    failed = bench.until(Failed)[-1]
    assert isinstance(failed, Failed) and failed.utterance == 1
    bench.speak(2, [1.0] * 60)
    bench.client.end(2, 60)
    assert text_of(bench.until(Finished)) == "60 samples, sum 60"


def test_the_user_hears_of_an_engine_that_hangs_while_they_speak(
    started: Started,
) -> None:
    limits = replace(QUICK, silence_s=LIMIT_S, rest_s=LIMIT_S, notice_s=0.2)
    bench = started("well", limits=limits)
    bench.until(Ready)
    bench.speak(1, [1.0] * 50)
    [engine] = children("fake_engine")
    os.kill(engine, signal.SIGSTOP)
    pause, at = threading.Event(), 50
    while bench.events.empty():  # the test's own limit ends a vain wait
        bench.client.push(1, at, floats([1.0]))
        at += 1
        pause.wait(0.05)
    os.kill(engine, signal.SIGCONT)
    assert bench.events.get() == Unresponsive()
    bench.client.end(1, at)
    assert text_of(bench.until(Finished)) == f"{at} samples, sum {at}"


def test_two_utterances_share_the_failures_and_both_texts_come(
    started: Started,
) -> None:
    bench = started(*["crash-at-end"] * MAX_FAILURES, "well")
    for utterance in (1, 2):
        bench.speak(utterance, [1.0] * 50)
        bench.client.end(utterance, 50)
    events = [*bench.until(Finished), *bench.until(Finished)]
    assert not any(isinstance(event, Failed) for event in events)


@pytest.mark.parametrize("behavior", ["stuck", "silent", "garbage"])
def test_a_hung_or_babbling_engine_is_restarted(
    started: Started, behavior: str
) -> None:
    bench = started(behavior, "well")
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    events = bench.until(Finished)
    assert Restarted(1) in events
    assert text_of(events) == "50 samples, sum 50"


def test_an_engine_that_never_speaks_is_restarted(started: Started) -> None:
    bench = started("mute", "well", limits=Deadlines(start_s=1.5))
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    assert Restarted(1) in bench.until(Finished)


def test_without_a_journal_the_samples_are_replayed_from_memory(
    started: Started,
) -> None:
    bench = started("crash", "crash", "well")
    bench.speak(1, [1.0] * 250, journal=False)
    bench.client.end(1, 250)
    events = bench.until(Finished)
    assert text_of(events) == "250 samples, sum 250"
    assert not any(isinstance(event, Failed) for event in events)


def test_model_error_keeps_its_class(started: Started) -> None:
    bench = started("no-model")
    failed = bench.until(Failed)[-1]
    assert isinstance(failed, Failed)
    assert failed.utterance is None
    assert isinstance(failed.error, ModelError)
    assert failed.error.line() == "No model. Get one."
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    second, later = bench.until(Failed)[-1], bench.until(Failed)[-1]
    assert isinstance(second, Failed) and second.utterance is None
    assert isinstance(later, Failed) and later.utterance == 1
    assert not bench.client.is_loaded and bench.lives() == 2


def test_a_model_that_was_repaired_is_loaded_by_the_next_utterance(
    started: Started,
) -> None:
    bench = started("no-model", "well")
    bench.until(Failed)
    assert not bench.client.is_loaded
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    events = bench.until(Finished)
    assert isinstance(events[0], Ready) and text_of(events) == "50 samples, sum 50"
    assert bench.client.is_loaded


def test_an_error_the_engine_has_no_remedy_for_gets_one(started: Started) -> None:
    bench = started("baffled")
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    failed = bench.until(Failed)[-1]
    assert isinstance(failed, Failed)
    assert type(failed.error) is EngineError
    assert failed.error.line() == "It failed. Try again."


def test_engine_that_cannot_start_is_given_up_and_reported(started: Started) -> None:
    bench = started("no-start")
    failed = bench.until(Failed)[-1]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, EngineError)


def test_repeated_crashes_of_an_idle_engine_lose_nothing(
    started: Started,
) -> None:
    bench = started(*["crash-at-rest"] * MAX_DEATHS, "well")
    events = [event for _ in range(MAX_DEATHS) for event in bench.until(Ready)]
    events += bench.until(Restarted)
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    events += bench.until(Finished)
    assert not any(isinstance(event, Failed) for event in events)


def test_a_missing_program_is_an_engine_error(tmp_path: Path) -> None:
    events: queue.Queue[EngineEvent] = queue.Queue()
    client = EngineClient(Path("m"), events.put, command=["/no/such/program"])
    client.start()
    failed = events.get(timeout=LIMIT_S)
    client.close()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, EngineError)


def test_engine_is_ready_after_a_cancel(started: Started) -> None:
    bench = started("well")
    bench.speak(1, [1.0] * 50)
    bench.client.cancel(1)
    bench.client.end(1, 50)
    bench.speak(2, [1.0] * 60)
    bench.client.end(2, 60)
    events = bench.until(Finished)
    assert events[-1].utterance == 2
    assert not any(isinstance(e, Failed) for e in events)


def test_push_never_blocks_and_dropped_samples_come_from_the_journal(
    started: Started,
) -> None:
    bench = started("no-start", "well", limits=Deadlines())
    bench.until(Failed)  # nothing reads samples now
    second = [0.5] * RATE_HZ
    file = bench.journal(1, second * 240)
    bench.client.begin(1, RATE_HZ, TranscribeOptions(Style.RAW), file)
    for n in range(240):  # 15 MB, more than the queue holds
        bench.client.push(1, n * RATE_HZ, floats(second))
    bench.client.end(1, 240 * RATE_HZ)
    total = 240 * RATE_HZ
    assert text_of(bench.until(Finished)) == f"{total} samples, sum {total / 2:g}"


def test_exception_in_a_listener_does_not_end_the_reader_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, but never with the text that the listener was given."""
    monkeypatch.setenv("MICA_HOME", str(tmp_path / "home"))
    events: queue.Queue[EngineEvent] = queue.Queue()

    def listener(event: EngineEvent) -> None:
        events.put(event)
        raise ValueError(f"a mistake with {event}")

    command = [sys.executable, str(FAKE), str(tmp_path / "lives"), "well"]
    client = EngineClient(Path("m"), listener, command=command)
    client.start()
    client.begin(1, RATE_HZ, TranscribeOptions(Style.RAW), None)
    client.push(1, 0, floats([1.0]))
    client.end(1, 1)
    kinds = [type(events.get(timeout=LIMIT_S)) for _ in range(4)]
    client.close()
    assert kinds == [Ready, Committed, Committed, Finished]
    log = "\n".join(map(ContentFreeFormatter().format, caplog.records))
    assert log.count("the listener failed at") == 4 and "at Finished\n" in log
    assert log.count("\nValueError") == 4 and "samples, sum" not in log


def test_idle_engine_exits_and_is_started_again(started: Started) -> None:
    bench = started("well", limits=Deadlines(idle_s=0.1))
    bench.until(Ready)
    pause = threading.Event()
    while children():  # the test's own limit ends a vain wait
        pause.wait(0.01)
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    events = bench.until(Finished)
    assert isinstance(events[0], Ready)
    assert text_of(events) == "50 samples, sum 50"
    assert bench.lives() == 2


def test_silent_engine_is_closed_at_once(started: Started) -> None:
    limits = Deadlines(silence_s=2 * LIMIT_S)
    bench = started("quiet", limits=limits)
    bench.until(Ready)
    before_s = time.monotonic()
    bench.client.close()
    assert time.monotonic() - before_s < limits.close_s


def test_deadline_of_an_answer_holds_for_a_silent_engine(
    started: Started,
) -> None:
    bench = started("quiet silent", "well", limits=Deadlines(finish_s=0.3))
    bench.speak(1, [1.0] * 50)
    bench.until(Ready)
    bench.client.end(1, 50)
    assert Restarted(1) in bench.until(Finished)


def test_close_ends_the_process_without_events(started: Started) -> None:
    bench = started("well")
    bench.until(Ready)
    bench.client.close()
    assert bench.events.empty()


def test_another_model_is_loaded_at_once_while_the_engine_is_idle(
    started: Started,
) -> None:
    bench = started("well")
    bench.until(Ready)
    bench.client.use(Path("other"), 600.0)
    assert bench.until(Ready) == [Ready("other", 0.0)]
    bench.speak(1, [1.0] * 50)
    bench.client.end(1, 50)
    assert text_of(bench.until(Finished)) == "50 samples, sum 50"
    assert bench.lives() == 2


def test_model_change_does_not_disturb_an_utterance(started: Started) -> None:
    bench = started("well")
    bench.until(Ready)
    bench.speak(1, [1.0] * 50)
    bench.client.use(Path("other"), 600.0)
    bench.speak(2, [1.0] * 60)
    for utterance, size in ((1, 50), (2, 60)):
        bench.client.end(utterance, size)
        events = bench.until(Finished)
        assert text_of(events) == f"{size} samples, sum {size}"
        assert not any(isinstance(event, Ready) for event in events)
    assert bench.until(Ready) == [Ready("other", 0.0)]


def test_an_utterance_that_is_replayed_keeps_its_model(started: Started) -> None:
    bench = started("crash", "well")
    bench.until(Ready)
    bench.client.begin(
        1, RATE_HZ, TranscribeOptions(Style.RAW), bench.journal(1, [1.0] * 250)
    )
    bench.client.use(Path("other"), 600.0)
    bench.client.push(1, 0, floats([1.0] * 250))
    bench.client.end(1, 250)
    events = bench.until(Finished)
    assert [event for event in events if isinstance(event, Ready)] == [
        Ready("model", 0.0)
    ]
    assert text_of(events) == "250 samples, sum 250"
    assert bench.until(Ready) == [Ready("other", 0.0)]


def test_another_model_follows_a_cancelled_utterance(started: Started) -> None:
    bench = started("well")
    bench.until(Ready)
    bench.speak(1, [1.0] * 50)
    bench.client.use(Path("other"), 600.0)
    bench.client.cancel(1)
    assert bench.until(Ready) == [Ready("other", 0.0)]


def test_another_model_takes_the_place_of_one_that_cannot_be_loaded(
    started: Started,
) -> None:
    bench = started("no-model", "well")
    bench.until(Failed)
    bench.client.use(Path("other"), 600.0)
    assert bench.until(Ready) == [Ready("other", 0.0)]


def test_new_model_is_loaded_after_the_engine_exited(started: Started) -> None:
    bench = started("well", limits=Deadlines(idle_s=0.1))
    bench.until(Ready)
    pause = threading.Event()
    while children():  # the test's own limit ends a vain wait
        pause.wait(0.01)
    bench.client.use(Path("other"), 600.0)
    assert bench.until(Ready) == [Ready("other", 0.0)]
