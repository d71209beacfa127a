"""The Makefile's targets run commands that exist."""

import re
import subprocess
from pathlib import Path

import pytest

from mica.cli.bench import bench

ROOT = Path(__file__).parents[1]


def commands(target: str) -> list[str]:
    """The commands make would run for a target, whether or not set-up was done."""
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
        ("app", ["python"]),
        ("lint", ["ruff", "ruff", "mypy", "lint-imports"]),
        ("test", ["ruff", "ruff", "mypy", "lint-imports", "python"]),
        ("audit", ["python"]),
        ("faults", ["python"]),
        ("endurance", ["python"]),
        ("bench", ["python", "mica"]),
    ],
)
def test_make_targets_run_their_programs(target: str, programs: list[str]) -> None:
    ran = [line.split()[0].removeprefix(".venv/bin/") for line in commands(target)]
    assert ran == programs


def test_make_run_says_what_it_does_instead_of_showing_commands() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert 'run: setup-run\n\t@echo "Starting Mica…"\n\t@$(RUN)\n' in makefile
    assert "\n\ttouch " not in makefile


def test_make_bench_measures_everything_beside_the_rival() -> None:
    (command,) = (line for line in commands("bench") if "mica" in line.split()[0])
    assert command.split()[1:5] == ["bench", "all", "--against", "mlx-audio"]
    assert "all" in bench.commands


def stale(target: str, done: tuple[str, ...], tmp_path: Path) -> list[str]:
    """The set-up steps that make would run if these stamps exist."""
    for name in ("Makefile", "pyproject.toml", "packaging"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").mkdir()
    for stamp in done:
        (tmp_path / ".venv" / f".setup-{stamp}").touch()
    command = ["make", "--no-print-directory", "--dry-run", target]
    ran = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return re.findall(r"setup\.sh (\w+)", ran.stdout)


@pytest.mark.parametrize(
    ("target", "done", "wanted"),
    [
        ("run", (), ["run"]),
        ("run", ("run",), []),
        ("test", (), ["test"]),
        ("test", ("run",), ["test"]),
        ("test", ("run", "test"), []),
        ("lint", ("run",), ["test"]),
        ("app", ("run",), ["app"]),
        ("app", ("app",), []),
        ("bench", ("run",), ["test"]),
    ],
)
def test_a_target_sets_up_what_it_needs_and_no_more(
    target: str, done: tuple[str, ...], wanted: list[str], tmp_path: Path
) -> None:
    assert stale(target, done, tmp_path) == wanted


def test_files_named_in_workflows_exist() -> None:
    patterns = {
        pattern
        for file in (ROOT / ".github" / "workflows").glob("*.yml")
        for pattern in re.findall(r"[\w/]+/test_[\w*]+\.py", file.read_text("utf-8"))
    }
    assert patterns
    assert [each for each in patterns if not list(ROOT.glob(each))] == []


def test_the_readme_names_what_is_measured() -> None:
    named = set(re.findall(r"`mica bench (\w+)", readme()))
    assert {"latency", "encoder", "captions", "memory"} <= named <= set(bench.commands)
    assert "`make bench`" in readme()


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")
