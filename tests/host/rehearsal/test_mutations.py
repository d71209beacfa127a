"""Tests that for each fix, a scenario fails if the fix is reverted."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from host.rehearsal.cases import CASES
from host.rehearsal.mutations import MUTATIONS, NOT_SEEN, Mutation
from host.rehearsal.runner import mac_at, run_scenario

FINDINGS = range(1, 24)  # numbers in the audit


def name_of(mutation: Mutation) -> str:
    what = mutation.undo.__name__, mutation.scenario.__name__
    return f"{mutation.finding or ''} {' in '.join(what)}".strip().replace("_", " ")


def test_every_finding_has_a_mutation() -> None:
    seen = {m.finding for m in MUTATIONS}
    assert seen | NOT_SEEN.keys() >= {*FINDINGS}
    assert not NOT_SEEN.keys() & seen


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name_of)
def test_scenario_fails_without_the_fix(
    mutation: Mutation, tmp_path: Path, qapp: QApplication
) -> None:
    """test_scenarios.py verifies that the same scenario passes with the fix."""
    wanted = mutation.scenario, mutation.version
    [case] = [one for one in CASES if (one.scenario, one.version) == wanted]
    mac = mac_at(tmp_path, version=case.version)
    case.prepare(mac)
    with pytest.raises(AssertionError, match=mutation.complaint):
        run_scenario(case.scenario, mac, qapp, mutation.undo)
