"""Mica's own command line, from Python and as the built app."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mica
from mica import program
from mica.bench import child

PACKAGE = Path(mica.__file__).parent
STARTS_PYTHON = re.compile(
    r"sys\.(_base_)?executable|multiprocessing|os\.exec|os\.fork"
)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend to be the built app, which has one executable."""
    executable = Path("/Applications/Mica.app/Contents/MacOS/Mica")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(executable))
    return executable


def test_child_process_ignores_a_foreign_mica_module_in_its_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "mica.py").write_text("raise SystemExit(7)")
    command = program.own_command("--version")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("mica")


def test_the_built_app_runs_itself_again(built: Path) -> None:
    assert program.own_command("--engine") == [str(built), "--engine"]


def test_only_one_module_knows_what_to_run() -> None:
    """Otherwise, a child of the built app could be another app, or fail to start."""
    files = {file: file.read_text("utf-8") for file in PACKAGE.rglob("*.py")}
    found = {
        str(file.relative_to(PACKAGE))
        for file, source in files.items()
        if STARTS_PYTHON.search(source)
    }
    assert found == {"program.py"}


#: Who starts a program, and which one: Mica itself, or the system's own tool.
STARTED = {
    "audio/files.py": 'own_command("--decode")',
    "engine/process.py": "command: list[str]",  # own_command("--engine"): client.py
    "bench/child.py": 'own_command("--module"',
    "cli/doctor_network.py": '"strace"',
    "cli/uninstall.py": '"tccutil"',
    "bench/report.py": '"sysctl"',
    "bench/memory.py": '"ps"',
    "bench/desktop_session.py": '"Xvfb"',
}
_STARTS = re.compile(
    r"subprocess\.(?:run|Popen|call|check_\w+)\(|os\.system|posix_spawn"
)


def test_mica_starts_no_program_that_a_file_could_name() -> None:
    """No setting, keyword or model names a program; each start is known here."""
    files = {file: file.read_text("utf-8") for file in PACKAGE.rglob("*.py")}
    starts = {
        str(file.relative_to(PACKAGE)): source
        for file, source in files.items()
        if _STARTS.search(source)
    }
    assert starts.keys() == STARTED.keys()
    for file, started in STARTED.items():
        assert started in starts[file]
        assert "shell=True" not in starts[file]


@pytest.mark.parametrize("module", ["code", "mica.cli.main", "mica.benchmark", ""])
def test_built_app_runs_no_code_but_its_own(module: str) -> None:
    with pytest.raises(SystemExit) as ended:
        child.be_child(module, "{}")
    assert ended.value.code


def test_a_benchmark_is_run_as_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        sys.executable,
        "-m",
        "mica",
        "--module",
        "mica.bench.latency",
        "nothing",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "JSONDecodeError" in done.stderr  # so it did read its request


@pytest.mark.parametrize(
    ("system", "executable", "folder"),
    [
        ("darwin", "A.app/Contents/MacOS/Mica", "A.app/Contents/Resources"),
        ("linux", "build/Mica/Mica", "build/Mica"),
    ],
)
def test_the_built_app_has_its_resources_beside_its_code(
    system: str,
    executable: str,
    folder: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert program.app_resources() is program.app_folder() is None
    real, link = tmp_path / executable, tmp_path / "mica"
    real.parent.mkdir(parents=True)
    real.touch()
    link.symlink_to(real)  # as Homebrew does on the PATH
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for path in (real, link):
        monkeypatch.setattr(sys, "executable", str(path))
        assert program.app_resources() == tmp_path / folder
        assert program.app_folder() in (tmp_path / "A.app", tmp_path / "build/Mica")
