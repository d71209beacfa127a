"""Insertion while the user's dead key or compose sequence is pending in the window."""

from insertion.harness import Harness
from mica.insertion import strings
from mica.insertion.request import InsertReport
from mica.insertion.timing import MODIFIERS_S
from mica.library.store import EntryStatus


def test_no_sent_key_becomes_part_of_a_compose_sequence() -> None:
    """The key would be lost, or produce a letter that was not typed."""
    harness = Harness()
    harness.fake.composes = True
    harness.insert("We met.")
    message = f"{strings.COMPOSING} {strings.ON_CLIPBOARD}"
    assert harness.run(MODIFIERS_S + 0.1) == [
        InsertReport(7, EntryStatus.COPIED, message)
    ]
    assert harness.pasted() == [] and harness.fake.typist.typed == []


def test_text_is_inserted_once_the_composed_letter_arrived() -> None:
    harness = Harness()
    harness.fake.composes = True
    harness.insert("We met.")
    assert harness.run(MODIFIERS_S / 2) == []
    harness.fake.composes = False
    assert [report.status for report in harness.run(1.0) if report] == [
        EntryStatus.INSERTED
    ]
    assert harness.pasted() == ["We met."]


def test_undo_waits_for_a_composed_letter() -> None:
    harness = Harness()
    harness.insert("We met.")
    harness.run(1.0)
    harness.fake.composes = True
    harness.insertion.undo()
    reports = harness.run(MODIFIERS_S + 0.1)
    assert [strings.COMPOSING in (report.message or "") for report in reports] == [True]
