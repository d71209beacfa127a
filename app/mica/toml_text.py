"""Reads TOML that may have mistakes, and changes single values in it.

Statement by statement: a mistake costs its own, and a change leaves all others, their
comments and order, as they are. It opens no file.
"""

import copy
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import tomli_w

MAX_LINES: Final = 200  # of one value; what goes on longer is a mistake
Keys = tuple[str, ...]  # from the outermost table to the name


@dataclass(frozen=True, slots=True)
class Statement:
    """A heading, a value, or lines between them.

    text    its lines, with their ends
    line    the number of the first, from 1
    table   it stands in, or opens; None below a heading with a mistake
    value   as nested tables, and of nothing else; None where it gives none
    """

    text: str
    line: int
    table: Keys | None = ()
    value: Mapping[str, Any] | None = None
    is_heading: bool = False
    is_wrong: bool = False


def values(text: str) -> tuple[dict[str, Any], list[int]]:
    """What the text says, and in which lines it could not be understood."""
    try:
        return tomllib.loads(text), []
    except (ValueError, RecursionError):
        return _by_statements(text)


def changed(text: str, path: Keys, value: Any) -> str:
    """The text with this value at the path instead; None: without one."""
    before = values(text)[0]
    expected = _with(before, path, value)
    if expected == before:
        return text
    found = _edited(text, path, value)
    # A form that is not edited in place (a table in braces) is written anew.
    return found if values(found)[0] == expected else tomli_w.dumps(expected)


def _by_statements(text: str) -> tuple[dict[str, Any], list[int]]:
    found: dict[str, Any] = {}
    wrong: list[int] = []
    for one in statements(text):
        if one.is_wrong or not (one.value is None or _merge(found, one.value)):
            wrong.append(one.line)
    return found, wrong


def statements(text: str) -> list[Statement]:
    """All of a text, in order."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    found: list[Statement] = []
    table: Keys | None = ()
    at = 0
    while at < len(lines):
        one = _statement(lines, at, table)
        table = one.table
        found.append(one)
        at += one.text.count("\n") or 1
    return found


def _statement(lines: list[str], at: int, table: Keys | None) -> Statement:
    line, start = at + 1, lines[at].lstrip()
    if not start or start.startswith("#"):
        return Statement(lines[at], line, table)
    if start.startswith("["):
        value = _loaded(lines[at])
        where = _path(value) if value is not None else None
        wrong = where is None
        return Statement(lines[at], line, where, value, True, wrong)
    for end in range(at + 1, min(at + MAX_LINES, len(lines)) + 1):
        text = "".join(lines[at:end])
        value = _loaded(text)
        if value is not None:
            inside = None if table is None else _nested(table, value)
            return Statement(text, line, table, inside, is_wrong=table is None)
    return Statement(lines[at], line, table, is_wrong=True)


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _path(value: Mapping[str, Any]) -> Keys | None:
    """The table that a heading opens; None for one of many, which we have not."""
    path: list[str] = []
    while value:
        [(name, value)] = value.items()
        path.append(name)
        if not isinstance(value, dict):
            return None
    return tuple(path)


def _nested(table: Keys, value: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in reversed(table):
        value = {name: value}
    return value


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> bool:
    """Whether it went in; a name that has a value already keeps it."""
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name, {}), dict):
            if not _merge(into.setdefault(name, {}), value):
                return False
        elif name in into:
            return False
        else:
            into[name] = value
    return True


def _with(found: Mapping[str, Any], path: Keys, value: Any) -> dict[str, Any]:
    """The values with another one at the path."""
    changed = copy.deepcopy(dict(found))
    *tables, name = path
    inside = changed
    for table in tables:
        if not isinstance(inside.get(table), dict):
            if value is None:
                return changed
            inside[table] = {}
        inside = inside[table]
    if value is None:
        inside.pop(name, None)
    else:
        inside[name] = value
    return changed


def _edited(text: str, path: Keys, value: Any) -> str:
    *tables, name = path
    all_ = statements(text)
    holding = [one for one in all_ if one.value and not one.is_heading]
    ours = [one for one in holding if _leads_to(one.value, path)]
    line = "" if value is None else tomli_w.dumps({name: value})
    if ours:
        new = [
            _replaced(one, line) if one is ours[0] else "" if one in ours else one.text
            for one in all_
        ]
        return "".join(new)
    return _inserted(all_, tuple(tables), line)


def _leads_to(value: Mapping[str, Any] | None, path: Keys) -> bool:
    """Whether a statement gives the value at the path, and no other."""
    inside: Any = value
    for name in path:
        if not isinstance(inside, dict) or list(inside) != [name]:
            return False
        inside = inside[name]
    return True


def _replaced(one: Statement, line: str) -> str:
    """The new line, with the comment that stood behind the old one."""
    if not line:
        return ""
    plain = _loaded(one.text)
    for mark in re.finditer("#", one.text):
        if plain is not None and _loaded(one.text[: mark.start()]) == plain:
            return f"{line.rstrip()}  {one.text[mark.start() :].rstrip()}\n"
    return line


def _inserted(all_: list[Statement], table: Keys, line: str) -> str:
    """Behind the last value of its table; in a new one where it has none."""
    lines = [one.text if one.text.endswith("\n") else f"{one.text}\n" for one in all_]
    if not line:
        return "".join(lines)
    behind = [
        place + 1
        for place, one in enumerate(all_)
        if one.table == table and (one.value is not None or one.is_heading)
    ]
    if behind:
        lines.insert(behind[-1], line)
    elif not table:
        first = next((n for n, one in enumerate(all_) if one.is_heading), len(lines))
        lines.insert(first, line)
    else:
        heading = tomli_w.dumps(dict(_nested(table, {"": 0}))).splitlines()[0]
        lines += ["\n"] * bool(lines) + [f"{heading}\n", line]
    return "".join(lines)
