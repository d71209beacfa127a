"""The contract list says exactly which Apple names the Mac host uses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import mica.host.ports
from mica.host.macos import contract

FOLDER = Path(mica.host.ports.__file__).parent / "macos"
FILES = [file for file in FOLDER.glob("*.py") if file.name != "contract.py"]
CAMEL = re.compile(r"[a-z]+[A-Z]\w*")  # ours are snake_case
C_NAME = re.compile(r"[A-Z]\w+")
LOWER = {"frame", "screens", "alloc", "data", "init", "length", "types"}


def nodes() -> Iterator[ast.AST]:
    for file in FILES:
        yield from ast.walk(ast.parse(file.read_text("utf-8")))


def test_what_is_imported_is_what_is_listed() -> None:
    used: dict[str, set[str]] = {}
    for node in nodes():
        if isinstance(node, ast.ImportFrom) and node.module in contract.IMPORTS:
            used.setdefault(node.module, set()).update(n.name for n in node.names)
    assert used == {module: set(names) for module, names in contract.IMPORTS.items()}


def test_no_other_module_of_apples_is_imported() -> None:
    roots = {
        node.module.split(".")[0]
        for node in nodes()
        if isinstance(node, ast.ImportFrom) and node.module
    }
    ours = {"mica", "collections", "typing"}
    assert roots - ours == set(contract.IMPORTS)


def test_what_is_called_is_what_is_listed() -> None:
    listed = {name for names in contract.SELECTORS.values() for name in names}
    used = {n.attr for n in nodes() if isinstance(n, ast.Attribute)}
    used |= {n.name for n in nodes() if isinstance(n, ast.FunctionDef)}
    selectors = {
        name for name in used if CAMEL.fullmatch(name) or name.endswith("_")
    } - {name for name in used if name.startswith("__")}
    assert selectors <= listed
    assert listed - selectors == LOWER
    assert used >= LOWER


def test_the_carbon_functions_are_the_listed_ones() -> None:
    used = {
        node.attr
        for node in nodes()
        if isinstance(node, ast.Attribute)
        and C_NAME.fullmatch(node.attr)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and ast.unparse(node.value) in ("library", "self._library")
    }
    assert used == set(contract.CARBON)
    texts = {n.value for n in nodes() if isinstance(n, ast.Constant)}
    assert set(contract.CARBON_DATA) <= texts


def test_every_file_is_thin() -> None:
    longest = {f.name: len(f.read_text("utf-8").splitlines()) for f in FILES}
    assert {name: n for name, n in longest.items() if n >= 100} == {}
