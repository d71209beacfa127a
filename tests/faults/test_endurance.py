"""The short version of `make endurance`: what must not grow by a single one."""

from PySide6.QtWidgets import QApplication

from faults.endurance import app


def test_dictations_and_idle_hours_leave_nothing_behind(qapp: QApplication) -> None:
    readings = app(count=16, compared=4, application=qapp, idle_s=1200.0)
    assert len(readings.threads) == 17
    assert max(readings.threads[-5:]) <= max(readings.threads[:5])
    assert max(readings.descriptors[-5:]) <= max(readings.descriptors[:5])
    assert max(readings.files[-5:]) <= max(readings.files[:5])
