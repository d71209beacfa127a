"""Runs all scripts: days with Mica on a fake Mac."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from host.rehearsal.rehearse import mac_at, rehearse
from host.rehearsal.scripts import SCRIPTS, Script, allowed
from host.rehearsal.stories import with_engine


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_day(script: Script, tmp_path: Path, qapp: QApplication) -> None:
    mac = mac_at(tmp_path, version=script.version)
    script.prepare(mac)
    rehearse(script.story, mac, qapp)


@pytest.mark.timeout(240)
def test_a_day_with_the_real_engine(tmp_path: Path, qapp: QApplication) -> None:
    mac = mac_at(tmp_path)
    allowed(mac)
    rehearse(with_engine.a_spoken_sentence, mac, qapp, has_engine=True)
