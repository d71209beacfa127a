"""Reads the tables of a pyobjc `_metadata.py` without running it.

The file is generated. It contains strings with constants and enums, dictionaries of
functions, and calls that register selectors. Its expressions depend only on whether the
system is 64-bit and on whether it is arm64.
"""

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Index of the argument that applies to a 64-bit Mac with Apple silicon.
CHOSEN = {"sel32or64": 1, "selAorI": 0}


@dataclass
class Tables:
    """The tables of one framework.

    names       {"kind": "constant"}, {"kind": "enum", "value": 4096},
                {"kind": "function", "types": "vI^{__CGEvent=}"} or
                {"kind": "type", "types": "^{__AXValue=}"}
    selectors   by class and selector: the types that differ from the default ones
    """

    names: dict[str, dict[str, Any]] = field(default_factory=dict)
    selectors: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def entry(self, name: str) -> dict[str, Any] | None:
        """The entry of a name; classes are recognized only by their selectors."""
        if any(owner == name for owner, _selector in self.selectors):
            return {"kind": "class"}
        return self.names.get(name)


def read_tables(file: Path) -> Tables:
    tables = Tables()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                _assigned(tables, name, value)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="misc"), attr="update"),
                args=[ast.Dict() as entries],
            ):
                _values(tables, entries)
            case ast.Call(func=ast.Name(id="r"), args=[owner, selector, types]):
                place = (_literal(owner), _literal(selector))
                tables.selectors[place] = _literal(types)
    return tables


def _assigned(tables: Tables, name: str, held: ast.expr) -> None:
    if name == "constants":
        for entry in _entries(held):
            tables.names[entry.partition("@")[0]] = {"kind": "constant"}
    elif name == "enums":
        for entry in _entries(held):
            key, _, number = entry.partition("@")
            value = int(number) if number.lstrip("-").isdigit() else number
            tables.names[key] = {"kind": "enum", "value": value}
    elif name == "functions" and isinstance(held, ast.Dict):
        for key, types in zip(held.keys, held.values, strict=True):
            entry = {"kind": "function", "types": _literal(types)[0]}
            tables.names[_literal(key)] = entry
    elif name == "cftypes":
        for key, types, *_rest in _literal(held):
            tables.names[key] = {"kind": "type", "types": types}


def _entries(value: ast.expr) -> list[str]:
    return [entry for entry in _literal(value).split("$") if entry]


def _values(tables: Tables, entries: ast.Dict) -> None:
    """Add the constants that are macros in C; ignore types and structures."""
    for key, value in zip(entries.keys, entries.values, strict=True):
        if isinstance(value, ast.Constant):
            entry = {"kind": "constant", "value": _literal(value)}
            tables.names[_literal(key)] = entry


def _literal(node: ast.expr | None) -> Any:
    """The value of an expression in these tables; bytes are decoded to text."""
    match node:
        case ast.Constant(value=bytes(raw)):
            return raw.decode()
        case ast.Constant(value=value):
            return value
        case ast.Call(func=ast.Name(id=name), args=args) if name in CHOSEN:
            return _literal(args[CHOSEN[name]])
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {str(_literal(key)): _literal(value) for key, value in pairs}
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return [_literal(item) for item in items]
        case ast.BinOp() | ast.UnaryOp():
            return ast.literal_eval(node)
    return ast.unparse(node) if node is not None else None
