"""The files and classes that CONTRIBUTING.md and README.md name exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APP = ROOT / "app/mica"
DOCUMENTS = ("CONTRIBUTING.md", "README.md")
THREATS = "## Privacy and threats"
WALK = "## From a key press to inserted text"
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w*./-]+\.(?:py|sh|md|c|svg|spec)")
_TEST = re.compile(r"test_\w+")
_CLASS = re.compile(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b")
_FENCED = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)


def section(text: str, title: str) -> str:
    """The part of a document from this heading to the next one of the same level."""
    return text.split(f"{title}\n", 1)[1].split("\n## ", 1)[0]


def named_files(text: str) -> list[str]:
    """The files named in code spans."""
    return [name for name in _CODE.findall(text) if _FILE.fullmatch(name)]


def exists(name: str) -> bool:
    """Whether the repository has this file, given its path or the end of its path."""
    inside = (APP, ROOT / "packaging", ROOT / "tests", ROOT / ".github")
    return any(ROOT.glob(name)) or any(any(one.rglob(name)) for one in inside)


def missing_tests(text: str) -> set[str]:
    """Tests named in code spans that do not exist."""
    named = {name for name in _CODE.findall(text) if _TEST.fullmatch(name)}
    files = (ROOT / "tests").rglob("test_*.py")
    known = {
        node.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    return named - known


def missing_files(text: str) -> list[str]:
    return [name for name in named_files(text) if not exists(name)]


def missing_steps(walk: str) -> list[str]:
    """Files in the walkthrough that do not exist. A name without a folder refers to the
    folder named before it."""
    missing = []
    for row in walk.splitlines():
        folder = "."
        for name in named_files(row):
            folder = name.rpartition("/")[0] or folder
            path = f"{folder}/{name.rpartition('/')[2]}"
            if not any(APP.glob(path)):
                missing.append(path)
    return missing


def app_classes() -> set[str]:
    return {
        node.name
        for file in APP.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert missing_files(text) == []


def test_every_threat_has_tests_that_exist() -> None:
    text = section((ROOT / "CONTRIBUTING.md").read_text("utf-8"), THREATS)
    assert missing_tests(text) == set()
    rows = [row for row in text.splitlines() if row.startswith("| ")][1:]
    bare = [row.split(" | ")[0] for row in rows if "`test_" not in row]
    assert len(rows) > 9 and bare == ["| Programs of the same user"], "not defended"


def test_every_step_of_the_walk_names_real_files() -> None:
    walk = section((ROOT / "CONTRIBUTING.md").read_text("utf-8"), WALK)
    assert len(named_files(walk)) > 20
    assert missing_steps(walk) == []


def test_every_class_in_a_diagram_exists() -> None:
    diagrams = _FENCED.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    named = set(_CLASS.findall("\n".join(diagrams)))
    assert len(diagrams) >= 5 and len(named) > 10
    assert named - app_classes() == set()


def test_a_moved_file_and_a_wrong_folder_are_found() -> None:
    assert missing_tests("`test_a_test_that_is_gone`") == {"test_a_test_that_is_gone"}
    assert missing_files("`errors.py` and `engine/gone.py`") == ["engine/gone.py"]
    row = "| 1. | `engine/worker.py`, `paste.py` |"
    assert missing_steps(row) == ["engine/paste.py"]
