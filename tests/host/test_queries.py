import logging
import queue
import threading

import pytest

from mica.host.queries import SurroundingQueries
from mica.host.values import SurroundingQuery, SurroundingText, Target
from support import xserver

EDITOR, OTHER = Target(1, 100, "Editor"), Target(2, 200, "Other")


class Program:
    """Answers one query each time the test allows it."""

    def __init__(self) -> None:
        self.targets: queue.Queue[Target] = queue.Queue()
        self._answers: queue.Queue[SurroundingText | Exception] = queue.Queue()

    def read(self, target: Target) -> SurroundingText | None:
        self.targets.put(target)
        answer = self._answers.get(timeout=xserver.WAIT_S)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def answer(self, answer: SurroundingText | Exception) -> None:
        self._answers.put(answer)


def done(query: SurroundingQuery) -> SurroundingQuery:
    xserver.until(lambda: query.done)
    return query


def test_query_is_done_when_the_program_answers() -> None:
    program = Program()
    query = SurroundingQueries(program.read).ask(EDITOR)
    assert program.targets.get(timeout=xserver.WAIT_S) == EDITOR and not query.done
    program.answer(SurroundingText("one"))
    assert done(query).found == SurroundingText("one")


def test_only_the_newest_query_waits_for_a_hanging_program() -> None:
    program = Program()
    queries = SurroundingQueries(program.read)
    hanging = queries.ask(EDITOR)
    program.targets.get(timeout=xserver.WAIT_S)
    before = threading.active_count()
    dropped, newest = queries.ask(EDITOR), queries.ask(OTHER)
    assert threading.active_count() == before
    program.answer(SurroundingText("late"))
    assert program.targets.get(timeout=xserver.WAIT_S) == OTHER
    program.answer(SurroundingText("two"))
    assert done(newest).found == SurroundingText("two")
    assert hanging.found == SurroundingText("late")
    assert not dropped.done and dropped.found is None
    assert program.targets.empty()


def test_query_that_raises_has_no_answer_and_the_next_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = Program()
    queries = SurroundingQueries(program.read)
    caplog.set_level(logging.WARNING)
    program.answer(IndexError("what it said"))
    assert done(queries.ask(EDITOR)).found is None
    assert "IndexError" in caplog.text and "what it said" not in caplog.text
    program.answer(SurroundingText("one"))
    assert done(queries.ask(EDITOR)).found == SurroundingText("one")
