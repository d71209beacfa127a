from mica.bench.everything import _measured
from mica.bench.report import Row, report
from mica.errors import EngineError


def test_a_benchmark_that_cannot_run_is_named_with_the_reason() -> None:
    def fails() -> dict[str, object]:
        raise EngineError("There is no screen.", "Install Xvfb.")

    found = _measured("app", fails)
    assert (found["bench"], found["rows"]) == ("app", [])
    assert found["model"] == "There is no screen. Install Xvfb."


def test_its_report_is_passed_on() -> None:
    made = report("memory", "pebble", [Row("5min", "mb", None, None, 1.0, None)])
    assert _measured("memory", lambda: made) == made
