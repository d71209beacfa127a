"""Whether a text that was read has arrived, as reported by the program."""

import pytest

from mica.host.values import SurroundingQuery, SurroundingText, Target
from mica.insertion.receipts import QUERY_S, Arrival
from mica.insertion.recent import InsertedText

EDITOR = Target(1, 100, "Editor")
LATE_S = QUERY_S + 0.01


class Program:
    """A program that reports the text it shows, unless it hangs."""

    def __init__(self, shows: str | None, *, is_current: bool = True) -> None:
        self.shows, self.is_current = shows, is_current
        self.hangs = self.touched = False

    def query(self, target: Target) -> SurroundingQuery:
        if self.hangs or self.shows is None:
            return SurroundingQuery(done=not self.hangs)
        found = SurroundingText(self.shows, is_current=self.is_current)
        return SurroundingQuery(done=True, found=found)

    def arrival(self, text: str) -> Arrival:
        sent = InsertedText(1, text, EDITOR, 0)
        return Arrival(sent, self.query, lambda inserted: self.touched, 0.0)


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("Hello there.", "Before it: Hello there."),
        (" hello", "we said\u00a0hello"),
        ("one\ntwo", "two"),
        ("x" * 300, "x" * 100),
        ("one\n", "anything"),
    ],
)
def test_text_before_the_caret_has_arrived(text: str, shows: str) -> None:
    assert Program(shows).arrival(text).is_there(0.0) is True


def test_text_that_does_not_appear_in_time_has_not_arrived() -> None:
    arrival = Program("12").arrival("twelve")
    assert arrival.is_there(0.0) is arrival.is_there(QUERY_S / 2) is None
    assert arrival.is_there(LATE_S) is False


def test_text_that_appears_late_has_arrived() -> None:
    program = Program("12")
    arrival = program.arrival("twelve")
    assert arrival.is_there(0.0) is None
    program.shows = "12 twelve"
    assert arrival.is_there(0.1) is True


@pytest.mark.parametrize(
    "program",
    [Program(None), Program("", is_current=False)],
    ids=["silent", "remembers"],
)
def test_program_without_an_answer_is_believed(program: Program) -> None:
    assert program.arrival("twelve").is_there(0.0) is True


def test_hanging_program_is_not_waited_for() -> None:
    program = Program("")
    program.hangs = True
    arrival = program.arrival("twelve")
    assert arrival.is_there(0.0) is None
    assert arrival.is_there(LATE_S) is True


def test_answer_before_a_hang_counts() -> None:
    program = Program("12")
    arrival = program.arrival("twelve")
    assert arrival.is_there(0.0) is None
    program.hangs = True
    assert arrival.is_there(0.1) is None
    assert arrival.is_there(LATE_S) is False


def test_continued_typing_may_have_deleted_the_text() -> None:
    program = Program("")
    program.touched = True
    assert program.arrival("twelve").is_there(0.0) is True
