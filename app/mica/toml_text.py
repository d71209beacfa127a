"""Reads TOML that may have mistakes, and changes single values in it.

It works on statements, that is headings and assignments: one with a mistake is left out
and its line reported, and a change leaves all others as they are, with comments and
order. In `sounds = maybe`, newline, `style = "raw"`, the first line is reported and the
second read. Opens no file.
"""

import copy
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import tomli_w

from mica import toml_inline

MAX_LINES: Final = 200  # of one value; a longer one counts as a mistake
MAX_MISTAKES: Final = 100  # statements; a text with more is not TOML
MAX_DEPTH: Final = 20  # of nested tables and lists
_NAN: Final = float("nan")  # the same object, so that containers compare equal
_CLOSES: Final = re.compile(r"[\]}]|'''|\"\"\"")
Keys = tuple[str, ...]  # from the outermost table to the name


class NotTomlError(ValueError):
    """The text has too many mistakes to be TOML."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A heading, an assignment, or a line between them.

    text    its lines, with their ends
    line    the number of its first line, from 1
    table   the table it is in, or opens; None below a heading with a mistake
    value   the value it assigns, in nested tables; None: it assigns none
    """

    text: str
    line: int
    table: Keys | None = ()
    value: Mapping[str, Any] | None = None
    is_heading: bool = False
    is_wrong: bool = False


def values(text: str) -> tuple[dict[str, Any], list[int]]:
    """The text's values, and the numbers of lines with mistakes. Raises NotTomlError if
    there are too many."""
    found = _loaded(text)
    return _by_statements(text) if found is None else (found, [])


def with_value(text: str, path: Keys, value: Any) -> str:
    """The text with this value at the path; None: with no value there."""
    before = values(text)[0]
    expected = _set_value(before, path, value)
    if expected == before:
        return text
    was_valid = _loaded(text) is not None
    for edit in (_edit_statement, _edit_inline_table):
        found = edit(text, path, value)
        is_valid = not was_valid or _loaded(found) is not None
        if is_valid and values(found)[0] == expected:
            return found
    return _rewrite_table(text, path[0], expected)


def _by_statements(text: str) -> tuple[dict[str, Any], list[int]]:
    found: dict[str, Any] = {}
    wrong: list[int] = []
    for one in statements(text):
        if one.is_wrong or not (one.value is None or _merge(found, one.value)):
            wrong.append(one.line)
    return found, wrong


def statements(text: str) -> list[Statement]:
    """The whole text as statements, in order."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    found: list[Statement] = []
    table: Keys | None = ()
    at = wrong = 0
    while at < len(lines):
        one = _statement(lines, at, table)
        table = one.table
        found.append(one)
        wrong += one.is_wrong
        if wrong > MAX_MISTAKES:
            raise NotTomlError
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
        if end > at + 1 and not _CLOSES.search(lines[end - 1]):
            continue
        text = "".join(lines[at:end])
        value = _loaded(text)
        if value is not None:
            inside = None if table is None else _nested(table, value)
            return Statement(text, line, table, inside, is_wrong=table is None)
    return Statement(lines[at], line, table, is_wrong=True)


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        found = tomllib.loads(text, parse_float=_float)
    except (ValueError, RecursionError):
        return None
    return None if _is_too_deep(found) else found


def _float(text: str) -> float:
    number = float(text)
    return _NAN if math.isnan(number) else number


def _is_too_deep(found: Mapping[str, Any]) -> bool:
    inside: list[Any] = [found]
    for _ in range(MAX_DEPTH):
        lists = [one.values() if isinstance(one, dict) else one for one in inside]
        inside = [one for some in lists for one in some if isinstance(one, dict | list)]
        if not inside:
            return False
    return True


def _path(value: Mapping[str, Any]) -> Keys | None:
    """The table that a heading opens; None for an array of tables ([[…]])."""
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
    """Add the values; False if a name already has one, which is kept."""
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name, {}), dict):
            if not _merge(into.setdefault(name, {}), value):
                return False
        elif name in into:
            return False
        else:
            into[name] = value
    return True


def _set_value(found: Mapping[str, Any], path: Keys, value: Any) -> dict[str, Any]:
    """The values with this one at the path."""
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


def _edit_statement(text: str, path: Keys, value: Any) -> str:
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


def _edit_inline_table(text: str, path: Keys, value: Any) -> str:
    """Rewrite the statement that assigns the table: an inline table ({…}), a dotted
    name, or a value that is not a table."""
    new: list[str] = []
    for one in statements(text):
        table = one.table
        on_path = table is not None and path[: len(table)] == table != path
        if not on_path or one.is_heading or not one.value:
            new.append(one.text)
            continue
        assert table is not None
        own, rest = _at(one.value, table), path[len(table) :]
        if rest[0] not in own:
            new.append(one.text)
            continue
        after = _set_value(own, rest, value)
        lines = "".join(
            f"{toml_inline.key(name)} = {toml_inline.inline(after[name])}\n"
            for name in after
        )
        new.append(_replaced(one, lines))
    return "".join(new)


def _rewrite_table(text: str, name: str, expected: Mapping[str, Any]) -> str:
    """The last resort: comment out all that assigns this name, and write it again."""
    new: list[str] = []
    ours = False
    for one in statements(text):
        if one.is_heading:
            ours = name in (_loaded(one.text) or {})
        assigns = ours or (one.value is not None and name in one.value)
        is_statement = one.text.strip() and not one.text.lstrip().startswith("#")
        lines = one.text.splitlines(keepends=True)
        new += [f"# {line}" for line in lines] if assigns and is_statement else lines
    if name not in expected:
        return "".join(new)
    written = tomli_w.dumps({name: expected[name]})
    if isinstance(expected[name], dict):
        ended = ["\n"] if new and not new[-1].endswith("\n") else []
        return "".join([*new, *ended, written])
    return written + "".join(new)


def _at(value: Mapping[str, Any], table: Keys) -> Mapping[str, Any]:
    for name in table:
        value = value[name]
    return value


def _leads_to(value: Mapping[str, Any] | None, path: Keys) -> bool:
    """Whether a statement assigns the value at the path, and no other."""
    inside: Any = value
    for name in path:
        if not isinstance(inside, dict) or list(inside) != [name]:
            return False
        inside = inside[name]
    return True


def _replaced(one: Statement, line: str) -> str:
    """The new line, with the comment at the end of the old one."""
    if not line:
        return ""
    plain = _loaded(one.text)
    for hash_sign in re.finditer("#", one.text):
        if plain is not None and _loaded(one.text[: hash_sign.start()]) == plain:
            return f"{line.rstrip()}  {one.text[hash_sign.start() :].rstrip()}\n"
    return line


def _inserted(all_: list[Statement], table: Keys, line: str) -> str:
    """The text with the line after the last value of its table, or in a new table."""
    lines = [one.text if one.text.endswith("\n") else f"{one.text}\n" for one in all_]
    if not line:
        return "".join(lines)
    positions = [
        place + 1
        for place, one in enumerate(all_)
        if one.table == table and (one.value is not None or one.is_heading)
    ]
    if positions:
        lines.insert(positions[-1], line)
    elif not table:
        first = next((n for n, one in enumerate(all_) if one.is_heading), len(lines))
        lines.insert(first, line)
    else:
        heading = tomli_w.dumps(dict(_nested(table, {"": 0}))).splitlines()[0]
        lines += ["\n"] * bool(lines) + [f"{heading}\n", line]
    return "".join(lines)
