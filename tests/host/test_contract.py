"""The contract list says exactly which Apple names the Mac host uses, and pyobjc's own
tables, recorded from its wheels for macOS, say that they exist and are called right."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mica.host.ports
from apple_fakes import FakeMac, modules
from apple_types import split_types
from mica.host.macos import contract

FOLDER = Path(mica.host.ports.__file__).parent / "macos"
FILES = [file for file in FOLDER.glob("*.py") if file.name != "contract.py"]
RECORDED = json.loads(
    (Path(__file__).parent / "recorded" / "pyobjc.json").read_text("utf-8")
)
TREES = {file.name: ast.parse(file.read_text("utf-8")) for file in FILES}
CAMEL = re.compile(r"[a-z]+[A-Z]\w*")  # ours are snake_case
C_NAME = re.compile(r"[A-Z]\w+")
LOWER = {"alloc", "data", "frame", "init", "length", "name", "screens", "status"}
LOWER |= {"types", "window"}
OUR_MODULES = {"collections", "contextlib", "mica", "typing"}


def nodes() -> Iterator[ast.AST]:
    for tree in TREES.values():
        yield from ast.walk(tree)


def calls() -> Iterator[ast.Call]:
    return (node for node in nodes() if isinstance(node, ast.Call))


def listed() -> set[str]:
    groups = [*contract.SELECTORS.values(), *contract.CALLBACKS.values(), contract.OURS]
    return {name for names in groups for name in names} | set(contract.PRIVATE)


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
    assert roots - OUR_MODULES == set(contract.IMPORTS)


def test_what_is_called_is_what_is_listed() -> None:
    used = {n.attr for n in nodes() if isinstance(n, ast.Attribute)}
    used |= {n.name for n in nodes() if isinstance(n, ast.FunctionDef)}
    selectors = {
        name for name in used if CAMEL.fullmatch(name) or name.endswith("_")
    } - {name for name in used if name.startswith("__")}
    assert selectors <= listed()
    assert listed() - selectors == LOWER
    assert used >= LOWER


def test_each_selector_is_given_as_many_arguments_as_it_takes() -> None:
    wrong = [
        ast.unparse(call)
        for call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in listed() - LOWER
        and len(call.args) != call.func.attr.lstrip("_").count("_")
    ]
    assert wrong == []


def test_each_c_function_is_given_as_many_arguments_as_it_takes() -> None:
    known = {
        name: said["types"]
        for names in RECORDED["names"].values()
        for name, said in names.items()
        if said["kind"] == "function"
    }
    seen = {}
    for call in calls():
        if isinstance(call.func, ast.Name) and call.func.id in known:
            types = split_types(known[call.func.id])
            seen[call.func.id] = (len(call.args), len(types) - 1)
    assert {name: n for name, n in seen.items() if n[0] != n[1]} == {}
    assert set(seen) == set(known)


@pytest.mark.parametrize(
    ("encoded", "types"),
    [
        ("v", ["v"]),
        ("vI^{__CGEvent=}", ["v", "I", "^{__CGEvent=}"]),
        (
            "{CGRect={CGPoint=dd}{CGSize=dd}}^@",
            ["{CGRect={CGPoint=dd}{CGSize=dd}}", "^@"],
        ),
        (
            "i^{__AXUIElement=}^{__CFString=}^@",
            ["i", *["^{__AXUIElement=}", "^{__CFString=}", "^@"]],
        ),
    ],
)
def test_an_encoding_is_read_type_by_type(encoded: str, types: list[str]) -> None:
    assert split_types(encoded) == types


def test_a_private_selector_is_asked_for_first() -> None:
    asked = {
        ast.unparse(call.args[0])
        for call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "respondsToSelector_"
    }
    for name in contract.PRIVATE:
        selector = "_" + name[1:].replace("_", ":")
        assert repr(selector.encode()) in asked


def test_every_imported_name_is_in_pyobjcs_tables() -> None:
    """But for pyobjc's own: classes are known there by a selector of theirs."""
    known = both("names")
    assert known == {m: set(names) for m, names in contract.IMPORTS.items()}
    assert RECORDED["unlisted"]["names"] == {"objc": ["objc_object"]}


def test_every_selector_is_in_pyobjcs_tables_or_said_to_be_plain() -> None:
    """Record anew when this fails: packaging/macos/record.py."""
    wanted = {**contract.SELECTORS, **contract.CALLBACKS}
    assert both("selectors") == {owner: set(names) for owner, names in wanted.items()}


def both(kind: str) -> dict[str, set[str]]:
    """What was recorded and what no table holds, by owner."""
    found: dict[str, set[str]] = {}
    for part in (RECORDED[kind], RECORDED["unlisted"][kind]):
        for owner, names in part.items():
            found.setdefault(owner, set()).update(names)
    return found


def test_the_pretend_mac_has_apples_numbers() -> None:
    pretended = modules(FakeMac())
    other = [
        name
        for module, names in RECORDED["names"].items()
        for name, said in names.items()
        if "value" in said and getattr(pretended[module], name) != said["value"]
    ]
    assert other == []


def test_selectors_with_an_error_to_fill_give_two_values() -> None:
    """pyobjc returns (done, error) for them, and the code unpacks two."""
    said: dict[str, Any] = RECORDED["selectors"]["SMAppService"]
    assert {name: one["arguments"]["2"] for name, one in said.items()} == {
        "registerAndReturnError_": {"type_modifier": "o"},
        "unregisterAndReturnError_": {"type_modifier": "o"},
    }


def test_monitors_and_promises_have_the_types_that_the_code_answers_with() -> None:
    monitors = RECORDED["selectors"]["NSEvent"]
    handlers = {
        name: said["arguments"]["3"]["callable"]["retval"]["type"]
        for name, said in monitors.items()
    }
    assert handlers == {
        "addGlobalMonitorForEventsMatchingMask_handler_": "v",
        "addLocalMonitorForEventsMatchingMask_handler_": "@",
    }
    promise = RECORDED["selectors"]["NSPasteboardTypeOwner"]
    assert promise["pasteboard_provideDataForType_"]["retval"] == {"type": "v"}


def test_the_libraries_functions_are_the_listed_ones() -> None:
    used = {
        node.attr
        for node in nodes()
        if isinstance(node, ast.Attribute)
        and C_NAME.fullmatch(node.attr)
        and ast.unparse(node.value) in ("library", "self._library")
    }
    functions = {name for names in contract.LIBRARIES.values() for name in names}
    texts = {n.value for n in nodes() if isinstance(n, ast.Constant)}
    assert used <= functions
    assert functions - used <= texts  # asked for by name where it may be missing
    assert set(contract.LIBRARY_DATA) <= texts


def test_ctypes_is_told_as_many_types_as_pyobjc_knows() -> None:
    told = {}
    for node in nodes():
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            place = ast.unparse(node.targets[0]).split(".")
            if place[0] == "library" and place[-1] == "argtypes":
                told[place[1]] = len(node.value.elts)
    known = {n: len(split_types(t)) - 1 for n, t in RECORDED["libraries"].items()}
    assert {name: told[name] for name in known} == known
    assert set(contract.LIBRARIES["CoreAudio"]) <= set(known)


def test_four_letters_are_the_numbers_that_pyobjc_knows() -> None:
    known = {name: said["value"] for name, said in RECORDED["letters"].items()}
    listed = contract.LETTERS
    assert {n: int.from_bytes(code, "big") for n, code in listed.items()} == known
    used = {n.value for n in nodes() if isinstance(n, ast.Constant)}
    assert set(listed.values()) <= used


def test_every_file_is_thin() -> None:
    longest = {f.name: len(f.read_text("utf-8").splitlines()) for f in FILES}
    assert {name: n for name, n in longest.items() if n >= 100} == {}
