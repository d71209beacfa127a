"""pip's output is reduced to one line of progress."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "pip_progress.py"
sys.path.insert(0, str(SCRIPT.parent))
from pip_progress import PipLog, Step, reason  # noqa: E402  a script, in no package

sys.path.remove(str(SCRIPT.parent))


@pytest.mark.parametrize(
    ("line", "step"),
    [
        (
            "  Downloading mlx-0.32.4-cp311-manylinux.whl (78.2 MB)",
            Step("Downloading mlx 0.32.4 (78.2 MB)", is_long=True),
        ),
        (
            "  Downloading click-8.1.8-py3-none-any.whl.metadata (2.3 kB)",
            Step("Downloading click 8.1.8 (2.3 kB)"),
        ),
        (
            "  Using cached click-8.1.8-py3-none-any.whl (98 kB)",
            Step("Reading click 8.1.8 (98 kB)"),
        ),
        ("Processing ./wheels/av-14.0.0-cp311.whl", Step("Reading av 14.0.0")),
        ("Building wheel for evdev (pyproject.toml)", Step("Building evdev", True)),
        ("Installing collected packages: a, b, c", Step("Installing 3 packages", True)),
        ("Requirement already satisfied: numpy>=1.26 in ./.venv", None),
        ("Building wheels for collected packages: evdev", None),
    ],
)
def test_a_line_of_pip_is_a_step_or_none(line: str, step: Step | None) -> None:
    assert PipLog().push(line) == step


def test_packages_are_counted_as_pip_finds_them() -> None:
    log = PipLog()
    assert log.push("Collecting numpy>=1.26") == Step("Package 1: numpy")
    assert log.push("Collecting mlx[cpu]<0.33 (from mica)") == Step("Package 2: mlx")


def test_progress_of_a_download_follows_pips_bar() -> None:
    log = PipLog()
    log.push("  Downloading mlx-0.32.4-cp311.whl (78.2 MB)")
    bar = "\x1b[2K   \x1b[35m━━━━━━╸\x1b[0m 12.3/78.2 MB 4.5 MB/s eta 0:00:15"
    assert log.push(bar) == Step(
        "Downloading mlx 0.32.4 12.3/78.2 MB 4.5 MB/s eta 0:00:15"
    )


def test_failure_is_shown_from_its_first_error_on() -> None:
    lines = ["Collecting x", "ERROR: No matching distribution", "hint: none"]
    assert reason(lines) == lines[1:]
    assert reason([str(number) for number in range(30)])[0] == "10"


def test_failure_of_pip_is_reported_with_its_reason() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "install", "--no-index", "no-such-thing-here"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "No matching distribution found for no-such-thing-here" in done.stderr
    assert "Looking in" not in done.stderr
