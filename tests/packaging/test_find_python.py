"""Which Python set-up chooses, with scripts in place of a machine's programs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "env")
#: A fake Python with a version and a processor; on a fake Mac, it reports macOS.
PYTHON = """#!{python}
import collections, sys
if sys.argv[1:2] == ["-c"]:
    import platform
    sys.version_info = collections.namedtuple("V", "major minor")({version})
    sys.platform, platform.machine = {system!r}, lambda: {machine!r}
    exec(sys.argv[2])
else:
    open({log!r}, "a").write(" ".join(sys.argv[1:]) + chr(10))
    {does}
"""


class Machine:
    """A machine whose PATH has only the programs put here."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder, folder / "bin"
        self.brew, self.log = folder / "brew", folder / "log"
        script = folder / "checkout" / "packaging" / "find_python.sh"
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / "packaging" / "find_python.sh", script)
        self.script = script
        self.bin.mkdir()
        self.log.touch()
        self.system = "Linux"
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)
        self.program("uname", "echo Linux")

    def program(self, name: str, does: str) -> None:
        (self.bin / name).write_text(f"#!/bin/bash\n{does}\n")
        (self.bin / name).chmod(0o755)

    def mac(self, version: str = "15.1", arm64: str = "1") -> None:
        self.system = "Darwin"
        self.program("uname", "echo Darwin")
        self.program("sysctl", f"echo {arm64}")
        self.program("sw_vers", f"echo {version}")

    def python(
        self,
        place: Path,
        version: tuple[int, int],
        machine: str = "arm64",
        does: str = "sys.exit(1)",
    ) -> Path:
        """Install a fake Python.

        does   what it does when run for anything but its version and machine
        """
        place.parent.mkdir(parents=True, exist_ok=True)
        text = PYTHON.format(
            python=os.path.realpath(sys.executable),
            version="{}, {}".format(*version),
            system=self.system.lower(),
            machine=machine,
            log=str(self.log),
            does=does,
        )
        place.write_text(text)
        place.chmod(0o755)
        return place

    def find(self, more: Mapping[str, str] = {}) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": str(self.bin), "HOMEBREW_PREFIX": str(self.brew)}
        command = [str(self.bin / "bash"), str(self.script)]
        return subprocess.run(
            command, env={**environment, **more}, capture_output=True, text=True
        )

    def found(self, more: Mapping[str, str] = {}) -> str:
        done = self.find(more)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_users_python_is_taken_where_it_fits(machine: Machine) -> None:
    mine = machine.python(machine.bin / "python3", (3, 11))
    machine.python(machine.bin / "python3.13", (3, 13))
    assert machine.found() == str(mine)


@pytest.mark.parametrize("version", [(3, 9), (3, 14)])
def test_beside_one_that_does_not_fit_another_is_found(
    machine: Machine, version: tuple[int, int]
) -> None:
    """Xcode's Python is 3.9; the latest of Homebrew and python.org is too new."""
    machine.mac()
    machine.python(machine.bin / "python3", version)
    machine.python(machine.bin / "python3.12", (3, 12), "x86_64")  # under Rosetta
    brewed = machine.python(machine.brew / "bin" / "python3.12", (3, 12))
    assert machine.found() == str(brewed)
    newest = machine.python(machine.bin / "python3.13", (3, 13))
    assert machine.found() == str(newest)


def copying(source: Path, place: Path) -> str:
    """Python code that installs a program by copying another."""
    return (
        "import pathlib, shutil; "
        f"pathlib.Path({str(place.parent)!r}).mkdir(parents=True, exist_ok=True); "
        f"shutil.copy({str(source)!r}, {str(place)!r})"
    )


def test_python_is_downloaded_where_none_fits(machine: Machine) -> None:
    machine.mac()
    build = machine.script.parents[1] / "build"
    made = machine.python(machine.folder / "made", (3, 13))
    fetches = copying(made, build / "python" / "bin" / "python3")
    uv = machine.python(machine.folder / "uv", (3, 9), does=fetches)
    installs = copying(uv, build / "uv" / "bin" / "python")
    machine.python(machine.bin / "python3", (3, 9), does=installs)
    assert machine.found() == "build/python/bin/python3"
    venv, pip, python = machine.log.read_text().splitlines()
    assert venv == "-m venv build/uv"
    assert pip.startswith("-m pip install") and pip.endswith(" uv")
    assert python.startswith("-m uv venv") and "3.13" in python


def test_missing_python_is_reported_with_a_remedy(machine: Machine) -> None:
    machine.mac()
    machine.python(machine.bin / "python3", (3, 9))  # pip fails, as without a network
    done = machine.find()
    assert done.returncode == 1 and done.stdout == ""
    assert "brew install python@3.13" in done.stderr


def test_a_python_that_was_named_is_the_only_one(machine: Machine) -> None:
    mine = machine.python(machine.folder / "mine", (3, 12))
    machine.python(machine.bin / "python3", (3, 13))
    assert machine.found({"PYTHON": str(mine)}) == str(mine)
    machine.python(mine, (3, 9))
    done = machine.find({"PYTHON": str(mine)})
    assert done.returncode == 1 and "3.11 to 3.13" in done.stderr


@pytest.mark.parametrize(
    ("version", "arm64", "message"),
    [("13.6", "1", "macOS 14 or later"), ("15.1", "0", "Apple silicon")],
)
def test_a_mac_that_mlx_does_not_run_on_is_named(
    machine: Machine, version: str, arm64: str, message: str
) -> None:
    machine.mac(version, arm64)
    machine.python(machine.bin / "python3", (3, 12))
    done = machine.find()
    assert done.returncode == 1 and message in done.stderr
