"""Everything that set-up installs is present, so no test is skipped for lack of it."""

import ast
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from end_to_end import running_app
from mica.engine.process import openblas
from support import strace, virtual_microphone, xserver

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
#: Import names that differ from the package's name.
PACKAGES = {
    "PIL": "pillow",
    "PySide6": "pyside6-essentials",
    "Xlib": "python-xlib",
    "shiboken6": "pyside6-essentials",
}
APPLE = {"AppKit", "Foundation", "CoreFoundation", "objc", "Quartz"}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", each)[0].lower() for each in requirements}


def debian(purpose: str) -> set[str]:
    lines = (ROOT / "packaging" / "linux" / f"{purpose}.txt").read_text().splitlines()
    return {line for line in lines if not line.startswith("#")}


def test_a_user_gets_nothing_that_only_tests_need() -> None:
    run, test = debian("run"), debian("test")
    assert not run & test
    assert not run & {"xvfb", "xdotool", "xterm", "strace", "espeak-ng", "imagemagick"}
    needed = names(PROJECT["dependencies"])
    wanted = names(PROJECT["optional-dependencies"]["test"])
    assert {"pytest", "mypy", "ruff"} <= wanted
    assert not needed & (wanted | names(PROJECT["optional-dependencies"]["plot"]))


def test_every_package_that_the_app_imports_is_declared() -> None:
    imported = {
        name.split(".")[0]
        for file in (ROOT / "app" / "mica").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
        )
        if not isinstance(node, ast.ImportFrom) or node.level == 0
    }
    declared = names(PROJECT["dependencies"])
    declared |= names(PROJECT["optional-dependencies"]["plot"])
    declared |= {"pyobjc-framework-" + name.lower() for name in APPLE}
    foreign = imported - set(sys.stdlib_module_names) - {"mica"} - APPLE
    packages = {PACKAGES.get(name, name).lower().replace("_", "-") for name in foreign}
    apple = {each for each in packages if f"pyobjc-framework-{each}" in declared}
    assert packages - declared - apple == set()


@pytest.mark.skipif(sys.platform != "linux", reason="set-up installs them on Linux")
def test_every_tool_that_tests_skip_without_is_installed() -> None:
    assert (
        xserver.missing() == virtual_microphone.missing() == running_app.missing() == []
    )
    assert strace.missing() == []
    assert openblas() is not None
    assert shutil.which("shellcheck") is not None
