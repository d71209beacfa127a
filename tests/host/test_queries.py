import logging
import queue
import threading

import pytest

from mica.host.ports import Query, Surrounding, Target
from mica.host.queries import Queries
from support import xserver

EDITOR, OTHER = Target(1, 100, "Editor"), Target(2, 200, "Other")


class Program:
    """Answers one question each time it is let."""

    def __init__(self) -> None:
        self.asked: queue.Queue[Target] = queue.Queue()
        self._answers: queue.Queue[Surrounding | Exception] = queue.Queue()

    def read(self, target: Target) -> Surrounding | None:
        self.asked.put(target)
        answer = self._answers.get(timeout=xserver.WAIT_S)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def answer(self, answer: Surrounding | Exception) -> None:
        self._answers.put(answer)


def done(query: Query) -> Query:
    xserver.until(lambda: query.done)
    return query


def test_an_answer_comes_when_the_program_gives_it() -> None:
    program = Program()
    query = Queries(program.read).ask(EDITOR)
    assert program.asked.get(timeout=xserver.WAIT_S) == EDITOR and not query.done
    program.answer(Surrounding("one"))
    assert done(query).found == Surrounding("one")


def test_while_a_program_hangs_only_the_newest_question_waits() -> None:
    program = Program()
    queries = Queries(program.read)
    hanging = queries.ask(EDITOR)
    program.asked.get(timeout=xserver.WAIT_S)
    before = threading.active_count()
    dropped, newest = queries.ask(EDITOR), queries.ask(OTHER)
    assert threading.active_count() == before
    program.answer(Surrounding("late"))
    assert program.asked.get(timeout=xserver.WAIT_S) == OTHER
    program.answer(Surrounding("two"))
    assert done(newest).found == Surrounding("two")
    assert hanging.found == Surrounding("late")
    assert not dropped.done and dropped.found is None
    assert program.asked.empty()


def test_a_program_that_answers_nonsense_is_silent_and_the_next_is_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = Program()
    queries = Queries(program.read)
    caplog.set_level(logging.WARNING)
    program.answer(IndexError("what it said"))
    assert done(queries.ask(EDITOR)).found is None
    assert "IndexError" in caplog.text and "what it said" not in caplog.text
    program.answer(Surrounding("one"))
    assert done(queries.ask(EDITOR)).found == Surrounding("one")
