"""The wording of notes about invalid settings."""

import difflib
import math
from datetime import date, time
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

MAX_SHOWN: Final = 40  # characters of an invalid value
LARGE: Final = 1e15
MAX_LISTED: Final = 5  # lines, or unknown settings
UNITS: Final = (" s", " minutes")  # at the end of a setting's name


def display_name(name: str) -> str:
    """A setting's name in words: “idle unload” for idle_unload_minutes."""
    words = name.replace("_", " ")
    for unit in UNITS:
        words = words.removesuffix(unit)
    return words


def expected(kind: Any) -> str:
    """The values that a type allows: “a number from 0 to 1,000”."""
    inside = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return _joined_by_or([expected(one) for one in inside if one is not type(None)])
    if get_origin(kind) is tuple:
        return "a list of names in quotes"
    if inside and inside[0] in (int, float):
        return f"a number from {inside[1].ge:,} to {inside[1].le:,}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _joined_by_or([f"“{one.value}”" for one in kind])
    return "true or false" if kind is bool else "a name in quotes"


def _joined_by_or(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def shown(value: object) -> str:
    """A value as in the file; long values and tables are abbreviated."""
    if isinstance(value, str):
        printable = "".join(
            one if one.isprintable() else "�" for one in value[:MAX_SHOWN]
        )
        return f"“{printable}”" if len(value) <= MAX_SHOWN else f"“{printable}…”"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        is_long = LARGE < abs(value) < math.inf
        return "such a large number" if is_long else f"{value:g}"
    if isinstance(value, date | time):
        return "a date or time"
    return "a list with other values" if isinstance(value, list) else "a table"


def ignored(lines: list[int]) -> str:
    """A note about lines that can't be used."""
    verb = "was" if len(lines) == 1 else "were"
    return (
        f"{_listed(lines)} of the settings file {verb} ignored. "
        "Look for mistakes and repeated settings."
    )


def _listed(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"Line {lines[0]}"
    some = ", ".join(map(str, lines[:MAX_LISTED]))
    return f"Lines {some}{' and more' if len(lines) > MAX_LISTED else ''}"


def unknown(name: str, known: list[str]) -> str:
    """A note about an unknown name, with the nearest known one."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    return f"The unknown setting {shown(name)} was ignored.{hint}"
