"""The app that `make app` builds, run as users get it: without Python, PATH or home.

It is built in build/, and rebuilt only if one of its inputs has changed.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from end_to_end.parts import SHORT, field, needs_desktop, spoken, text_of
from end_to_end.running_app import RunningApp, running_app
from mica.cli import strings
from mica.cli.self_test import SAID
from mica.engine.process import openblas
from support import xserver
from support.xserver import until

ROOT = Path(__file__).parents[2]
BUILD_S = 1200
GOAL_MB, GOAL_START_S = 350, 2.0
SLOWEST_START_S = 20.0  # generous, because the machine may be busy
pytestmark = [
    pytest.mark.skipif(sys.platform == "darwin", reason="the workflow tries Mica.app"),
    pytest.mark.timeout(BUILD_S),
]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def folder() -> Path:
    command = [sys.executable, ROOT / "packaging" / "app" / "build.py"]
    subprocess.run(command, check=True, timeout=BUILD_S)
    return ROOT / "build" / "Mica"


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    """A function that runs the app with arguments."""
    environment = {
        "PATH": str(tmp_path / "nothing"),
        "HOME": str(tmp_path),
        "MICA_HOME": str(tmp_path / "mica"),
        "PYTHONHOME": "/nowhere",  # set for another Python
        "PYTHONPATH": str(tmp_path),
    }

    def call(
        *words: str, program: Path = folder / "Mica"
    ) -> "subprocess.CompletedProcess[str]":
        command = [str(program), *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120
        )

    return call


def size_mb(folder: Path) -> float:
    files = [file for file in folder.rglob("*") if not file.is_symlink()]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def test_built_app_dictates_without_python_and_is_small(
    run: Run, folder: Path, record_property: Callable[[str, object], None]
) -> None:
    done = run("--self-test")
    assert done.returncode == 0, done.stderr
    facts = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert facts["text"] == SAID and facts["model"] == "pebble"
    assert re.fullmatch(r"0\.\d+\.\d+ \(manylinux_\w+\)", facts["MLX"])
    assert folder.joinpath("mlx", facts["MLX"][:-1].split("(")[1], "mlx").is_dir()
    size = size_mb(folder)
    record_property("built app, size", f"{size:.0f} MB (goal {GOAL_MB})")
    record_property("built app, self-test", f"text after {facts['latency']}")
    assert size < 1.1 * GOAL_MB


def test_built_app_starts_quickly(
    run: Run, record_property: Callable[[str, object], None]
) -> None:
    times_s = []
    for _ in range(3):
        start_s = time.monotonic()
        done = run("--version")
        times_s.append(time.monotonic() - start_s)
        assert done.returncode == 0 and done.stdout.startswith("mica, version ")
    best_s = min(times_s)
    record_property("built app, start", f"{best_s:.2f} s (goal {GOAL_START_S:.0f})")
    assert best_s < SLOWEST_START_S


def test_built_app_has_every_command(run: Run) -> None:
    listed = run("--help").stdout.split("Commands:")[1].split("\n")
    commands = [line.split()[0] for line in listed if line.strip()]
    assert {"transcribe", "doctor", "uninstall", "bench"} <= set(commands)
    for command in commands:
        done = run(command, "--help")
        assert done.returncode == 0, (command, done.stderr)


def test_built_app_transcribes_a_file_and_passes_its_self_test(run: Run) -> None:
    done = run("transcribe", str(SHORT))
    assert done.returncode == 0 and len(done.stdout.split()) >= 4, done.stderr
    checks = dict(line.split(": ", 1) for line in run("doctor").stdout.splitlines())
    assert "manylinux" in checks["ok      MLX"] and checks["ok      model"] == "pebble"


def test_built_app_reports_a_failure_in_one_sentence(run: Run) -> None:
    for words, code in ((("transcribe", "/no.wav"), 3), (("nonsense",), 2)):
        done = run(*words)
        assert done.returncode == code and done.stderr.startswith("mica: ")
        assert "Traceback" not in done.stderr


def test_built_app_runs_benchmarks_but_no_other_code(run: Run) -> None:
    done = run("bench", "latency", "--lengths", "3", "--recordings", "1")
    assert done.returncode == 0 and "release" in done.stdout, done.stderr
    refused = run("bench", "latency", "--against", "mlx-audio")
    assert refused.returncode == 2 and "source code" in refused.stderr
    other = run("--module", "timeit", "1")
    assert other.returncode == 1 and "not a benchmark" in other.stderr


def test_built_app_shows_the_licenses_of_what_it_contains(run: Run) -> None:
    done = run("--notices")
    assert done.returncode == 0, done.stderr
    listed = done.stdout.split("-" * 72)[0]
    assert "\nnumpy " in listed and "\nQt (inside a package): LGPL" in listed
    assert "mlx-audio" not in listed and "GNU LESSER GENERAL" in done.stdout


def test_built_app_uninstalls_itself(run: Run, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "Mica"
    subprocess.run(["cp", "-al", folder, copy], check=True)  # hard links
    done = run("uninstall", "--yes", program=copy / "Mica")
    assert done.returncode == 0 and str(copy) in done.stdout, done.stderr
    assert (
        done.stderr == f"mica: {strings.UNINSTALLED}\n"
    )  # runs to the end although its code is gone
    assert not copy.exists() and folder.exists()


def test_built_app_contains_only_what_mica_needs(folder: Path) -> None:
    names = {str(file.relative_to(folder)) for file in folder.rglob("*")}
    unwanted = re.compile(
        r"torch|transformers|mlx_audio|scipy/|hf_xet|/PIL/|pytest"
        r"|Qt6(Qml|Quick|Pdf|Wayland|Network|VirtualKeyboard)|/translations/|\.metallib"
        r"|/libopenblas"  # preloaded by `make test`
    )
    assert [name for name in names if unwanted.search(name)] == []
    assert any(name.endswith("platforms/libqxcb.so") for name in names)


def test_built_app_does_not_contain_the_build_path(folder: Path) -> None:
    place = os.fsencode(ROOT)
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert [file for file in files if place in file.read_bytes()] == []


@pytest.fixture(scope="module")
def running(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    home = tmp_path_factory.mktemp("built")
    under = ["/usr/bin/env", f"PATH={home}/nothing"]
    with running_app(home, under=under, program=[str(folder / "Mica")]) as app:
        yield app


@pytest.mark.skipif(openblas() is None, reason="too slow without OpenBLAS")
@needs_desktop[0]
def test_built_app_dictates_into_a_window_and_accepts_commands(
    running: RunningApp, folder: Path, tmp_path: Path
) -> None:
    command, file = field(tmp_path, "letter")
    with xserver.program(command, "letter"):
        with running.listening():
            running.microphone.play(spoken(SHORT))
        row = running.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted" and len(row["text"].split()) >= 4
    environment = {**os.environ, "MICA_HOME": str(running.home)}
    tell = [str(folder / "Mica"), "tell", "quit"]
    assert subprocess.run(tell, env=environment, timeout=60).returncode == 0
    assert running.app.wait(30) == 0
