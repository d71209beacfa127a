"""Insertion with the context that Accessibility reports, even if it is slow."""

from dataclasses import dataclass, field

import pytest

from insertion.harness import EDITOR, OTHER, Harness
from mica.events import Style
from mica.host.values import SurroundingQuery, SurroundingText, Target
from mica.insertion import strings
from mica.insertion.insert_job import QUERY_S
from mica.insertion.options import InsertOptions
from mica.insertion.request import InsertReport
from mica.library.store import EntryStatus

AFTER_A_WORD = SurroundingText("we need")


@dataclass
class Accessibility:
    """A program's answers: immediate, or none while it hangs."""

    surrounding: SurroundingText | None = None
    hangs: bool = False
    queries: list[SurroundingQuery] = field(default_factory=list)
    of: list[Target] = field(default_factory=list)

    def __call__(self, target: Target) -> SurroundingQuery:
        query = (
            SurroundingQuery()
            if self.hangs
            else SurroundingQuery(done=True, found=self.surrounding)
        )
        self.queries.append(query)
        self.of.append(target)
        return query


@pytest.fixture
def accessibility() -> Accessibility:
    return Accessibility()


@pytest.fixture
def harness(accessibility: Accessibility) -> Harness:
    harness = Harness()
    harness.fake.query_surrounding = accessibility
    return harness


def test_text_fits_the_surrounding_text(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = SurroundingText("we need", "more")
    harness.insert("Bananas.")
    harness.run(1.0)
    assert harness.pasted() == [" bananas "]
    assert accessibility.of == [EDITOR]


def test_text_after_the_caret_is_remembered(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = SurroundingText("we need ", "more")
    harness.insert("Bananas", options=InsertOptions(style=Style.RAW))
    harness.run(1.0)
    harness.insert("now", options=InsertOptions(style=Style.RAW))
    harness.run(1.0)
    assert harness.pasted() == ["Bananas ", "now "]


def test_query_during_speech_is_not_repeated(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = AFTER_A_WORD
    harness.insertion.look(EDITOR)
    harness.insertion.look(EDITOR)
    harness.insert("Bananas.")
    harness.run(0.01)
    assert harness.pasted() == [" bananas."]
    assert len(accessibility.queries) == 1


@pytest.mark.parametrize("meanwhile", ["press", "other window", "nobody counts"])
def test_query_is_repeated_after_a_key_press(
    harness: Harness, accessibility: Accessibility, meanwhile: str
) -> None:
    harness.insertion.look(OTHER if meanwhile == "other window" else EDITOR)
    if meanwhile == "press":
        harness.fake.hotkeys.others = 1
    elif meanwhile == "nobody counts":
        harness.fake.hotkeys.others = None
    accessibility.surrounding = AFTER_A_WORD
    harness.insert("Bananas.")
    harness.run(1.0)
    assert harness.pasted() == [" bananas."]


def test_query_is_repeated_after_an_insertion(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = SurroundingText("")
    harness.insert("one", options=InsertOptions(spaced=False))
    harness.run(0.05)
    harness.fake.hotkeys.others = 1  # while the text arrives
    harness.insertion.look(EDITOR)
    harness.run(1.0)
    accessibility.surrounding = SurroundingText("one")
    harness.insert("two")
    harness.run(1.0)
    assert harness.pasted() == ["one", " two"]


def test_own_text_is_known_without_a_query(
    harness: Harness, accessibility: Accessibility
) -> None:
    """Besides, a program that updates late would report the text from before."""
    accessibility.surrounding = SurroundingText("")
    harness.insert("one")
    harness.run(1.0)
    harness.insertion.look(EDITOR)
    harness.insert("Two and three")
    harness.run(1.0)
    assert harness.pasted() == ["One", " two and three"]
    assert len(accessibility.queries) == 1


def test_hanging_program_delays_a_text_by_a_tenth_of_a_second(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.hangs = True
    harness.insert("one")
    assert harness.run(QUERY_S - 0.01) == [] and harness.pasted() == []
    harness.run(0.03)
    assert harness.pasted() == ["one"]
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]


def test_typing_during_the_query_adds_no_delay(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.hangs = True
    harness.insert("one")
    for _ in range(12):
        harness.fake.hotkeys.others = len(accessibility.queries)
        harness.run(0.01)
    assert harness.pasted() == ["one"]


def test_an_answer_that_comes_in_time_counts(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.hangs = True
    harness.insert("Bananas.")
    harness.run(0.05)
    [query] = accessibility.queries
    query.found, query.done = AFTER_A_WORD, True
    harness.run(0.02)
    assert harness.pasted() == [" bananas."]


def test_text_is_spaced_from_our_own_if_accessibility_is_silent(
    harness: Harness, accessibility: Accessibility
) -> None:
    harness.insert("Bananas.")
    harness.run(1.0)
    harness.fake.hotkeys.others = 1
    harness.insert("We need more.")
    harness.run(1.0)
    assert harness.pasted() == ["Bananas.", " We need more."]


def test_no_query_without_smart_spacing(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = AFTER_A_WORD
    harness.insert("Bananas.", options=InsertOptions(spaced=False))
    harness.run(1.0)
    assert harness.pasted() == ["Bananas."]
    assert accessibility.queries == []


def test_undo_takes_out_the_spaces_too(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = SurroundingText("we need", "more")
    harness.insert("Bananas.")
    harness.run(1.0)
    last = harness.insertion._context.recent.last()
    assert last is not None and last.text == " bananas "


def test_field_that_reads_but_rejects_the_text_is_not_reported_as_inserted(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = SurroundingText("12", is_current=True)
    harness.insert("Twelve.")
    assert harness.run(1.0) == [
        InsertReport(7, EntryStatus.UNKNOWN, strings.NOT_CONFIRMED)
    ]
    assert harness.pasted() != []


def test_field_that_shows_the_text_counts_as_inserted(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = SurroundingText("", is_current=True)
    harness.insert("Twelve.", options=InsertOptions(submits=True))
    harness.run(0.1)
    accessibility.surrounding = SurroundingText("Twelve.", is_current=True)
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.fake.paster.submitted == [EDITOR]


def test_user_who_goes_away_during_the_query_loses_nothing(
    harness: Harness, accessibility: Accessibility
) -> None:
    accessibility.surrounding = SurroundingText("12", is_current=True)
    before = harness.fake.clipboard.held
    harness.insert("Twelve.")
    harness.run(0.4)
    harness.insertion.cancel()
    assert not harness.insertion.busy and harness.fake.clipboard.held == before


def test_terminal_is_not_queried(
    harness: Harness, accessibility: Accessibility
) -> None:
    terminal = Target(1, 100, "gnome-terminal-server")
    harness.fake.focus.target = terminal
    accessibility.surrounding = SurroundingText("$", is_current=True)
    harness.insert("Twelve.", terminal)
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]
