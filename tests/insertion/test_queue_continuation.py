"""The context that a text is fitted to, and Return after it."""

import pytest

from insertion.harness import EDITOR, OTHER, Harness
from mica.errors import InsertionError
from mica.events import Style
from mica.host.values import EditKey, Keystroke
from mica.insertion import strings
from mica.insertion.options import InsertOptions
from mica.insertion.request import InsertReport
from mica.library.store import EntryStatus


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_text_continues_the_one_before_it(harness: Harness) -> None:
    for text in ("Ask the manager.", "I have,", "And no more"):
        harness.insert(text)
        harness.run(1.0)
    assert harness.pasted() == ["Ask the manager.", " I have,", " and no more"]


def test_waiting_does_not_change_the_context(harness: Harness) -> None:
    harness.insert("we met")
    harness.run(1.0)
    harness.now_s += 3600.0
    harness.insert("In the morning.")
    harness.run(1.0)
    assert harness.pasted() == ["we met", " in the morning."]


@pytest.mark.parametrize(
    ("typed", "inserted"),
    [
        (EditKey.UNKNOWN, " The end."),  # the caret may be anywhere, so add a space
        (" ", "the end."),
        ("\t", "The end."),
        ("\n", "The end."),
    ],
)
def test_text_after_a_key_or_click_is_spaced_unless_a_blank_was_typed(
    harness: Harness, typed: Keystroke, inserted: str
) -> None:
    harness.insert("I need more")
    harness.run(1.0)
    harness.fake.hotkeys.others, harness.fake.strokes = 1, [typed]
    harness.insert("The end.")
    harness.run(1.0)
    assert harness.pasted() == ["I need more", inserted]


def test_a_line_that_the_user_began_has_a_capital(harness: Harness) -> None:
    harness.insert("I need more")
    harness.run(1.0)
    harness.fake.hotkeys.others, harness.fake.strokes = 1, ["\n"]
    harness.insert("the end")
    harness.run(1.0)
    assert harness.pasted()[1] == "The end"


def test_a_key_pressed_while_the_text_arrives_counts(harness: Harness) -> None:
    harness.insert("I need more")
    harness.run(0.05)
    harness.fake.hotkeys.others = 1
    harness.run(1.0)
    harness.insert("The end.")
    harness.run(1.0)
    assert harness.pasted() == ["I need more", " The end."]


def test_text_is_spaced_where_keys_are_not_counted(harness: Harness) -> None:
    harness.fake.hotkeys.others = None
    harness.insert("we met")
    harness.insert("In the morning.")
    harness.run(2.0)
    assert harness.pasted() == ["we met", " In the morning."]


def test_spacing_is_tracked_per_window(
    harness: Harness,
) -> None:
    harness.insert("we met")
    harness.run(1.0)
    harness.fake.focus.target = OTHER
    harness.insert("In Paris.", OTHER)
    harness.run(1.0)
    harness.fake.focus.target = EDITOR
    harness.insert("In the morning.")
    harness.run(1.0)
    assert harness.pasted() == ["we met", "In Paris.", " In the morning."]


def test_unread_text_may_still_come(harness: Harness) -> None:
    harness.insert("we met")
    harness.run(1.0)
    harness.fake.paster.is_read = False
    harness.insert("in London.")
    harness.run(10.0)
    harness.fake.paster.is_read = True
    harness.insert("In the morning.")
    harness.run(1.0)
    assert harness.pasted() == ["we met", " in London.", " In the morning."]


def test_spacing_follows_the_option(harness: Harness) -> None:
    for _ in range(2):
        harness.insert("One", options=InsertOptions(spaced=False))
    harness.run(2.0)
    harness.insert("with", options=InsertOptions(style=Style.RAW))
    harness.insert("The end", options=InsertOptions(style=Style.RAW))
    harness.run(2.0)
    assert harness.pasted() == ["One", "One", " with", " The end"]


def test_trailing_space_is_not_doubled(harness: Harness) -> None:
    harness.insert("One.", options=InsertOptions(ends_spaced=True))
    harness.insert("Two. ", options=InsertOptions(ends_spaced=True))
    harness.insert("Three.")
    harness.run(3.0)
    assert harness.pasted() == ["One. ", "Two. ", "Three."]


def test_return_comes_after_the_text_and_ends_the_sentence_context(
    harness: Harness,
) -> None:
    harness.insert("One.", options=InsertOptions(submits=True))
    assert harness.run(0.1) == [] and harness.fake.paster.submitted == []
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.fake.paster.submitted == [EDITOR]
    harness.insert("two.")
    harness.run(1.0)
    assert harness.pasted() == ["One.", "Two."]


def test_return_waits_for_the_next_dictation_to_end(harness: Harness) -> None:
    harness.insert("One.", options=InsertOptions(submits=True))
    harness.run(0.1, speaking=True)
    harness.fake.paster.is_ready = False
    assert harness.run(5.0, speaking=True) == []
    harness.fake.paster.is_ready = True
    assert harness.run(0.02) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.fake.paster.submitted == [EDITOR]


@pytest.mark.parametrize(
    ("meanwhile", "message"),
    [
        ("key", strings.KEY_PRESSED),
        ("focus", strings.WINDOW_SWITCHED),
        ("modifier", strings.MODIFIER_HELD),
    ],
)
def test_return_is_pressed_only_in_the_window_of_the_text(
    harness: Harness, meanwhile: str, message: str
) -> None:
    harness.insert("One.", options=InsertOptions(submits=True))
    harness.run(0.1)
    if meanwhile == "key":
        harness.fake.hotkeys.others = 1
    elif meanwhile == "focus":
        harness.fake.focus.target = OTHER
    else:
        harness.fake.paster.is_ready = False
    [report] = harness.run(2.0)
    assert report.status is EntryStatus.INSERTED
    assert report.message is not None
    assert report.message == f"{message} {strings.NOT_SUBMITTED}"
    assert harness.fake.paster.submitted == []


def test_failed_return_is_reported_and_the_text_is_inserted(
    harness: Harness,
) -> None:
    harness.insert("One.", options=InsertOptions(submits=True))
    harness.run(0.1)
    harness.fake.paster.refuses = InsertionError("No keys.")
    [report] = harness.run(1.0)
    assert report == InsertReport(
        7, EntryStatus.INSERTED, "No keys. Return was not pressed."
    )
    assert harness.fake.clipboard.copied == []


def test_return_is_not_pressed_for_a_text_that_was_not_inserted(
    harness: Harness,
) -> None:
    harness.fake.paster.is_read = False
    harness.insert("One.", options=InsertOptions(submits=True))
    harness.run(10.0)
    assert harness.fake.paster.submitted == []
