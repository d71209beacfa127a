"""Runs all scenarios on a fake Mac."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from host.rehearsal.cases import CASES, Case, allowed
from host.rehearsal.runner import mac_at, run_scenario
from host.rehearsal.scenarios import with_engine


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_scenario(case: Case, tmp_path: Path, qapp: QApplication) -> None:
    mac = mac_at(tmp_path, version=case.version)
    case.prepare(mac)
    run_scenario(case.scenario, mac, qapp)


@pytest.mark.timeout(240)
def test_scenario_with_the_real_engine(tmp_path: Path, qapp: QApplication) -> None:
    mac = mac_at(tmp_path)
    allowed(mac)
    run_scenario(with_engine.a_spoken_sentence, mac, qapp, has_engine=True)
