import queue

import pytest

from mica.bench.memory import engine_in, highest_mb, readings, spoken
from mica.engine.client import Committed, EngineEvent, Failed, Finished, Restarted
from mica.errors import EngineError, ModelError
from mica.events import Transcript

LISTED = """\
    1  2000 /sbin/init
   70 51200 /usr/bin/python3 -m mica bench memory
   71  9999 /usr/bin/python3 -m mica --engine
   70 204800 /usr/bin/python3 -m mica --engine
"""


def queue_of(*events: EngineEvent) -> "queue.SimpleQueue[EngineEvent]":
    waiting: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
    for event in events:
        waiting.put(event)
    return waiting


def test_the_engine_is_the_one_this_process_started() -> None:
    assert engine_in(LISTED, 70) == 200.0


def test_engine_that_exited_is_reported() -> None:
    with pytest.raises(EngineError, match="quit"):
        engine_in(LISTED, 72)


def test_memory_is_read_at_every_commit_and_at_the_end() -> None:
    memory = iter([100.0, 101.0])
    events = queue_of(
        Committed(1, 0.0, 14.5, "one"), Finished(1, Transcript("one", "tiny", 60.0))
    )
    assert list(readings(events, lambda: next(memory))) == [
        (14.5, 100.0),
        (60.0, 101.0),
    ]


@pytest.mark.parametrize(
    ("event", "error"),
    [(Failed(1, ModelError("No.", "Do.")), ModelError), (Restarted(1), EngineError)],
)
def test_an_engine_that_fails_is_not_measured(
    event: EngineEvent, error: type[Exception]
) -> None:
    with pytest.raises(error):
        list(readings(queue_of(event), lambda: 1.0))


def test_maximum_of_the_preceding_minute_counts() -> None:
    found = [(100.0, 9.0), (270.0, 5.0), (299.0, 4.0), (310.0, 7.0)]
    assert highest_mb(found, 300) == 5.0
    assert highest_mb(found, 240) == 9.0


def test_missing_commit_is_an_error() -> None:
    with pytest.raises(EngineError, match="committed nothing"):
        highest_mb([(70.0, 1.0)], 60)


def test_speech_fills_the_minutes() -> None:
    assert sum(map(len, spoken(1))) == 60 * 16_000
