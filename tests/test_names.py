"""Rules for names and sizes in the package: unique class names, few parameters."""

import ast
from collections import defaultdict
from pathlib import Path

import mica

PACKAGE = Path(mica.__file__).parent
MAX_PARAMETERS = 7  # without self and cls
MAX_LINES = 400
LONG_LINES = 300  # longer modules must give a reason


def modules() -> dict[str, str]:
    """The source code of each module, by its path in the package."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {str(file.relative_to(PACKAGE)): file.read_text("utf-8") for file in files}


def test_class_names_are_unique() -> None:
    homes = defaultdict[str, list[str]](list)
    for module, source in modules().items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(module)
    assert len(homes) > 300
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_no_function_takes_more_than_seven_parameters() -> None:
    numbers = dict[str, int]()
    for module, source in modules().items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = node.args
                names = [*given.posonlyargs, *given.args, *given.kwonlyargs]
                counted = [one for one in names if one.arg not in ("self", "cls")]
                numbers[f"{module}:{node.lineno} {node.name}"] = len(counted)
    assert max(numbers.values()) > 1
    assert {name: n for name, n in numbers.items() if n > MAX_PARAMETERS} == {}


def test_no_module_has_over_400_lines() -> None:
    lines = {module: len(source.splitlines()) for module, source in modules().items()}
    assert max(lines.values()) > LONG_LINES / 2
    for module, number in sorted(lines.items()):
        if number > LONG_LINES:
            print(f"{module}: {number} lines")
    assert {module: n for module, n in lines.items() if n > MAX_LINES} == {}
