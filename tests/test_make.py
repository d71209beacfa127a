"""The Makefile's targets run commands there are."""

import re
import subprocess
from pathlib import Path

import pytest

from mica.cli.bench import bench

ROOT = Path(__file__).parents[1]


def commands(target: str) -> list[str]:
    """What make would do for it, set up already or not."""
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if line.startswith(".venv/bin/")]


@pytest.mark.parametrize(
    ("target", "programs"),
    [
        ("run", ["mica"]),
        ("lint", ["ruff", "ruff", "mypy", "lint-imports"]),
        ("test", ["ruff", "ruff", "mypy", "lint-imports", "python"]),
        ("bench", ["python", "mica"]),
    ],
)
def test_a_target_runs_its_programs(target: str, programs: list[str]) -> None:
    ran = [line.split()[0].removeprefix(".venv/bin/") for line in commands(target)]
    assert ran == programs


def test_make_bench_measures_everything_beside_the_rival() -> None:
    (asked,) = (line for line in commands("bench") if "mica" in line.split()[0])
    assert asked.split()[1:5] == ["bench", "all", "--against", "mlx-audio"]
    assert "all" in bench.commands


def test_the_readme_names_what_is_measured() -> None:
    named = set(re.findall(r"`mica bench (\w+)", readme()))
    assert {"latency", "encoder", "captions", "memory"} <= named <= set(bench.commands)
    assert "`make bench`" in readme()


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")
