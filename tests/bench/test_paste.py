"""The simulated readers: Mica passes, and broken implementations are detected."""

import random

from mica.bench import paste
from mica.bench.paste import PasteTally, run, run_trials
from mica.bench.simulated_clipboard import SimulatedClipboard
from mica.host.values import Snapshot, Target
from mica.insertion import clipboard_guard, receipts
from mica.insertion import paste as machine
from mica.insertion.outcome import InsertResult


def test_no_paste_is_wrong_and_no_clipboard_lost() -> None:
    found = run_trials(1500, random.Random(7))
    assert broken(found) == 0 and found.endless == 0
    assert found.inserted > 500 and found.unread > 50
    assert found.refused > 50 and found.newer > 50
    assert found.unknown > 50 and found.unsaved > 30


def test_no_anonymous_paste_is_wrong_and_no_clipboard_lost() -> None:
    found = run_trials(
        1500, random.Random(7), SimulatedClipboard(Snapshot(), is_blind=True)
    )
    assert broken(found) == 0 and found.endless == 0
    assert found.inserted > 500 and found.unread > 50
    assert found.unknown > 50 and found.unsaved > 30


def broken(found: PasteTally) -> int:
    """The number of broken promises."""
    return found.wrong + found.lost + found.twice + found.claimed


def test_bench_catches_any_reader_taken_for_the_target() -> None:
    class Blind(SimulatedClipboard):
        def foreign_reads(self, target: Target) -> int | None:
            return 0

    found = run_trials(500, random.Random(7), Blind(Snapshot()))
    assert found.wrong > 0 and found.claimed > 0


def test_bench_catches_a_clipboard_left_to_a_late_manager(monkeypatch) -> None:
    monkeypatch.setattr(clipboard_guard, "GUARD_S", 0.0)
    assert run_trials(500, random.Random(7)).lost > 0


def test_bench_catches_a_managers_copy_taken_for_the_users(monkeypatch) -> None:
    monkeypatch.setattr(receipts, "is_one_of", lambda held, texts: False)
    assert run_trials(500, random.Random(7)).lost > 0


def test_bench_catches_an_overwritten_unsaved_clipboard() -> None:
    class Careless(SimulatedClipboard):
        def snapshot(self) -> Snapshot:
            return Snapshot(self.held.pieces)

    assert run_trials(500, random.Random(7), Careless(Snapshot())).lost > 0


def test_bench_catches_a_restore_over_a_newer_copy() -> None:
    class Frozen(SimulatedClipboard):
        def change_count(self) -> int:
            return 0

    assert run_trials(500, random.Random(7), Frozen(Snapshot())).lost > 0


def test_bench_catches_a_restore_at_once(monkeypatch) -> None:
    monkeypatch.setattr(machine, "UNREAD_S", 0.1)
    assert run_trials(500, random.Random(7)).wrong > 0


def test_the_report_has_its_rows() -> None:
    both = run(50)["rows"]
    assert len({row["case"] for row in both}) == 2
    rows = {row["metric"]: row["ours"] for row in both}
    assert rows["wrong_pastes"] == rows["clipboards_lost"] == 0
    assert sum(rows[fate.value] for fate in InsertResult if fate.value in rows) == 50
    assert paste.COUNT == 10_000
