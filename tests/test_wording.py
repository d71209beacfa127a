"""Rules for the words that people read, wherever they are printed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mica

PACKAGE = Path(mica.__file__).parent
ROOMS = (
    "audio",
    "cli",
    "dictation",
    "engine",
    "insertion",
    "library",
    "model",
    "store",
    "ui",
)
STRAIGHT = re.compile(r"[a-z}]'[a-z]", re.IGNORECASE)


def printed(tree: ast.AST) -> Iterator[str]:
    """The strings of a module, except docstrings and log lines."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        is_docstring = isinstance(node, ast.Expr) and isinstance(
            node.value, ast.Constant
        )
        is_logged = isinstance(node, ast.Call) and ast.unparse(node.func).startswith(
            "_log."
        )
        if not (is_docstring or is_logged or isinstance(node, ast.Assert)):
            yield from printed(node)


@pytest.mark.parametrize("room", ROOMS)
def test_printed_strings_have_typographic_apostrophes(room: str) -> None:
    files = sorted((PACKAGE / room).rglob("*.py"))
    texts = [
        text for file in files for text in printed(ast.parse(file.read_text("utf-8")))
    ]
    assert texts and [text for text in texts if STRAIGHT.search(text)] == []
