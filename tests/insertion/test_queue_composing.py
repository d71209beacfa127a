"""A dead or compose key of the user's that waits in the window for its letter."""

from insertion.harness import Bench
from mica.insertion.insert_job import COMPOSES, Report
from mica.insertion.paste import MODIFIERS_S
from mica.insertion.queue import COPIED
from mica.library.store import Status


def test_no_key_of_ours_becomes_part_of_what_the_user_composes() -> None:
    """It would be lost, or come out as a letter nobody typed."""
    bench = Bench()
    bench.fake.composes = True
    bench.insert("We met.")
    said = f"{COMPOSES} {COPIED}"
    assert bench.run(MODIFIERS_S + 0.1) == [Report(7, Status.COPIED, said)]
    assert bench.pasted() == [] and bench.fake.typist.typed == []


def test_a_text_goes_in_once_the_letter_came() -> None:
    bench = Bench()
    bench.fake.composes = True
    bench.insert("We met.")
    assert bench.run(MODIFIERS_S / 2) == []
    bench.fake.composes = False
    assert [report.status for report in bench.run(1.0) if report] == [Status.INSERTED]
    assert bench.pasted() == ["We met."]


def test_undo_waits_for_the_letter_too() -> None:
    bench = Bench()
    bench.insert("We met.")
    bench.run(1.0)
    bench.fake.composes = True
    bench.insertion.take_back()
    reports = bench.run(MODIFIERS_S + 0.1)
    assert [COMPOSES in (report.message or "") for report in reports] == [True]
