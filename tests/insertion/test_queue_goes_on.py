"""What a text goes on from, and the Return behind it."""

import pytest

from insertion.harness import EDITOR, OTHER, Bench
from mica.errors import InsertionError
from mica.events import Style
from mica.host.strokes import Stroke, Typed
from mica.insertion.insert_job import Report
from mica.insertion.options import Manner
from mica.library.store import Status


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_text_goes_on_from_the_one_before_it(bench: Bench) -> None:
    for text in ("Ask the manager.", "I have,", "And no more"):
        bench.insert(text)
        bench.run(1.0)
    assert bench.pasted() == ["Ask the manager.", " I have,", " and no more"]


def test_waiting_changes_nothing(bench: Bench) -> None:
    bench.insert("we met")
    bench.run(1.0)
    bench.now_s += 3600.0
    bench.insert("In the morning.")
    bench.run(1.0)
    assert bench.pasted() == ["we met", " in the morning."]


@pytest.mark.parametrize(
    ("typed", "inserted"),
    [
        (Stroke.UNKNOWN, " The end."),  # a click, an arrow: nobody knows, so a space
        (" ", "the end."),
        ("\t", "The end."),
        ("\n", "The end."),
    ],
)
def test_after_a_key_or_a_click_it_stands_apart_unless_a_blank_was_typed(
    bench: Bench, typed: Typed, inserted: str
) -> None:
    bench.insert("I need more")
    bench.run(1.0)
    bench.fake.hotkeys.others, bench.fake.strokes = 1, [typed]
    bench.insert("The end.")
    bench.run(1.0)
    assert bench.pasted() == ["I need more", inserted]


def test_a_line_that_the_user_began_has_a_capital(bench: Bench) -> None:
    bench.insert("I need more")
    bench.run(1.0)
    bench.fake.hotkeys.others, bench.fake.strokes = 1, ["\n"]
    bench.insert("the end")
    bench.run(1.0)
    assert bench.pasted()[1] == "The end"


def test_a_key_pressed_while_the_text_arrives_counts(bench: Bench) -> None:
    bench.insert("I need more")
    bench.run(0.05)
    bench.fake.hotkeys.others = 1
    bench.run(1.0)
    bench.insert("The end.")
    bench.run(1.0)
    assert bench.pasted() == ["I need more", " The end."]


def test_where_nobody_counts_keys_a_text_stands_apart(bench: Bench) -> None:
    bench.fake.hotkeys.others = None
    bench.insert("we met")
    bench.insert("In the morning.")
    bench.run(2.0)
    assert bench.pasted() == ["we met", " In the morning."]


def test_in_another_window_it_stands_for_itself_and_back_there_apart(
    bench: Bench,
) -> None:
    bench.insert("we met")
    bench.run(1.0)
    bench.fake.focus.target = OTHER
    bench.insert("In Paris.", OTHER)
    bench.run(1.0)
    bench.fake.focus.target = EDITOR
    bench.insert("In the morning.")
    bench.run(1.0)
    assert bench.pasted() == ["we met", "In Paris.", " In the morning."]


def test_what_was_not_taken_may_yet_come(bench: Bench) -> None:
    bench.insert("we met")
    bench.run(1.0)
    bench.fake.paster.is_read = False
    bench.insert("in London.")
    bench.run(10.0)
    bench.fake.paster.is_read = True
    bench.insert("In the morning.")
    bench.run(1.0)
    assert bench.pasted() == ["we met", " in London.", " In the morning."]


def test_it_goes_on_only_as_it_was_chosen(bench: Bench) -> None:
    for _ in range(2):
        bench.insert("One", manner=Manner(spaced=False))
    bench.run(2.0)
    bench.insert("with", manner=Manner(style=Style.RAW))
    bench.insert("The end", manner=Manner(style=Style.RAW))
    bench.run(2.0)
    assert bench.pasted() == ["One", "One", " with", " The end"]


def test_a_space_behind_it_is_the_only_one(bench: Bench) -> None:
    bench.insert("One.", manner=Manner(ends_spaced=True))
    bench.insert("Two. ", manner=Manner(ends_spaced=True))
    bench.insert("Three.")
    bench.run(3.0)
    assert bench.pasted() == ["One. ", "Two. ", "Three."]


def test_return_comes_after_the_text_and_ends_what_is_gone_on_from(
    bench: Bench,
) -> None:
    bench.insert("One.", manner=Manner(submits=True))
    assert bench.run(0.1) == [] and bench.fake.paster.submitted == []
    assert bench.run(1.0) == [Report(7, Status.INSERTED)]
    assert bench.fake.paster.submitted == [EDITOR]
    bench.insert("two.")
    bench.run(1.0)
    assert bench.pasted() == ["One.", "Two."]


def test_return_waits_for_the_next_dictation_to_end(bench: Bench) -> None:
    bench.insert("One.", manner=Manner(submits=True))
    bench.run(0.1, speaking=True)
    bench.fake.paster.is_ready = False
    assert bench.run(5.0, speaking=True) == []
    bench.fake.paster.is_ready = True
    assert bench.run(0.02) == [Report(7, Status.INSERTED)]
    assert bench.fake.paster.submitted == [EDITOR]


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [("key", "A key"), ("focus", "You switched windows"), ("modifier", "A modifier")],
)
def test_return_is_pressed_only_where_the_text_stands(
    bench: Bench, meanwhile: str, said: str
) -> None:
    bench.insert("One.", manner=Manner(submits=True))
    bench.run(0.1)
    if meanwhile == "key":
        bench.fake.hotkeys.others = 1
    elif meanwhile == "focus":
        bench.fake.focus.target = OTHER
    else:
        bench.fake.paster.is_ready = False
    [report] = bench.run(2.0)
    assert report.status is Status.INSERTED
    assert report.message is not None
    assert said in report.message and "Return was not pressed" in report.message
    assert bench.fake.paster.submitted == []


def test_a_return_that_cannot_be_sent_is_said_and_the_text_is_there(
    bench: Bench,
) -> None:
    bench.insert("One.", manner=Manner(submits=True))
    bench.run(0.1)
    bench.fake.paster.refuses = InsertionError("No keys.")
    [report] = bench.run(1.0)
    assert report == Report(7, Status.INSERTED, "No keys. Return was not pressed.")
    assert bench.fake.clipboard.copied == []


def test_nothing_is_submitted_that_was_not_inserted(bench: Bench) -> None:
    bench.fake.paster.is_read = False
    bench.insert("One.", manner=Manner(submits=True))
    bench.run(10.0)
    assert bench.fake.paster.submitted == []
