"""What Accessibility says of the place, and what becomes of a text where it is slow."""

from dataclasses import dataclass, field

import pytest

from insertion.harness import EDITOR, OTHER, Bench
from mica.events import Style
from mica.host.ports import Query, Surrounding, Target
from mica.insertion.insert_job import SAYS_S, Report
from mica.insertion.options import Manner
from mica.library.store import Status

BEHIND_A_WORD = Surrounding("we need")


@dataclass
class Accessibility:
    """What a program says at once; nothing by itself where it hangs."""

    says: Surrounding | None = None
    hangs: bool = False
    asked: list[Query] = field(default_factory=list)
    of: list[Target] = field(default_factory=list)

    def __call__(self, target: Target) -> Query:
        query = Query() if self.hangs else Query(done=True, found=self.says)
        self.asked.append(query)
        self.of.append(target)
        return query


@pytest.fixture
def accessibility() -> Accessibility:
    return Accessibility()


@pytest.fixture
def bench(accessibility: Accessibility) -> Bench:
    bench = Bench()
    bench.fake.query = accessibility
    return bench


def test_a_text_fits_what_stands_around_the_caret(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.says = Surrounding("we need", "more")
    bench.insert("Bananas.")
    bench.run(1.0)
    assert bench.pasted() == [" bananas "]
    assert accessibility.of == [EDITOR]


def test_what_stood_behind_the_first_text_still_does(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.says = Surrounding("we need ", "more")
    bench.insert("Bananas", manner=Manner(style=Style.RAW))
    bench.run(1.0)
    bench.insert("now", manner=Manner(style=Style.RAW))
    bench.run(1.0)
    assert bench.pasted() == ["Bananas ", "now "]


def test_what_was_asked_while_the_user_spoke_is_not_asked_again(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.says = BEHIND_A_WORD
    bench.insertion.look(EDITOR)
    bench.insertion.look(EDITOR)
    bench.insert("Bananas.")
    bench.run(0.01)
    assert bench.pasted() == [" bananas."]
    assert len(accessibility.asked) == 1


@pytest.mark.parametrize("meanwhile", ["press", "other window", "nobody counts"])
def test_what_was_asked_before_something_happened_is_asked_again(
    bench: Bench, accessibility: Accessibility, meanwhile: str
) -> None:
    bench.insertion.look(OTHER if meanwhile == "other window" else EDITOR)
    if meanwhile == "press":
        bench.fake.hotkeys.others = 1
    elif meanwhile == "nobody counts":
        bench.fake.hotkeys.others = None
    accessibility.says = BEHIND_A_WORD
    bench.insert("Bananas.")
    bench.run(1.0)
    assert bench.pasted() == [" bananas."]


def test_what_was_asked_before_a_text_arrived_is_asked_again(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.says = Surrounding("")
    bench.insert("one", manner=Manner(spaced=False))
    bench.run(0.05)
    bench.fake.hotkeys.others = 1  # while it arrives
    bench.insertion.look(EDITOR)
    bench.run(1.0)
    accessibility.says = Surrounding("one")
    bench.insert("two")
    bench.run(1.0)
    assert bench.pasted() == ["one", " two"]


def test_our_own_text_is_known_without_asking(
    bench: Bench, accessibility: Accessibility
) -> None:
    """And a program that is late to tell of it would say what stood there before."""
    accessibility.says = Surrounding("")
    bench.insert("one")
    bench.run(1.0)
    bench.insertion.look(EDITOR)
    bench.insert("Two and three")
    bench.run(1.0)
    assert bench.pasted() == ["One", " two and three"]
    assert len(accessibility.asked) == 1


def test_a_program_that_hangs_costs_a_text_a_tenth_of_a_second(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.hangs = True
    bench.insert("one")
    assert bench.run(SAYS_S - 0.01) == [] and bench.pasted() == []
    bench.run(0.03)
    assert bench.pasted() == ["one"]
    assert bench.run(1.0) == [Report(7, Status.INSERTED)]


def test_a_user_who_types_meanwhile_costs_no_more(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.hangs = True
    bench.insert("one")
    for _ in range(12):
        bench.fake.hotkeys.others = len(accessibility.asked)
        bench.run(0.01)
    assert bench.pasted() == ["one"]


def test_an_answer_that_comes_in_time_counts(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.hangs = True
    bench.insert("Bananas.")
    bench.run(0.05)
    [query] = accessibility.asked
    query.found, query.done = BEHIND_A_WORD, True
    bench.run(0.02)
    assert bench.pasted() == [" bananas."]


def test_where_accessibility_is_silent_our_text_is_stood_apart_from(
    bench: Bench, accessibility: Accessibility
) -> None:
    bench.insert("Bananas.")
    bench.run(1.0)
    bench.fake.hotkeys.others = 1
    bench.insert("We need more.")
    bench.run(1.0)
    assert bench.pasted() == ["Bananas.", " We need more."]


def test_who_wants_no_spaces_is_not_asked_for(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.says = BEHIND_A_WORD
    bench.insert("Bananas.", manner=Manner(spaced=False))
    bench.run(1.0)
    assert bench.pasted() == ["Bananas."]
    assert accessibility.asked == []


def test_undo_takes_out_the_spaces_too(
    bench: Bench, accessibility: Accessibility
) -> None:
    accessibility.says = Surrounding("we need", "more")
    bench.insert("Bananas.")
    bench.run(1.0)
    last = bench.insertion._context.trail.last()
    assert last is not None and last.text == " bananas "
