"""Faults after the key went up, in captions and at the end. The two files of such tests
run in two processes."""

import pytest
from PySide6.QtWidgets import QApplication

from faults.cells import LATE, cases, complaint
from faults.runs import Case


@pytest.mark.parametrize("case", cases(LATE), ids=str)
def test_nothing_is_lost(case: Case, qapp: QApplication) -> None:
    assert complaint(case, qapp) == ""
