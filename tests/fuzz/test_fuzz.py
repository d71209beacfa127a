"""Fuzzes every parser of what comes from outside, for a short time; see driver.py."""

import pytest

from fuzz import driver


@pytest.mark.timeout(driver.SECONDS + 100)
@pytest.mark.parametrize("target", driver.TARGETS)
def test_no_input_breaks_a_law(target: str, record_property) -> None:
    outcome = driver.fuzz(target, driver.SECONDS)
    assert outcome.found is None, outcome.line
    record_property("fuzz", outcome.line)
